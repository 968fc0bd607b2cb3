/** @file Demonstrations for the learners on CartPole (every 20th pair of one episode), and their scores. */

import { ppo } from "../../algorithms/index.js";
import { collect, createRng, evaluate, mean, train } from "../../index.js";
import { subsample } from "../../src/datasets/demonstration-tools.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { panels, rangeAt } from "../lib/panels.js";
import { learnerOf, type PlainRun } from "../lib/plain-run.js";
import { BANDWIDTHS, ENV, withBandwidth } from "./methods.js";

const expert = await train(ppo(), { env: ENV, steps: 50_000, seed: 0 });
const shown = await collect(expert, { env: ENV, episodes: 1, seed: 1, deterministic: true });
export const demonstrations = subsample(shown, { every: 20, rng: createRng("pairs") });

/** @param seed of the start states: each learner has its own */
const measured = async (policy: Policy, seed: number | string) =>
  (await evaluate(policy, { env: ENV, episodes: 50, seed })).mean;
export const returns = {
  expert: await measured(expert, 2),
  random: await measured(new UniformPolicy(shown.observationSpace, shown.actionSpace), 2),
};

/** Normalised scores of the modes, one per seed: 0 is a random policy, 1 the demonstrating expert. */
export async function scores(row: PlainRun, seeds: number): Promise<number[]> {
  const found = [];
  const { algorithm, steps } = learnerOf(row, { demonstrations });
  for (let seed = 0; seed < seeds; seed++) {
    const policy = await train(algorithm, { env: ENV, steps, seed });
    found.push(normalisedScore(await measured(policy, `score/${seed}`), returns));
  }
  return found;
}

/** Scores of density rewards, by the standard deviation of the kernels. */
export async function bandwidths(seeds: number) {
  const rows = [];
  for (const bandwidth of BANDWIDTHS) {
    const found = await scores(withBandwidth(bandwidth), seeds);
    rows.push({ bandwidth, mean: mean(found), scores: found });
    console.log(`density, bandwidth ${bandwidth}: ${found.map((x) => x.toFixed(2)).join(", ")}`);
  }
  const points = rows.map(({ bandwidth, scores: own }) => rangeAt(bandwidth, own));
  const picture = await panels(
    [
      {
        title: "Density on CartPole: score by bandwidth",
        x: "kernel bandwidth (standard deviation)",
        y: "normalised score",
        yScale: { type: "linear" },
        from: 0,
        reference: 1,
        curves: [{ name: `mean and range of ${seeds} seeds`, colour: "#57606a", points }],
      },
    ],
    1,
  );
  return { rows, picture };
}
