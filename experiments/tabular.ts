/**
 * @file Tuned Q-learning and SARSA against the exact optimum, three seeds each, in a few minutes. `node
 * dist/experiments/tabular.js` keeps every run at once in experiments/results/tabular.json, runs none again that is
 * there, and writes the table of docs/evidence/reinforcement-learning.md.
 */

import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { type TabularRun, tabularRuns, tabularTable } from "./tabular/runs.js";

const results = await Results.open<TabularRun>("experiments/results/tabular.json");
await tabularRuns(results, 3);
await writeBetween("docs/evidence/reinforcement-learning.md", "tabular", tabularTable(results.runs));
