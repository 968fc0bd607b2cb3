/**
 * @file DAgger against behaviour cloning on a road that the expert never leaves, and DAgger with wrong or missing labels.
 * `npm run build && node dist/experiments/dagger.js` writes the results and the pictures in `docs/explanation/dagger.md`
 * in about a minute.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Labeller, valueIteration } from "../algorithms/index.js";
import { FULL_LOCK } from "../envs/driving/lane-keeping.js";
import { roadPicture } from "../envs/driving/picture.js";
import { laneKeeper, laneKeeping } from "../envs/index.js";
import { collect, compare, evaluate, train } from "../index.js";
import type { Policy } from "../src/policies/contract.js";
import { createRng } from "../src/random/rng.js";
import { provenance } from "../src/runs/provenance.js";
import { imperfectLabels } from "./dagger/labels.js";
import { BEST, ENV, recordedRows, rows, type Source } from "./dagger/rows.js";
import { learnerOf } from "./lib/plain-run.js";

const SEEDS = Array.from({ length: 10 }, (_, seed) => seed);
const expert = laneKeeper();
const atRandom = (seed: number): Labeller => {
  const rng = createRng(seed).stream("labels");
  return {
    kind: "random",
    async *label({ queries }) {
      yield queries.map(({ id }) => ({ id, action: [2 * rng.uniform() - 1] }));
    },
  };
};
/** What a row learns from: demonstrations, the expert, or labels at random. */
const sources: Record<Source, (seed: number, episodes: number) => object | Promise<object>> = {
  demonstrations: async (seed, episodes) => ({
    demonstrations: await collect(expert, { env: ENV, episodes, seed, deterministic: true }),
  }),
  expert: () => ({ expert }),
  random: (seed) => ({ labeller: atRandom(seed) }),
};

const results: { method: string; labels: number; scores: number[] }[] = [];
const shown: Record<string, Policy[]> = {};
for (const { method, labels, row, from } of rows) {
  const scores: number[] = [];
  shown[`${method} ${labels}`] = [];
  for (const seed of SEEDS) {
    const { algorithm, steps } = learnerOf(row, { ...(await sources[from](seed, labels / BEST)) });
    const policy = await train(algorithm, { env: ENV, seed, steps });
    scores.push((await evaluate(policy, { env: ENV, episodes: 20, seed: `score/${seed}` })).mean / BEST);
    shown[`${method} ${labels}`].push(policy);
  }
  results.push({ method, labels, scores });
  process.stderr.write(`${method}, ${labels} labels: ${scores.map((score) => score.toFixed(2)).join(" ")}\n`);
}

/** The offsets of a policy along the road of seed 4, until it leaves the road. */
async function track(policy: Policy): Promise<number[]> {
  const car = laneKeeping();
  let row = car.reset({ seed: 4 }).observation as Float32Array;
  const offsets = [row[0]];
  for (let ended = false; !ended && offsets.length <= 100; ) {
    const { actions } = await policy.act(row, { rng: createRng(0), deterministic: true });
    const { observation, terminated } = car.step(actions);
    row = observation as Float32Array;
    offsets.push(row[0]);
    ended = terminated;
  }
  return offsets;
}

const car = laneKeeping();
car.reset({ seed: 4 });
const bends: number[] = [];
for (let s = 0; s <= 100; s++) {
  const row = (
    s === 0 ? car.reset({ seed: 4 }).observation : car.step([bends[s - 1] / FULL_LOCK]).observation
  ) as Float32Array;
  bends.push(FULL_LOCK * row[2]);
}
const tracks = [];
for (const [key, colour] of [
  ["bc 4000", "#cf222e"],
  ["dagger 1000", "#1a7f37"],
]) {
  for (const policy of shown[key]) tracks.push({ offsets: await track(policy), colour });
}

/** Exact gaps on the corridor: of behaviour cloning from 20 episodes, and of DAgger with half as many labels. */
const teacher = await train(valueIteration(), { env: "Corridor-v0" });
const corridor: {
  seed: number;
  labels: Record<"bc" | "dagger", number>;
  gaps: Record<"bc" | "dagger", number>;
}[] = [];
for (const seed of SEEDS) {
  const where = { env: "Corridor-v0", seed };
  const demonstrations = await collect(teacher, { ...where, episodes: 20, deterministic: true });
  const cloned = demonstrations.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
  const roundSteps = Math.floor(cloned / 40);
  const gapOf = async (policy: Policy) =>
    (await compare(teacher, policy, { ...where, sampled: false })).exact!.gap;
  corridor.push({
    seed,
    labels: { bc: cloned, dagger: 20 * roundSteps },
    gaps: {
      bc: await gapOf(
        await train(learnerOf({ algorithm: "bc", env: where.env }, { demonstrations }).algorithm, where),
      ),
      dagger: await gapOf(
        await train(
          learnerOf({ algorithm: "dagger", env: where.env, options: { roundSteps } }, { expert: teacher })
            .algorithm,
          where,
        ),
      ),
    },
  });
}

const { picture: labels, ...imperfect } = await imperfectLabels(SEEDS.length);

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
mkdirSync(file("experiments/results"), { recursive: true });
mkdirSync(file("docs/evidence/dagger"), { recursive: true });
const record = {
  environment: ENV,
  rows: recordedRows(),
  seeds: SEEDS,
  evaluation: { episodes: 20, seed: "score/SEED" },
};
writeFileSync(
  file("experiments/results/lane-keeping.json"),
  `${JSON.stringify({ ...record, provenance: await provenance(0), results, corridor, imperfect }, null, 2)}\n`,
);
const picture = roadPicture({ bend: (s) => bends[s], halfWidth: 2, tracks, length: 100, width: 800 });
writeFileSync(file("docs/evidence/dagger/lane-keeping.svg"), `${picture}\n`);
writeFileSync(file("docs/evidence/dagger/labels.svg"), `${labels}\n`);
