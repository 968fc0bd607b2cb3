/** @file The scores of `npm run mutate` by folder, as a table. */

import { markdown } from "../lib/markdown.js";

interface Counts {
  killed: number;
  timeout: number;
  survived: number;
  equivalent: number;
  /** Percent. */
  score: number;
}

/** What `npm run mutate -- --report` writes, as far as the table needs it. */
export interface MutationReport extends Counts {
  folders: Record<string, Counts>;
}

export function mutationTable({ folders, ...all }: MutationReport): string {
  const rows = [...Object.entries(folders), ["all", all] as const].map(([name, counts]) => [
    name === "all" ? name : `\`${name}\``,
    String(counts.killed + counts.timeout + counts.survived + counts.equivalent),
    String(counts.killed + counts.timeout),
    String(counts.survived),
    String(counts.equivalent),
    `${counts.score.toFixed(0)} %`,
  ]);
  return markdown([["folder", "mutants", "killed", "survived", "without effect", "score"], ...rows]);
}
