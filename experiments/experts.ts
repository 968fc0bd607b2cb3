/**
 * @file Reproduces the expert zoo. `node dist/experiments/experts.js [ID ...]` trains the experts of these environments
 * (or of all), evaluates them in 100 episodes and writes `experts/` and the table of docs/evidence/experts.md.
 *
 * Finished runs are not trained again. Ctrl-C stops a run with a checkpoint, from which the same command resumes it.
 */

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import "../envs/index.js";
import { didYouMean, UsageError } from "../src/errors.js";
import { formatNumber } from "../src/report/format.js";
import { exitCodeOf, expertIds, expertInfo, INTERRUPTED } from "../src/runs/index.js";
import { packExpert } from "./experts/packing.js";
import { expertTable } from "./experts/page.js";
import { recipes } from "./experts/recipes.js";
import { trainExpert } from "./experts/training.js";
import { writeBetween } from "./lib/marks.js";

const FOLDER = "experts";
const PAGE = "docs/evidence/experts.md";

const USAGE = `node dist/experiments/experts.js [ID ...] [--runs DIR]

  ID          environments whose experts to make; by default all: ${Object.keys(recipes).join(", ")}
  --runs DIR  where the run folders are, or are made; by default runs/scores
`;

function wordsTyped() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        runs: { type: "string", default: "runs/scores" },
        help: { type: "boolean", default: false },
      },
    });
    return { ...values, ids: positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function main(): Promise<void> {
  const { runs, help, ids } = wordsTyped();
  if (help) return void process.stdout.write(USAGE);
  for (const id of ids) {
    if (Object.hasOwn(recipes, id)) continue;
    throw new UsageError(`the zoo has no expert for "${id}"${didYouMean(id, Object.keys(recipes))}`);
  }
  for (const id of ids.length > 0 ? ids : Object.keys(recipes)) {
    const run = await trainExpert(id, recipes[id], runs);
    if (run === undefined) {
      process.stderr.write(`interrupted while training for ${id}; run the same command again to resume\n`);
      process.exitCode = INTERRUPTED;
      return;
    }
    process.stderr.write(`${id}: evaluating the policy in ${run}\n`);
    const { evaluation, file } = await packExpert(run, FOLDER);
    const { mean, std } = evaluation.deterministic;
    process.stderr.write(`${id}: ${formatNumber(mean)} ± ${formatNumber(std)}, ${file.bytes} bytes\n`);
    await writePage();
  }
}

async function writePage(): Promise<void> {
  if (!existsSync(PAGE)) return;
  const known = await expertIds({ folder: FOLDER });
  const infos = await Promise.all(known.map((id) => expertInfo(id, { folder: FOLDER })));
  await writeBetween(PAGE, "experts", expertTable(infos));
}

await main().catch((error: Error) => {
  process.stderr.write(`experts: ${error instanceof UsageError ? error.message : error.stack}\n`);
  process.exitCode = exitCodeOf(error);
});
