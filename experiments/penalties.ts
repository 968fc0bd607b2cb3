/**
 * @file The effect of the discriminator's gradient penalty on GAIL with one-hot observations, over ten seeds. `node
 * dist/experiments/penalties.js` saves every run in experiments/results/penalties.json as soon as it is finished, skips
 * runs that are there, and writes the table of docs/evidence/adversarial.md.
 */

import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { type PenaltyRun, penaltyRows, penaltyRuns, penaltyTable } from "./penalties/runs.js";

const results = await Results.open<PenaltyRun>("experiments/results/penalties.json");
await penaltyRuns(results, 10);
await results.record(penaltyRows());
await writeBetween("docs/evidence/adversarial.md", "penalties", penaltyTable(results.runs));
