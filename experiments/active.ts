/**
 * @file Active learning on handwritten digits: acquisitions over seeds. `node dist/experiments/active.js --data FILE` saves
 * every run in experiments/results/active.json as soon as it is finished, skips runs that are there, and writes the tables
 * of docs/evidence/active-learning.md.
 *
 *     --data FILE   the test part of the UCI set "Optical Recognition of Handwritten Digits": 1797 lines of 64 pixels and
 *                   the class; scikit-learn has the same digits
 *     --parts linear,network,copies  parts; by default all
 *     --seeds 0,1   seeds; by default 0 to 9
 *     --pages       train nothing, write the tables of the saved results
 */

import { parseArgs } from "node:util";
import { acquisitionRun } from "../src/runs/acquisition-comparison.js";
import { digitsFrom } from "./active/digits.js";
import { type ActiveRun, partNames, parts } from "./active/parts.js";
import { tableOf } from "./active/show.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    parts: { type: "string" },
    seeds: { type: "string", default: "0,1,2,3,4,5,6,7,8,9" },
    pages: { type: "boolean", default: false },
  },
});
const chosen = selection(values.parts?.split(",") ?? [], partNames)(partNames);

const results = await Results.open<ActiveRun>("experiments/results/active.json");
if (!values.pages) {
  if (values.data === undefined) throw new Error("give the file of the digits: --data FILE");
  const digits = await digitsFrom(values.data);
  for (const part of chosen) {
    const { acquisitions, options, set = (whole) => whole } = parts[part];
    for (const seed of values.seeds.split(",").map(Number)) {
      for (const [name, acquisition] of Object.entries(acquisitions)) {
        await results.keep(`${part}, ${name}, seed ${seed}`, async () => ({
          part,
          ...(await acquisitionRun(set(digits), acquisition, { name, seed, options: options })),
        }));
      }
    }
  }
}
for (const part of partNames)
  await writeBetween("docs/evidence/active-learning.md", part, tableOf(results.runs, part));
