/**
 * @file Compares tuned Q-learning and SARSA with the exact optimum, for three seeds, in a few minutes. `node
 * dist/experiments/tabular.js` saves every run in experiments/results/tabular.json as soon as it is finished, skips runs
 * that are there, and writes the table of docs/evidence/reinforcement-learning.md.
 */

import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { type TabularRun, tabularRuns, tabularTable } from "./tabular/runs.js";

const results = await Results.open<TabularRun>("experiments/results/tabular.json");
await tabularRuns(results, 3);
await writeBetween("docs/evidence/reinforcement-learning.md", "tabular", tabularTable(results.runs));
