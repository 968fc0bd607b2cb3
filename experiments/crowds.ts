/**
 * @file Labels by several annotators: models of annotators on nine data sets, networks from annotations over seeds, with
 * fewer labels, and on simulated common errors. `node dist/experiments/crowds.js --data DIR` saves every run in
 * experiments/results/crowds.json as soon as it is finished, skips runs that are there, and writes the tables of
 * docs/evidence/crowds.md.
 *
 *     --data DIR          folder of the data sets, by the names that experiments/crowds/data.ts reads; without it, only the
 *                         simulated part runs
 *     --parts networks    of aggregators, networks, variants, sparsity and grid; by default all
 *     --sets Music        of Music and LabelMe, for networks
 *     --seeds 0,1         seeds; by default 0 to 9
 *     --pages             train nothing, write the tables of the saved results
 */

import { parseArgs } from "node:util";
import { aggregatorRuns } from "./crowds/aggregators.js";
import { gridRuns } from "./crowds/grid.js";
import { networkRuns } from "./crowds/networks.js";
import {
  aggregatorTable,
  gridTable,
  networkTable,
  recoveryTable,
  sparsityTable,
  variantTable,
} from "./crowds/show.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    parts: { type: "string" },
    sets: { type: "string" },
    seeds: { type: "string", default: "0,1,2,3,4,5,6,7,8,9" },
    pages: { type: "boolean", default: false },
  },
});
const PARTS = ["aggregators", "networks", "grid", "variants", "sparsity"] as const;
const chosen = selection(values.parts?.split(",") ?? [], PARTS)(PARTS) as typeof PARTS;
const seeds = values.seeds.split(",").map(Number);
const folder = values.data;

const results = await Results.open<object>("experiments/results/crowds.json");
if (!values.pages) {
  for (const part of chosen) {
    if (part === "grid") await gridRuns(results, { seeds });
    else if (folder === undefined) console.log(`${part}: left out, as no --data is given`);
    else if (part === "aggregators") await aggregatorRuns(results, folder);
    else await networkRuns(results, { folder, part, seeds, sets: values.sets?.split(",") });
  }
}
const page = "docs/evidence/crowds.md";
for (const [mark, table] of Object.entries({
  aggregators: aggregatorTable,
  networks: networkTable,
  variants: variantTable,
  sparsity: sparsityTable,
  grid: gridTable,
  recovery: recoveryTable,
})) {
  await writeBetween(page, mark, table(results.runs as never));
}
