import { describe, expect, it } from "vitest";
import { renderReport } from "../../src/report/render.js";
import { movingAverage, type RunRecords, runReport } from "../../src/runs/run-report.js";
import { parseMarkup } from "../report/markup.js";

const records: RunRecords = {
  config: {
    format: 1,
    algorithm: "ppo",
    options: { learningRate: 1e-3, hidden: [64, 64] },
    env: "CartPole-v1",
    environmentOptions: {},
    seed: 0,
    steps: 1000,
    unit: "environment steps",
    evaluate: { every: 250, episodes: 20 },
    tuned: false,
    checkpoint: { every: 100, seconds: 60, keep: 3 },
    sinks: [],
    workers: 0,
    workerTimeout: 300,
  },
  provenance: { node: "v20", command: ["npx", "understudy-rl", "train", "ppo", "--folder", "my run's"] },
  metrics: Array.from({ length: 100 }, (_, i) => ({
    steps: 10 * (i + 1),
    seconds: (i + 1) / 100,
    policyLoss: 1 / (i + 1),
    return: i,
  })),
  evaluations: [250, 500, 750, 1000].map((steps, i) => ({
    steps,
    seconds: steps / 1000,
    mean: [100, 400, 480, 450][i],
    std: 10,
    iqm: 450,
    low: [90, 380, 470, 440][i],
    high: [110, 420, 490, 460][i],
    length: 450,
    episodes: 20,
    gap: 0.1,
  })),
};

describe("runReport", () => {
  it("states how the run ended and its best result", () => {
    const { summary, title, highlights } = runReport(records);
    expect(title).toBe("ppo on CartPole-v1");
    expect(summary[0]).toContain(
      "After 1,000 environment steps an episode of CartPole-v1 returns 450 [440, 460]",
    );
    expect(summary[0]).toContain("The best evaluation was 480 [470, 490], after 750.");
    expect(highlights).toContainEqual({ label: "environment steps a second", value: "1,000" });
  });

  it("draws evaluations with intervals, the return large, and other metrics small", () => {
    const { sections } = runReport(records);
    const curves = sections.filter((section) => section.kind === "curves");
    expect(curves.map(({ title, compact }) => [title, compact ?? false])).toEqual([
      ["Evaluation", false],
      ["Return", false],
      ["Gap", true],
      ["Policy loss", true],
    ]);
    expect(curves[0].series[0].points[1]).toEqual({ x: 500, y: 400, low: 380, high: 420 });
    expect(curves[1].series.map(({ points }) => points.length)).toEqual([100, 100]);
  });

  it("shows every setting, and the command quoted for a shell", () => {
    const { sections, commands } = runReport(records);
    const settings = sections[sections.length - 1];
    expect(settings.kind === "table" && settings.rows).toContainEqual(["options.learningRate", "0.001"]);
    expect(settings.kind === "table" && settings.rows).toContainEqual(["options.hidden", "[64,64]"]);
    expect(commands).toEqual(["npx understudy-rl train ppo --folder 'my run'\\''s'"]);
  });

  it("puts diagnostics after the curves", () => {
    const diagnostics = [{ kind: "text" as const, title: "Gap", reading: "Small.", paragraphs: [] }];
    expect(runReport({ ...records, diagnostics }).sections[2].title).toBe("Gap");
  });

  it("makes a report of a run with no, few or empty evaluations", () => {
    const few = runReport({ ...records, evaluations: records.evaluations.slice(0, 1) });
    expect(few.sections[0].kind).toBe("table");
    const none = runReport({ ...records, evaluations: [] });
    expect(none.summary).toEqual(["The policy was not evaluated during the run. The last return is 99."]);
    const empty = runReport({ ...records, metrics: [], evaluations: [], provenance: {} });
    expect(empty.summary).toEqual(["The run has no metrics yet."]);
    for (const report of [few, none, empty]) expect(() => parseMarkup(renderReport(report))).not.toThrow();
  });

  it("is well-formed HTML, and deterministic", () => {
    const page = renderReport(runReport(records));
    expect(() => parseMarkup(page)).not.toThrow();
    expect(renderReport(runReport(structuredClone(records)))).toBe(page);
  });
});

describe("movingAverage", () => {
  it("is the mean of the window, cut off at the ends", () => {
    expect(movingAverage([1, 2, 6, 3], 3)).toEqual([1.5, 3, 11 / 3, 4.5]);
    expect(movingAverage([1, 2, 6], 1)).toEqual([1, 2, 6]);
  });

  it("skips values that are not finite", () => {
    expect(movingAverage([1, Number.NaN, 5], 3)).toEqual([1, 3, 5]);
    expect(movingAverage([Number.NaN], 3)).toEqual([Number.NaN]);
  });
});
