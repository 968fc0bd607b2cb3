/**
 * @file Compares the value of the learnt policy with that of the expert: both maximum entropy methods on random processes
 * and random grids, with deterministic and stochastic outcomes, from the exact feature expectations of an optimal expert.
 * `node dist/experiments/irl-random.js` writes experiments/results/irl-random.json in two minutes.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { maxCausalEntIrl, maxEntIrl } from "../algorithms/index.js";
import { gridworld } from "../envs/gridworld/gridworld.js";
import { mean, TabularPolicy, train } from "../index.js";
import type { Environment } from "../src/env/contracts.js";
import { tabularEnvironment } from "../src/env/tabular-environment.js";
import type { Algorithm } from "../src/learning/contract.js";
import { randomModel, valueIteration } from "../src/mdp/index.js";
import type { Policy } from "../src/policies/contract.js";
import { createRng } from "../src/random/rng.js";
import { provenance } from "../src/runs/provenance.js";
import { writeFileAtomic } from "../src/state/files.js";
import { score } from "./irl/compare-methods.js";
import { STEPS } from "./irl/worlds.js";

const FOLDER = "experiments/results";
const started = await provenance(0);

const discount = 0.9;
type RewardOf = "next-state" | "state-action";
const until = { tolerance: 1e-3, iterations: 1000 };
const methods: Record<string, (expert: Policy, rewardOf: RewardOf) => Algorithm> = {
  maxCausalEntIrl: (expert, rewardOf) => maxCausalEntIrl({ expert, rewardOf, ...until }) as Algorithm,
  maxEntIrl: (expert, rewardOf) =>
    maxEntIrl({ expert, rewardOf, horizon: STEPS, discount, ...until }) as Algorithm,
};

/** A random process whose actions have the given number of outcomes. */
const process = (seed: number, branching: number) => {
  const sizes = { states: 5 + (seed % 4) * 5, actions: 2 + (seed % 3), branching, discount };
  return tabularEnvironment("Random", randomModel(createRng(seed), sizes));
};
const grid = (layoutSeed: number, slip: number) =>
  gridworld({ size: 6, layoutSeed, slip, discount, startAnywhere: true });
type Problems = { count: number; rewardOf: RewardOf; make: (seed: number) => Environment };
const problems: Record<string, Problems> = {
  "processes, three outcomes": { count: 100, rewardOf: "state-action", make: (seed) => process(seed, 3) },
  "processes, one outcome": { count: 100, rewardOf: "state-action", make: (seed) => process(seed, 1) },
  "grids, slippery": { count: 20, rewardOf: "next-state", make: (seed) => grid(seed, 0.2) },
  "grids, not slippery": { count: 20, rewardOf: "next-state", make: (seed) => grid(seed, 0) },
};

const rows = [];
for (const [problem, { count, rewardOf, make }] of Object.entries(problems)) {
  for (const [method, algorithm] of Object.entries(methods)) {
    const scores = [];
    for (let seed = 0; seed < count; seed++) {
      const env = () => make(seed);
      const model = env().model!();
      const expert = new TabularPolicy(model.states, valueIteration(model).policy);
      scores.push(score(model, await train(algorithm(expert, rewardOf), { env, seed: 0 })));
    }
    const atLeast99 = scores.filter((x) => x >= 0.99).length;
    const row = { problem, method, count, atLeast99, least: Math.min(...scores), mean: mean(scores) };
    rows.push({ ...row, scores });
    console.log(row);
  }
}
const result = {
  provenance: started,
  what: "(J(learner) − J(random)) / (J(expert) − J(random))",
  rows,
};
await mkdir(FOLDER, { recursive: true });
const bytes = new TextEncoder().encode(`${JSON.stringify(result, undefined, 1)}\n`);
await writeFileAtomic(join(FOLDER, "irl-random.json"), bytes);
