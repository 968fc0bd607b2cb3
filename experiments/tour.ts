/** @file The tour: agents imitate an expert in environments with and without exact models, and a report compares them. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { table } from "../cli/table.js";
import { problemOf } from "../src/env/problem.js";
import { formatCell } from "../src/report/format.js";
import { renderReport } from "../src/report/index.js";
import { provenance } from "../src/runs/provenance.js";
import { createProgress } from "../src/runs/sinks/progress.js";
import { writeFileAtomic } from "../src/state/files.js";
import { cartPolePart } from "./tour/cartpole.js";
import { gridworldPart, METHODS } from "./tour/gridworld.js";
import { headline, type TourResult, tourReport, type World } from "./tour/report.js";

const FOLDER = join("runs", "tour");
const SEEDS = 5;
/** Number of seeds of the expert; each takes 50 000 steps of PPO. */
const EXPERT_SEEDS = 3;
const DEMONSTRATIONS = [1, 2, 5, 10, 20, 50];
const WORLDS = ["Gridworld-v0", "Corridor-v0"];

const seconds: Record<string, number> = {};

/** Runs one part with a progress line and records its duration. */
async function timed<R>(
  part: string,
  total: number,
  unit: string,
  run: (step: (what: string) => void) => Promise<R>,
) {
  const progress = createProgress({ stream: process.stderr, label: part, total, unit });
  const started = performance.now();
  let done = 0;
  progress.update(0);
  const result = await run((what) => progress.update(++done, what));
  progress.finish();
  seconds[part] = (performance.now() - started) / 1000;
  return result;
}

const worlds: World[] = [];
for (const env of WORLDS) {
  const learners = SEEDS * DEMONSTRATIONS.length * METHODS.length;
  const results = await timed(`imitation on ${env}`, learners, "learners", (step) =>
    gridworldPart({
      env,
      demonstrations: DEMONSTRATIONS,
      seeds: SEEDS,
      onResult: ({ method, demonstrations, exact }) =>
        step(`${method} from ${demonstrations}: gap ${exact.gap.toPrecision(3)}`),
    }),
  );
  const { model } = await problemOf(env);
  if (!model) throw new Error(`${env} has no exact model`);
  worlds.push({ env, model, results });
}
const cartPole = await timed("CartPole", EXPERT_SEEDS + METHODS.length, "learners", (step) =>
  cartPolePart({ steps: 50_000, seeds: EXPERT_SEEDS, demonstrations: 10, onDone: step }),
);
const result: TourResult = { worlds, cartPole, seconds };

await mkdir(FOLDER, { recursive: true });
const path = join(FOLDER, "report.html");
await writeFileAtomic(path, renderReport(await tourReport(result, { ...(await provenance(0)) })));

const { title, columns, rows, reading } = headline(result);
const text = table(
  columns.map(({ label }) => label),
  rows.map((row) => row.map((cell, i) => formatCell(cell, columns[i]))),
);
console.log(`\n${title}\n\n${text}\n\n${reading}\n`);
for (const [part, time] of Object.entries(seconds)) console.log(`${part}: ${time.toFixed(1)} s`);
console.log(`PPO on CartPole: ${Math.round(cartPole.stepsPerSecond)} environment steps/s\n\nReport: ${path}`);
