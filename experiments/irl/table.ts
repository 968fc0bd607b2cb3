/** @file The comparison of the inverse methods as Markdown. */

/** What the seeds of one method on one world have in common. */
export interface MethodSummary {
  world: string;
  method: string;
  score: { mean: number };
  featureGap: number;
  epic: number;
}

/** A row a method, a column a world: score, feature gap and EPIC distance, each a mean over the seeds. */
export function methodTable(summary: readonly MethodSummary[]): string {
  const distinct = (field: "world" | "method") => [...new Set(summary.map((entry) => entry[field]))];
  const worlds = distinct("world");
  const rows = distinct("method").map((method) => [
    method,
    ...worlds.map((world) => {
      const own = summary.find((entry) => entry.world === world && entry.method === method);
      return own
        ? `${own.score.mean.toFixed(3)}, ${own.featureGap.toPrecision(2)}, ${own.epic.toFixed(2)}`
        : "—";
    }),
  ]);
  const head = ["score, feature gap, EPIC", ...worlds];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
