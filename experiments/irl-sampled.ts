/**
 * @file Inverse reinforcement learning with continuous states: every sampled method on CartPole-v1 and, with continuous
 * actions, on Pendulum-v1. `node dist/experiments/irl-sampled.js` saves every run in
 * experiments/results/irl-sampled.json as soon as it is finished, skips runs that are there, and writes the table of
 * docs/evidence/inverse-rl.md.
 *
 *     --only Pendulum-v1,network    only these environments and methods
 *     --seeds 3                     number of seeds, instead of 10 on CartPole-v1 and 3 on Pendulum-v1
 *     --table                       train nothing, write the table of the saved results
 */

import { parseArgs } from "node:util";
import {
  CONTROLS,
  continuousTask,
  recordedSampledRows,
  type SampledRun,
  sampledEnvironments,
  sampledMethods,
  sampledNames,
  sampledRun,
} from "./irl/sampled.js";
import { sampledTable } from "./irl/table.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const SEEDS: Record<string, number> = { "CartPole-v1": 10, "Pendulum-v1": 3 };
const CONTROL_SEEDS = 3;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seeds: { type: "string" },
    table: { type: "boolean", default: false },
  },
});
const chosen = selection(values.only?.split(",") ?? [], [...sampledEnvironments, ...sampledNames]);

const results = await Results.open<SampledRun>("experiments/results/irl-sampled.json");
for (const env of values.table ? [] : chosen(sampledEnvironments)) {
  const task = await continuousTask(env);
  const own = chosen(sampledNames).filter((method) => method in sampledMethods[env]);
  // Seed by seed, so that an early stop leaves all methods with fewer seeds.
  for (let seed = 0; seed < Number(values.seeds ?? SEEDS[env]); seed++) {
    for (const by of ["expert", "random"] as const) {
      for (const method of own) {
        if (by === "random" && (seed >= CONTROL_SEEDS || !CONTROLS.includes(method))) continue;
        const key = `${env}/${method}/${by}/${seed}`;
        await results.keep(key, () => sampledRun(task, { env, method, by, seed }));
      }
    }
  }
}

await results.record(recordedSampledRows());
const table = sampledTable(results.runs);
console.log(table);
await writeBetween("docs/evidence/inverse-rl.md", "sampled", table);
