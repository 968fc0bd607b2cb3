/** @file The final output and the exit code of `understudy-rl train --seeds`. */

import { join } from "node:path";
import { formatNumber } from "../src/report/format.js";
import { INTERRUPTED } from "../src/runs/exit-code.js";
import { seedsSentence } from "../src/runs/seeds-report.js";
import type { SeedsSummary } from "../src/runs/seeds-summary.js";
import { trustingWords } from "../src/runs/trust.js";
import { print, warn } from "./command.js";
import { table } from "./table.js";

/** Prints a line for each seed, and the summary. */
export function printSeeds(summary: SeedsSummary, folder: string): void {
  const { algorithm, env, measure, seeds } = summary;
  const rows = seeds.map(({ seed, status, steps, seconds, score }) => [
    String(seed),
    status,
    formatNumber(steps),
    formatNumber(seconds),
    formatNumber(score),
  ]);
  print(table(["seed", "status", "steps", "seconds", measure ?? "return"], rows));
  print(`\n${seedsSentence(summary)}`);
  print(`summary     ${join(folder, "summary.json")}`);
  print(`report      ${join(folder, "report.html")}`);
  const open = seeds.filter(({ status }) => status !== "finished").length;
  if (open > 0) {
    warn(
      `${open} of ${seeds.length} seeds not finished; resume with: ` +
        `npx understudy-rl train ${algorithm} --resume --out ${folder}${trustingWords({ env }, true)}`,
    );
  }
}

/** The exit code of several seeds: that of an interrupt, else of a failure, else success. */
export function seedsExitCode({ seeds }: SeedsSummary): number {
  if (seeds.some(({ status }) => status === "interrupted" || status === "waiting")) return INTERRUPTED;
  return seeds.some(({ status }) => status === "failed") ? 1 : 0;
}
