/**
 * @file `node dist/experiments/mutation.js` writes the tables of docs/evidence/mutation.md from the reports of `npm run
 * mutate` in experiments/results.
 */

import { readFile } from "node:fs/promises";
import { writeBetween } from "./lib/marks.js";
import { type MutationReport, mutationTable } from "./mutation/table.js";

for (const name of ["mutation", "mutation-seed-7", "mutation-algorithms"]) {
  const report = JSON.parse(await readFile(`experiments/results/${name}.json`, "utf8")) as MutationReport;
  await writeBetween("docs/evidence/mutation.md", name, mutationTable(report));
}
