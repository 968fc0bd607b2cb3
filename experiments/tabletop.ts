/**
 * @file How often a scripted policy and random actions solve each kind of task of Tabletop-v0, over 200 tasks, and the
 * rate of steps. `node dist/experiments/tabletop.js` saves every kind in experiments/results/tabletop.json, skips those
 * that are there, and writes the table of docs/reference/environments/tabletop.md.
 */

import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { type RateRun, type TabletopRun, tabletopRuns, tabletopTable } from "./tabletop/runs.js";

const results = await Results.open<TabletopRun | RateRun>("experiments/results/tabletop.json");
await tabletopRuns(results, 200);
await writeBetween("docs/reference/environments/tabletop.md", "tabletop", tabletopTable(results.runs));
