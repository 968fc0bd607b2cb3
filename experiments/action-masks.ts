/**
 * @file What Taxi-v3's action mask is worth. `node dist/experiments/action-masks.js [--seeds 5]` saves every run in
 * experiments/results/action-masks.json, skips runs that are there, and writes the tables of
 * docs/evidence/action-masks.md.
 */

import { parseArgs } from "node:util";
import { compared, type MaskRun, maskRows, maskRun, maskTable } from "./action-masks/runs.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "5" } } });

const results = await Results.open<MaskRun>("experiments/results/action-masks.json");
for (let seed = 0; seed < Number(values.seeds); seed++) {
  for (const algorithm of compared) {
    for (const mask of [false, true]) {
      await results.keep(`${algorithm}/${mask}/${seed}`, () => maskRun(algorithm, mask, seed));
    }
  }
}
await results.record(maskRows());
await writeBetween("docs/evidence/action-masks.md", "masks", maskTable(results.runs));
