/**
 * @file What fine-tuning on comparisons, and on a teacher's answers, makes of a clone of noisy demonstrations. `node
 * dist/experiments/fine-tuning.js [--seeds 5] [--only CartPole-v1]` saves every run in
 * experiments/results/fine-tuning.json, skips runs that are there, and writes the tables of docs/evidence/fine-tuning.md.
 */

import { parseArgs } from "node:util";
import { type FineTuningRun, fineTuningRun, fineTuningTables, worlds } from "./fine-tuning/runs.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "5" }, only: { type: "string" } },
});
const envs = worlds.map(({ env }) => env);
const methods = [...new Set(worlds.flatMap((world) => world.methods))];
const chosen = selection(values.only?.split(",") ?? [], [...envs, ...methods]);

const results = await Results.open<FineTuningRun>("experiments/results/fine-tuning.json");
for (let seed = 0; seed < Number(values.seeds); seed++) {
  for (const world of worlds.filter(({ env }) => chosen(envs).includes(env))) {
    for (const method of world.methods.filter((name) => chosen(methods).includes(name))) {
      await results.keep(`${world.env}/${method}/${seed}`, () => fineTuningRun(world, method, seed));
    }
  }
}
await writeBetween("docs/evidence/fine-tuning.md", "fine-tuning", fineTuningTables(results.runs));
