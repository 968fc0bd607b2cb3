/**
 * @file The same learners by their modes and by sampled actions: methods of imitation on CartPole-v1 whose policies are
 * compared by their modes elsewhere. `node dist/experiments/modes.js [--only gail,forwardKl] [--seeds 3]` saves every run
 * in experiments/results/modes.json, skips runs that are there, and writes the table of docs/evidence/imitation.md.
 */

import { parseArgs } from "node:util";
import { compared, type ModeRun, modeRun, modeTable, recordedModeRows } from "./imitation/modes.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";

const { values } = parseArgs({
  options: { only: { type: "string" }, seeds: { type: "string", default: "3" } },
});
const chosen = selection(values.only?.split(",") ?? [], compared);

const results = await Results.open<ModeRun>("experiments/results/modes.json");
for (let seed = 0; seed < Number(values.seeds); seed++) {
  for (const method of chosen(compared)) await results.keep(`${method}/${seed}`, () => modeRun(method, seed));
}
await results.record(recordedModeRows());
await writeBetween("docs/evidence/imitation.md", "modes", modeTable(results.runs));
