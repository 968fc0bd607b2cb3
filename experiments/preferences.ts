/**
 * @file What is learnt from comparisons of synthetic annotators. `node dist/experiments/preferences.js [--seeds 5] [--only
 * CartPole-v1,oracle]` saves every run in experiments/results/preferences.json, skips runs that are there, and writes the
 * tables of docs/evidence/preferences.md.
 */

import { parseArgs } from "node:util";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { selection } from "./lib/selection.js";
import {
  type PreferenceRun,
  preferenceRows,
  preferenceRun,
  preferenceTables,
  rows,
} from "./preferences/runs.js";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "5" }, only: { type: "string" } },
});
const envs = [...new Set(rows.map(({ env }) => env))];
const names = [...new Set(rows.map(({ name }) => name))];
const chosen = selection(values.only?.split(",") ?? [], [...envs, ...names]);
const asked = rows.filter(({ env, name }) => chosen(envs).includes(env) && chosen(names).includes(name));

const results = await Results.open<PreferenceRun>("experiments/results/preferences.json");
for (let seed = 0; seed < Number(values.seeds); seed++) {
  for (const row of asked) {
    await results.keep(`${row.env}/${row.name}/${seed}`, () => preferenceRun(row, seed));
  }
}
await results.record(preferenceRows());
await writeBetween("docs/evidence/preferences.md", "preferences", preferenceTables(results.runs));
