/**
 * @file Whose comparisons count, and which pairs are asked, where rewards are linear and fits are exact. `node
 * dist/experiments/comparisons.js [--seeds 20]` saves every run in experiments/results/comparisons.json, skips runs that
 * are there, and writes the tables of docs/evidence/preferences.md.
 */

import { parseArgs } from "node:util";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { type QueryRun, queryRun, type TrustRun, trustRun } from "./preferences/lines.js";
import { queryTable, trustTable } from "./preferences/lines-show.js";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "20" } } });
const ROUNDS = 20;

const results = await Results.open<TrustRun | QueryRun>("experiments/results/comparisons.json");
for (let seed = 0; seed < Number(values.seeds); seed++) {
  await results.keep(`trust/${seed}`, () => trustRun(seed));
  for (const query of ["disagreement", "random"] as const)
    await results.keep(`queries/${query}/${seed}`, () => queryRun(query, seed, ROUNDS));
}
const page = "docs/evidence/preferences.md";
await writeBetween(page, "trust", trustTable(results.runs));
await writeBetween(page, "queries", queryTable(results.runs));
