/** @file What `understudy train --seeds` prints in the end, and what it exits with. */

import { join } from "node:path";
import { formatNumber } from "../src/report/format.js";
import { INTERRUPTED } from "../src/runs/exit-code.js";
import { seedsSentence } from "../src/runs/seeds-report.js";
import type { SeedsSummary } from "../src/runs/seeds-summary.js";
import { print } from "./command.js";
import { table } from "./table.js";

/** A line a seed, and what they show together. */
export function printSeeds(summary: SeedsSummary, folder: string): void {
  const { algorithm, measure, seeds } = summary;
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
    process.stderr.write(
      `${open} of ${seeds.length} seeds not finished; go on with: ` +
        `understudy train ${algorithm} --resume --out ${folder}\n`,
    );
  }
}

/** Ctrl-C before failure before success. */
export function seedsExitCode({ seeds }: SeedsSummary): number {
  if (seeds.some(({ status }) => status === "interrupted" || status === "waiting")) return INTERRUPTED;
  return seeds.some(({ status }) => status === "failed") ? 1 : 0;
}
