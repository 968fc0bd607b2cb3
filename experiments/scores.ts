/**
 * @file Scores of reinforcement learning: trains and evaluates every claim of `scores/claims.ts` and writes the results.
 *
 *     node dist/experiments/scores.js [--only ppo-Hopper-v5] [--runs runs/scores] [--jobs 2] [--finished]
 *
 * Existing runs are resumed. `--finished` trains nothing and uses the claims whose runs are finished, and for others the
 * results that are there. Results are written to experiments/results/scores, the table and the curves to
 * docs/evidence/reinforcement-learning.md.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { algorithmCatalogue, tuned } from "../algorithms/index.js";
import { trainSeeds } from "../index.js";
import { UsageError } from "../src/errors.js";
import { readRecord } from "../src/runs/run-records.js";
import { readSummary } from "../src/runs/seeds-summary.js";
import { writeFileAtomic } from "../src/state/files.js";
import { writeBetween } from "./lib/marks.js";
import { type Claim, claims } from "./scores/claims.js";
import { scoreCurves } from "./scores/curves.js";
import { evaluations } from "./scores/protocol.js";
import { resultOf, type ScoreResult } from "./scores/result.js";
import { scoreTable } from "./scores/table.js";

const RESULTS = join("experiments", "results", "scores");
const PAGE = "docs/evidence/reinforcement-learning.md";
const FIGURES = "docs/evidence/reinforcement-learning";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    runs: { type: "string", default: join("runs", "scores") },
    jobs: { type: "string", default: "2" },
    finished: { type: "boolean", default: false },
  },
});

const nameOf = ({ algorithm, env }: Claim) => `${algorithm}-${env}`;

async function prove(claim: Claim): Promise<void> {
  const name = nameOf(claim);
  const folder = join(flags.runs, name);
  if (!flags.finished) {
    const { algorithm, env } = claim;
    const steps = tuned(algorithm, env)?.steps ?? algorithmCatalogue[algorithm].create({}).defaultSteps;
    await trainSeeds(
      { algorithm, env, steps, evaluate: evaluations(steps) },
      {
        seeds: claim.seeds,
        jobs: Number(flags.jobs),
        folder,
        resume: existsSync(folder),
        progress: process.stderr,
        handleInterrupt: true,
      },
    );
  }
  const runs = finishedRuns(folder).slice(0, claim.seeds);
  if (runs.length === 0) return;
  process.stderr.write(`${name}: evaluating ${runs.length} policies\n`);
  const before = readRecord<ScoreResult>(RESULTS, `${name}.json`);
  const result = await resultOf(claim, runs, before);
  await writeFileAtomic(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
}

/** The finished runs in a folder of seeds. */
function finishedRuns(folder: string): string[] {
  const { seeds = [] } = readSummary(folder) ?? {};
  return seeds.filter(({ status }) => status === "finished").map((seed) => join(folder, seed.folder));
}

/** The committed results, in the order of the claims. */
function allResults(): ScoreResult[] {
  const files = new Set(readdirSync(RESULTS));
  return claims
    .map((claim) => `${nameOf(claim)}.json`)
    .filter((file) => files.has(file))
    .map((file) => JSON.parse(readFileSync(join(RESULTS, file), "utf8")));
}

async function writePage(results: readonly ScoreResult[]): Promise<void> {
  await writeBetween(PAGE, "scores", scoreTable(results));
  await writeFileAtomic(join(FIGURES, "curves.svg"), await scoreCurves(results));
}

const wanted = flags.only ?? claims.map(nameOf);
const unknown = wanted.find((name) => !claims.some((claim) => nameOf(claim) === name));
if (unknown !== undefined) {
  throw new UsageError(`unknown claim "${unknown}"; known claims: ${claims.map(nameOf).join(", ")}`);
}
await mkdir(RESULTS, { recursive: true });
await mkdir(FIGURES, { recursive: true });
for (const claim of claims.filter((claim) => wanted.includes(nameOf(claim)))) await prove(claim);
await writePage(allResults());
