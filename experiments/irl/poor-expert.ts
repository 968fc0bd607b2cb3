/** @file Learning from a random demonstrator: with known signs of the weights, the learner exceeds the demonstrator. */

import { apprenticeship, gameTheoretic } from "../../algorithms/index.js";
import { macroCells } from "../../envs/gridworld/macro-cells.js";
import { TabularPolicy, train } from "../../index.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { evaluatePolicy, policyReturn, uniformTable, valueIteration } from "../../src/mdp/index.js";
import type { Policy } from "../../src/policies/contract.js";
import { lineChart } from "../lib/line-chart.js";

export interface PoorExpertResult {
  seed: number;
  /** Expected discounted returns under the true reward. */
  expert: number;
  best: number;
  signsKnown: number;
  signsUnknown: number;
  apprenticeship: number;
}

/**
 * Macro-cells of which a known subset can have positive weights. The occupancy of a random expert has no information on
 * the weights, but the adversary cannot penalise a learner that visits all of them more often than the expert.
 */
function world(seed: number) {
  const make = () => macroCells({ size: 8, macro: 2, rewardSeed: seed, density: 0.3, discount: 0.9 });
  const environment = make();
  const model = environment.model!();
  const { weights, features: all } = environment.grid;
  // The features: all with a positive weight, and as many with weight 0.
  const good = [...weights!.keys()].filter((k) => weights![k] > 0);
  const others = [...weights!.keys()].filter((k) => weights![k] === 0).slice(0, good.length);
  const features = all!.map((row) => [...good, ...others].map((k) => row[k]));
  return { make, model, shown: { expert: new TabularPolicy(model.states, uniformTable(model)), features } };
}

export async function poorExpert(seeds: number): Promise<PoorExpertResult[]> {
  const results = [];
  for (let seed = 0; seed < seeds; seed++) {
    const { make, model, shown } = world(seed);
    const learn = async (algorithm: Parameters<typeof train>[0]) =>
      worthOf(model, await train(algorithm, { env: make, seed }));
    results.push({
      seed,
      expert: policyReturn(model, evaluatePolicy(model, uniformTable(model))),
      best: policyReturn(model, valueIteration(model).values),
      signsKnown: await learn(gameTheoretic({ ...shown, signs: "known", iterations: 60 }) as never),
      signsUnknown: await learn(gameTheoretic({ ...shown, iterations: 60 }) as never),
      apprenticeship: await learn(apprenticeship({ ...shown, iterations: 30 }) as never),
    });
  }
  return results;
}

/** J(mixture) − J(expert) of the game-theoretic method, by round. */
export async function poorExpertChart(): Promise<string> {
  const { make, shown } = world(0);
  const above = async (signs: "known" | "unknown") => {
    const algorithm = gameTheoretic({ ...shown, signs, iterations: 60, diagnosticsEvery: 1 });
    const { metrics } = await train.run(algorithm, { env: make, seed: 0 });
    return metrics.map(({ steps, valueGap }) => [steps, -valueGap] as const);
  };
  return lineChart({
    title: "Game-theoretic learner: gain over a random expert",
    x: "round",
    y: "J(mixture) − J(expert)",
    xTicks: [0, 20, 40, 60],
    yTicks: [-0.5, 0, 0.5, 1],
    lines: [
      { label: "signs known", colour: "#1f6feb", points: await above("known") },
      { label: "signs unknown", colour: "#cf222e", dashed: true, points: await above("unknown") },
    ],
  });
}

const worthOf = (model: TabularModel, policy: Policy): number =>
  policyReturn(model, evaluatePolicy(model, policy.toData().arrays.table.data as Float64Array));
