/** @file A comparison as a page, as Markdown and as CSV. */

import { describe, expect, it } from "vitest";
import { renderReport } from "../../src/report/index.js";
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
  final: { value: 0.15000000000000002, low: 0.1, high: 0.2 },
  score: undefined,
  curve: [{ x: 1000, y: 0.1, low: 0, high: 0.2 }],
});
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
    expect(summary[0]).toContain("ppo: 0.15 [0.10, 0.20] (2 seeds)");
    const html = renderReport(comparisonReport(compared, options));
    expect(html).toContain("bc, &quot;quoted&quot;");
    expect(html).toContain("runs/late");
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
      "| ppo | 0.15 [0.10, 0.20] | 2 | 2,000 | environment steps |",
    );
    expect(comparisonMarkdown(compared)).toContain("Left out: runs/late: unfinished");
    const [head, first, second] = comparisonCsv(compared).split("\n");
    expect(head).toBe(
      "method,algorithm,environment,measure,mean,low,high,score,score_low,score_high,seeds,steps,unit,values,folders",
    );
    expect(first).toBe(
      "ppo,ppo,Walk-v0,evaluation,0.15000000000000002,0.1,0.2,,,,2,2000,environment steps,0:0.1 1:0.2,runs/ppo",
    );
    expect(second).toMatch(/^"bc, ""quoted""",/);
  });

  it("hold the points of the curves", () => {
    expect(curvesCsv(compared).split("\n").slice(0, 2)).toEqual([
      "method,unit,steps,mean,low,high",
      "ppo,environment steps,1000,0.1,0,0.2",
    ]);
  });
});
