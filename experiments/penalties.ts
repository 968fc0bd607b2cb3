/**
 * @file What the discriminator's gradient penalty does to GAIL where observations are one-hot, over ten seeds. `node
 * dist/experiments/penalties.js` goes on where it was stopped: every run is kept at once in
 * experiments/results/penalties.json, none that is there is run again, and the table of docs/evidence/adversarial.md is written.
 */

import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { type PenaltyRun, penaltyRuns, penaltyTable } from "./penalties/runs.js";

const results = await Results.open<PenaltyRun>("experiments/results/penalties.json");
await penaltyRuns(results, 10);
await writeBetween("docs/evidence/adversarial.md", "penalties", penaltyTable(results.runs));
