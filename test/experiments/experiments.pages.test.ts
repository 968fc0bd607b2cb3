/** @file The tables in the documentation agree with the committed results. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { maskTable } from "../../experiments/action-masks/runs.js";
import { publishedTable } from "../../experiments/active/published.js";
import { tableOf } from "../../experiments/active/show.js";
import { carriedTable } from "../../experiments/adversarial/turned-around.js";
import {
  aggregatorTable,
  gridTable,
  networkTable,
  recoveryTable,
  sparsityTable,
  variantTable,
} from "../../experiments/crowds/show.js";
import { modeTable } from "../../experiments/imitation/modes.js";
import { cellOf, scoreTable as robotTable } from "../../experiments/imitation-mujoco/show.js";
import { methodTable, sampledTable } from "../../experiments/irl/table.js";
import { withBetween } from "../../experiments/lib/marks.js";
import { studentInterval } from "../../experiments/lib/student.js";
import { collapseTable } from "../../experiments/meta-rl/collapse.js";
import { tables as metaTables } from "../../experiments/meta-rl/show.js";
import { difference, estimate, randomNmi, verdict } from "../../experiments/meta-rl/statistics.js";
import { mutationTable } from "../../experiments/mutation/table.js";
import {
  dataTable,
  firstPassTable,
  scoreTable as offlineTable,
  verdict as offlineVerdict,
  verdictTable,
} from "../../experiments/offline/show.js";
import { penaltyTable } from "../../experiments/penalties/runs.js";
import { preferenceTables } from "../../experiments/preferences/runs.js";
import { claims } from "../../experiments/scores/claims.js";
import { overSeeds, scoreTable } from "../../experiments/scores/table.js";
import { tabletopTable } from "../../experiments/tabletop/runs.js";
import { tabularTable } from "../../experiments/tabular/runs.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const results = (name: string) => JSON.parse(read(`experiments/results/${name}.json`));
const scoreResults = () => claims.map(({ algorithm, env }) => results(`scores/${algorithm}-${env}`));

const offlineRows = () => Object.values(results("offline").runs) as Parameters<typeof dataTable>[0];

describe("a page", () => {
  it.each(
    Object.entries({
      aggregators: aggregatorTable,
      networks: networkTable,
      variants: variantTable,
      sparsity: sparsityTable,
      grid: gridTable,
      recovery: recoveryTable,
    }),
  )("docs/evidence/crowds.md has the table of %s", (mark, table) => {
    const page = read("docs/evidence/crowds.md");
    expect(withBetween(page, mark, table(Object.values(results("crowds").runs)))).toBe(page);
  });

  it.each([
    ["docs/evidence/action-masks.md", "masks", () => maskTable(Object.values(results("action-masks").runs))],
    [
      "docs/evidence/preferences.md",
      "preferences",
      () => preferenceTables(Object.values(results("preferences").runs)),
    ],
    ["docs/evidence/reinforcement-learning.md", "scores", () => scoreTable(scoreResults())],
    [
      "docs/evidence/reinforcement-learning.md",
      "tabular",
      () => tabularTable(Object.values(results("tabular").runs)),
    ],
    [
      "docs/evidence/imitation.md",
      "robots",
      () => robotTable(Object.values(results("imitation-mujoco").runs)),
    ],
    ["docs/evidence/imitation.md", "modes", () => modeTable(Object.values(results("modes").runs))],
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
    ["docs/evidence/adversarial.md", "carried", () => carriedTable(results("adversarial").carried)],
    [
      "docs/reference/environments/tabletop.md",
      "tabletop",
      () => tabletopTable(Object.values(results("tabletop").runs)),
    ],
    ["docs/evidence/inverse-rl.md", "results", () => methodTable(results("irl").summary)],
    ["docs/evidence/offline.md", "data", () => dataTable(offlineRows())],
    ["docs/evidence/offline.md", "first pass", () => firstPassTable(offlineRows())],
    ["docs/evidence/offline.md", "scores", () => offlineTable(offlineRows())],
    ["docs/evidence/offline.md", "verdicts", () => verdictTable(offlineRows())],
    ["docs/evidence/mutation.md", "mutation", () => mutationTable(results("mutation"))],
    ["docs/evidence/mutation.md", "mutation-seed-7", () => mutationTable(results("mutation-seed-7"))],
    ["docs/evidence/mutation.md", "mutation-algorithms", () => mutationTable(results("mutation-algorithms"))],
    ["docs/evidence/meta-rl.md", "results", () => metaTables(Object.values(results("meta-rl").runs))],
    [
      "docs/evidence/meta-rl.md",
      "collapse",
      () => collapseTable(Object.values(results("meta-rl-collapse").runs)),
    ],
    ...["linear", "network", "copies"].map((part): [string, string, () => string] => [
      "docs/evidence/active-learning.md",
      part,
      () => tableOf(Object.values(results("active").runs), part),
    ]),
    [
      "docs/evidence/active-learning.md",
      "published",
      () => publishedTable(Object.values(results("active-imitation").runs)),
    ],
  ])("%s has its table of %s", async (path, mark, table) => {
    const page = read(path);
    expect(withBetween(page, mark, await table())).toBe(page);
  });

  it("is refused without the markers", () => {
    expect(() => withBetween("# Nothing", "results", "")).toThrow(/has no lines <!-- results -->/);
  });
});

describe("differences of learners of task families", () => {
  it("are shown if the interval over seeds and tasks excludes 0, with three seeds or more", () => {
    const tasks = [1, 2, 3, 4, 5, 6];
    const better = [tasks, tasks, tasks].map((row, seed) => row.map((x) => x + 0.1 * seed));
    const pair = difference(better, [tasks, tasks, tasks]);
    expect(pair.value).toBeCloseTo(0.1, 10);
    expect(verdict(pair, 3)).toBe("not shown at this budget");
    expect(verdict({ value: 0.1, low: 0.05, high: 0.2 }, 3)).toBe("shown");
    expect(verdict({ value: 0.1, low: 0.05, high: 0.2 }, 2)).toBe("not shown: 2 seeds");
  });

  it("have wider intervals where seeds differ, however many tasks there are", () => {
    const many = (value: number) => Array.from({ length: 500 }, () => value);
    const { low, high } = estimate([many(-1), many(0), many(1)]);
    expect(low).toBeLessThan(-0.9);
    expect(high).toBeGreaterThan(0.9);
  });

  it("are beside clusters that random labels find: 0.12 of 32 tasks, 0.013 of 256", () => {
    expect(Math.abs(randomNmi(4, 32) - 0.12)).toBeLessThan(0.01);
    expect(Math.abs(randomNmi(4, 256) - 0.013)).toBeLessThan(0.002);
  });
});

describe("differences of offline learners from cloning", () => {
  it("have the interval of Student's t, and are shown with five seeds if it excludes 0", () => {
    // Mean 3, deviation √2.5, and the quantile 2.776 of four degrees of freedom.
    const margin = (2.776 * Math.sqrt(2.5)) / Math.sqrt(5);
    const found = studentInterval([1, 2, 3, 4, 5]);
    expect(found).toEqual({
      value: 3,
      margin: expect.closeTo(margin, 9),
      low: expect.closeTo(3 - margin, 9),
      high: expect.closeTo(3 + margin, 9),
    });
    expect([offlineVerdict(found, 5), offlineVerdict(found, 4)]).toEqual(["better", "not shown: 4 seeds"]);
    expect(offlineVerdict(studentInterval([-1, -2, -3, -4, -5]), 5)).toBe("worse");
    expect(offlineVerdict(studentInterval([-1, 2, -3, 4, -5]), 5)).toBe("not shown");
  });
});

describe("scores of seeds", () => {
  it("are a mean with every seed, or the range of five and more, if visible, and a mark if there are few", () => {
    const cells = [[], [0.5], [0.7, 0.5], [0.5, 0.6, 0.7], [0.5, 0.6, 0.6, 0.6, 0.7], [1, 1.001, 0.999]];
    expect(cells.map(cellOf)).toEqual([
      "—",
      "0.50¹",
      "0.60² (0.50, 0.70)",
      "0.60 (0.50, 0.60, 0.70)",
      "0.60 (0.50–0.70)",
      "1.00",
    ]);
  });

  it("are summarised by the interquartile mean of five and more, and by the mean of fewer", () => {
    expect(overSeeds([0, 1, 2, 3, 100])).toBe(2);
    expect(overSeeds([0, 2, 100])).toBe(34);
  });
});
