/**
 * @file Is the learnt policy as good as the expert's? Maximum causal entropy IRL on 100 random processes and 20 random
 * slippery grids, from an optimal expert's expectations. Writes experiments/results/irl-random.json.
 * `node dist/experiments/irl-random.js`, a minute.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { maxCausalEntIrl } from "../algorithms/index.js";
import { gridworld } from "../envs/gridworld/gridworld.js";
import { mean, TabularPolicy, train } from "../index.js";
import { writeFileAtomic } from "../src/data/files.js";
import { provenance } from "../src/experiment/provenance.js";
import { randomModel, valueIteration } from "../src/mdp/index.js";
import { createRng } from "../src/random/rng.js";
import type { Environment } from "../src/rollout/contracts.js";
import { tabularEnvironment } from "../src/rollout/tabular-environment.js";
import { score } from "./irl/compare-methods.js";

const FOLDER = "experiments/results";
const started = provenance(0);

async function scoreOf(env: () => Environment, rewardOf: "next-state" | "state-action"): Promise<number> {
  const model = env().model!();
  const expert = new TabularPolicy(model.states, valueIteration(model).policy);
  return score(model, await train(maxCausalEntIrl({ expert, rewardOf, tolerance: 1e-2 }), { env, seed: 0 }));
}

const processes: number[] = [];
for (let seed = 0; seed < 100; seed++) {
  const sizes = { states: 5 + (seed % 4) * 5, actions: 2 + (seed % 3), branching: 3, discount: 0.9 };
  const model = randomModel(createRng(seed), sizes);
  processes.push(await scoreOf(() => tabularEnvironment("Random", model), "state-action"));
}
const grids: number[] = [];
for (let layoutSeed = 0; layoutSeed < 20; layoutSeed++) {
  const map = { size: 6, layoutSeed, discount: 0.9, startAnywhere: true };
  grids.push(await scoreOf(() => gridworld(map), "next-state"));
}

const summary = (scores: number[]) => ({
  count: scores.length,
  atLeast99: scores.filter((x) => x >= 0.99).length,
  least: Math.min(...scores),
  mean: mean(scores),
});
const result = {
  provenance: started,
  what: "(J(learner) − J(random)) / (J(expert) − J(random))",
  processes: { ...summary(processes), scores: processes },
  grids: { ...summary(grids), scores: grids },
};
await mkdir(FOLDER, { recursive: true });
const bytes = new TextEncoder().encode(`${JSON.stringify(result, undefined, 1)}\n`);
await writeFileAtomic(join(FOLDER, "irl-random.json"), bytes);
console.log(summary(processes), summary(grids));
