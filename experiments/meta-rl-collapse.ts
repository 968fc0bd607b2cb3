/**
 * @file Takes apart a run of MILET on PointGoal-v0 that gets worse. `node dist/experiments/meta-rl-collapse.js` trains it,
 * saves each part in experiments/results/meta-rl-collapse.json and writes the table of docs/evidence/meta-rl.md.
 */

import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { collapseParts, collapseTable, type Part } from "./meta-rl/collapse.js";

const results = await Results.open<Part>("experiments/results/meta-rl-collapse.json");
await collapseParts(results, "runs/meta-rl-collapse");
await writeBetween("docs/evidence/meta-rl.md", "collapse", collapseTable(results.runs));
