/** @file The tables in the documentation agree with the committed results. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cellOf, scoreTable } from "../../experiments/imitation-mujoco/show.js";
import { methodTable, sampledTable } from "../../experiments/irl/table.js";
import { withBetween } from "../../experiments/lib/marks.js";
import { penaltyTable } from "../../experiments/penalties/runs.js";
import { tabletopTable } from "../../experiments/tabletop/runs.js";
import { tabularTable } from "../../experiments/tabular/runs.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const results = (name: string) => JSON.parse(read(`experiments/results/${name}.json`));

describe("a page", () => {
  it.each([
    [
      "docs/evidence/reinforcement-learning.md",
      "tabular",
      () => tabularTable(Object.values(results("tabular").runs)),
    ],
    [
      "docs/evidence/imitation.md",
      "robots",
      () => scoreTable(Object.values(results("imitation-mujoco").runs)),
    ],
    [
      "docs/evidence/adversarial.md",
      "penalties",
      () => penaltyTable(Object.values(results("penalties").runs)),
    ],
    [
      "docs/evidence/inverse-rl.md",
      "sampled",
      () => sampledTable(Object.values(results("irl-sampled").runs)),
    ],
    [
      "docs/reference/environments/tabletop.md",
      "tabletop",
      () => tabletopTable(Object.values(results("tabletop").runs)),
    ],
    ["docs/evidence/inverse-rl.md", "results", () => methodTable(results("irl").summary)],
  ])("%s has its table of %s", (path, mark, table) => {
    const page = read(path);
    expect(withBetween(page, mark, table())).toBe(page);
  });

  it("is refused without the markers", () => {
    expect(() => withBetween("# Nothing", "results", "")).toThrow(/has no lines <!-- results -->/);
  });
});

describe("scores of seeds", () => {
  it("are a mean with its range if that is visible, and a mark if there are few seeds", () => {
    expect([[], [0.5], [0.5, 0.7], [0.5, 0.6, 0.7], [1, 1.001, 0.999]].map(cellOf)).toEqual([
      "—",
      "0.50¹",
      "0.60² (0.50–0.70)",
      "0.60 (0.50–0.70)",
      "1.00",
    ]);
  });
});
