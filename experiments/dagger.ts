/**
 * @file DAgger against behaviour cloning on a road that the expert never leaves, and DAgger with wrong or missing labels.
 * `npm run build && node dist/experiments/dagger.js` writes the results and the pictures in `docs/explanation/dagger.md`
 * in about a minute.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bc, dagger, type Labeller, valueIteration } from "../algorithms/index.js";
import { FULL_LOCK } from "../envs/driving/lane-keeping.js";
import { roadPicture } from "../envs/driving/picture.js";
import { laneKeeper, laneKeeping } from "../envs/index.js";
import { collect, compare, evaluate, train } from "../index.js";
import type { Algorithm } from "../src/learning/contract.js";
import type { Policy } from "../src/policies/contract.js";
import { createRng } from "../src/random/rng.js";
import { provenance } from "../src/runs/provenance.js";
import { imperfectLabels } from "./dagger/labels.js";

const ENV = "LaneKeeping-v0";
const SEEDS = Array.from({ length: 10 }, (_, seed) => seed);
const settings = { hidden: [32], learningRate: 3e-3, loss: "squared-error" as const, epochs: 10 };
const rounds = { rounds: 10, roundSteps: 100 };
/** Return of an episode in which the car stays on the centre line. */
const BEST = 200;

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
const clone = async (seed: number, episodes: number) =>
  bc({
    ...settings,
    demonstrations: await collect(expert, { env: ENV, episodes, seed, deterministic: true }),
  });

const methods: { method: string; labels: number; learner(seed: number): Algorithm | Promise<Algorithm> }[] = [
  ...[5, 20, 80].map((episodes) => ({
    method: "bc",
    labels: BEST * episodes,
    learner: (seed: number) => clone(seed, episodes) as Promise<Algorithm>,
  })),
  ...[3, 5, 10].map((many) => ({
    method: "dagger",
    labels: 100 * many,
    learner: () => dagger({ ...settings, ...rounds, rounds: many, expert }) as Algorithm,
  })),
  {
    method: "dagger, fused",
    labels: 1000,
    learner: () => dagger({ ...settings, ...rounds, expert, combine: "fuse" }) as Algorithm,
  },
  {
    method: "dagger, random labels",
    labels: 1000,
    learner: (seed) => dagger({ ...settings, ...rounds, labeller: atRandom(seed) }) as Algorithm,
  },
];

const results: { method: string; labels: number; scores: number[] }[] = [];
const shown: Record<string, Policy[]> = {};
for (const { method, labels, learner } of methods) {
  const scores: number[] = [];
  shown[`${method} ${labels}`] = [];
  for (const seed of SEEDS) {
    const policy = await train(await learner(seed), { env: ENV, seed });
    scores.push((await evaluate(policy, { env: ENV, episodes: 20, seed: 9 })).mean / BEST);
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
const table = { hidden: [], learningRate: 0.3, minibatchSize: 64 };
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
      bc: await gapOf(await train(bc({ ...table, demonstrations, epochs: 30 }), where)),
      dagger: await gapOf(
        await train(dagger({ ...table, expert: teacher, rounds: 20, roundSteps, epochs: 10 }), where),
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
  settings: { ...settings, ...rounds },
  seeds: SEEDS,
  evaluation: { episodes: 20, seed: 9 },
};
writeFileSync(
  file("experiments/results/lane-keeping.json"),
  `${JSON.stringify({ ...record, provenance: provenance(0), results, corridor, imperfect }, null, 2)}\n`,
);
const picture = roadPicture({ bend: (s) => bends[s], halfWidth: 2, tracks, length: 100, width: 800 });
writeFileSync(file("docs/evidence/dagger/lane-keeping.svg"), `${picture}\n`);
writeFileSync(file("docs/evidence/dagger/labels.svg"), `${labels}\n`);
