/** @file A comparison as a page, as Markdown and as CSV. */

import { describe, expect, it } from "vitest";
import { type CurvesSection, renderReport, type TableSection } from "../../src/report/index.js";
import type { RunsComparison } from "../../src/runs/comparison.js";
import {
  comparisonCsv,
  comparisonMarkdown,
  comparisonReport,
  curvesCsv,
} from "../../src/runs/comparison-report.js";

const group = (name: string, unit: string) => ({
  name,
  algorithm: name,
  folders: [`runs/${name}`],
  seeds: [0, 1],
  unit,
  steps: 2000,
  values: [0.1, 0.2],
  final: { value: 0.15000000000000002 },
  score: undefined,
  curve: [{ x: 1000, y: 0.15 }],
  seedCurves: [[{ x: 1000, y: 0.1 }], [{ x: 1000, y: 0.2 }]],
});
/** A group of five seeds, which are enough for an interval. */
const large = {
  ...group("a2c", "environment steps"),
  seeds: [0, 1, 2, 3, 4],
  values: [0, 0.1, 0.1, 0.2, 0.3],
  final: { value: 0.14, low: 0.06, high: 0.22 },
  curve: [{ x: 1000, y: 0.1, low: 0, high: 0.2 }],
  seedCurves: [],
};
const compared: RunsComparison = {
  env: "Walk-v0",
  measure: "evaluation",
  groups: [group("ppo", "environment steps"), group('bc, "quoted"', "environment steps")],
  omitted: [{ folder: "runs/late", reason: "unfinished: 10 of 20 environment steps" }],
};
const options = { provenance: { command: ["node", "report"] } };

describe("the page of a comparison", () => {
  it("has one figure, the table and what was left out", () => {
    const { sections, summary } = comparisonReport(compared, { ...options, expert: 3 });
    expect(sections.map(({ kind, title }) => [kind, title])).toEqual([
      ["curves", "Learning curves"],
      ["table", "At the end"],
      ["table", "Left out"],
    ]);
    expect(sections[0]).toMatchObject({ references: [{ y: 3, label: "expert of the package" }] });
    expect(summary[0]).toContain("ppo: 0.150 (2 seeds)");
    const html = renderReport(comparisonReport(compared, options));
    expect(html).toContain("bc, &quot;quoted&quot;");
    expect(html).toContain("runs/late");
  });

  it("shows every seed of a group of few, and the interval of a group of five", () => {
    const { sections } = comparisonReport(
      { ...compared, groups: [group("ppo", "environment steps"), large] },
      options,
    );
    const [curves, table] = sections as [CurvesSection, TableSection];
    expect(curves.series.map(({ name, faint = false, points }) => [name, faint, points[0]])).toEqual([
      ["ppo, seed 0", true, { x: 1000, y: 0.1 }],
      ["ppo, seed 1", true, { x: 1000, y: 0.2 }],
      ["ppo", false, { x: 1000, y: 0.15 }],
      ["a2c", false, { x: 1000, y: 0.1, low: 0, high: 0.2 }],
    ]);
    expect(table.columns.map(({ label }) => label)).toContain("of each seed");
    expect(table.rows.map((row) => row.slice(0, 3))).toEqual([
      ["ppo", { value: 0.15000000000000002 }, "0.100, 0.200"],
      ["a2c", large.final, ""],
    ]);
    expect(table.caption).toContain("95 % percentile bootstrap interval for at least 5 seeds");
    const alone = comparisonReport({ ...compared, groups: [large] }, options).sections[1] as TableSection;
    expect(alone.columns.map(({ label }) => label)).not.toContain("of each seed");
  });

  it("has a figure for each unit of steps", () => {
    const groups = [group("ppo", "environment steps"), group("bc", "updates")];
    const { sections } = comparisonReport({ ...compared, groups }, options);
    expect(sections.filter(({ kind }) => kind === "curves").map(({ title }) => title)).toEqual([
      "Learning curves over environment steps",
      "Learning curves over updates",
    ]);
  });
});

describe("the files of a comparison", () => {
  it("hold the numbers of the table, in Markdown as the page prints them and in CSV in full", () => {
    expect(comparisonMarkdown(compared)).toContain(
      "| ppo | 0.150 | 0.100, 0.200 | 2 | 2,000 | environment steps |",
    );
    expect(comparisonMarkdown(compared)).toContain("Left out: runs/late: unfinished");
    const [head, first, second] = comparisonCsv(compared).split("\n");
    expect(head).toBe(
      "method,algorithm,environment,measure,mean,low,high,score,score_low,score_high,seeds,steps,unit,values,folders",
    );
    expect(first).toBe(
      "ppo,ppo,Walk-v0,evaluation,0.15000000000000002,,,,,,2,2000,environment steps,0:0.1 1:0.2,runs/ppo",
    );
    expect(second).toMatch(/^"bc, ""quoted""",/);
  });

  it("hold the points of the curves", () => {
    expect(curvesCsv(compared).split("\n").slice(0, 2)).toEqual([
      "method,unit,steps,mean,low,high",
      "ppo,environment steps,1000,0.15,,",
    ]);
  });
});
