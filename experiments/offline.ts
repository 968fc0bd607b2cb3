/**
 * @file Offline reinforcement learning on data sets made from the zoo's experts: the scores of td3bc, iql and cql beside
 * those of cloning, and controls. `node dist/experiments/offline.js` makes the data sets in runs/offline, saves every run
 * in experiments/results/offline.json as soon as it is finished, skips runs that are there, and writes the tables of
 * docs/evidence/offline.md.
 *
 *     --only iql,Pendulum-v1,medium   only these methods, environments and data sets
 *     --seeds 100,101                 other seeds than 0 to 4
 *     --pages                         train nothing, write the tables of the saved results
 *
 * A score is 100 (R − random) / (expert − random) [Fu et al. 2020], with R the mean return of the policy's mode in 100
 * episodes.
 */

import { parseArgs } from "node:util";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";
import { dataSets, KINDS, recipes } from "./offline/data.js";
import { type DataRecord, methods, type OfflineRun, offlineRuns, recordedRows } from "./offline/runs.js";
import { dataTable, firstPassTable, scoreTable, verdictTable } from "./offline/show.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seeds: { type: "string", default: "0,1,2,3,4" },
    pages: { type: "boolean", default: false },
  },
});
const envs = Object.keys(recipes);
const chosen = selection(values.only?.split(",") ?? [], [...envs, ...KINDS, ...Object.keys(methods)]);

const results = await Results.open<OfflineRun | DataRecord>("experiments/results/offline.json");
if (!values.pages) {
  for (const env of chosen(envs)) {
    await offlineRuns(results, {
      env,
      ...(await dataSets(env, "runs/offline")),
      kinds: chosen(KINDS) as typeof KINDS,
      methods: chosen(Object.keys(methods)),
      seeds: values.seeds.split(",").map(Number),
    });
  }
}
await results.record(recordedRows(results.runs));
const page = "docs/evidence/offline.md";
await writeBetween(page, "data", dataTable(results.runs));
await writeBetween(page, "first pass", firstPassTable(results.runs));
await writeBetween(page, "scores", scoreTable(results.runs));
await writeBetween(page, "verdicts", verdictTable(results.runs));
