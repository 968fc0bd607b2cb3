/**
 * @file `node dist/experiments/mutation.js` writes the table of docs/evidence/mutation.md from the report of `npm run
 * mutate` in experiments/results/mutation.json.
 */

import { readFile } from "node:fs/promises";
import { writeBetween } from "./lib/marks.js";
import { type MutationReport, mutationTable } from "./mutation/table.js";

const report = JSON.parse(await readFile("experiments/results/mutation.json", "utf8")) as MutationReport;
await writeBetween("docs/evidence/mutation.md", "mutation", mutationTable(report));
