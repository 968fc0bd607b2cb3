/** @file Statistics, reports and progress of several seeds; the processes are tested in `test/cli`. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { type CurvesSection, renderReport } from "../../src/report/index.js";
import { listSeeds } from "../../src/runs/seeds.js";
import { createBoard } from "../../src/runs/seeds-board.js";
import { seedsReport, seedsSentence } from "../../src/runs/seeds-report.js";
import { lastRow } from "../../src/runs/seeds-run.js";
import {
  measureOf,
  type SeedRecord,
  type SeedsSummary,
  scoreOf,
  statisticsOf,
} from "../../src/runs/seeds-summary.js";

const folder = mkdtempSync(join(tmpdir(), "seeds-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("listSeeds", () => {
  it("counts up from the first seed", () => {
    expect(listSeeds(3)).toEqual([0, 1, 2]);
    expect(listSeeds(2, 100)).toEqual([100, 101]);
  });

  it("returns a list unchanged", () => {
    expect(listSeeds([7, 0, "a"])).toEqual([7, 0, "a"]);
  });

  it("refuses duplicate seeds, and counting from a string", () => {
    expect(() => listSeeds([1, 2, "1"])).toThrow(new UsageError("seed 1 is listed twice"));
    expect(() => listSeeds(2, "a")).toThrow('seeds cannot be counted from "a"');
  });
});

describe("lastRow", () => {
  const write = (text: string) => writeFileSync(join(folder, "metrics.jsonl"), text);

  it("is the last complete row, also if a partial row follows", () => {
    write('{"steps":1,"seconds":0}\n{"steps":2,"seconds":1}\n{"ste');
    expect(lastRow(folder, "metrics")).toEqual({ steps: 2, seconds: 1 });
  });

  it("is found at the end of a long file", () => {
    const rows = Array.from({ length: 20_000 }, (_, steps) => `{"steps":${steps},"seconds":0}\n`);
    write(rows.join(""));
    expect(lastRow(folder, "metrics")?.steps).toBe(19_999);
  });

  it("is undefined without a row", () => {
    write('{"steps":1');
    expect(lastRow(folder, "metrics")).toBeUndefined();
    expect(lastRow(folder, "evaluations")).toBeUndefined();
  });
});

describe("the headline measure of several runs", () => {
  const metrics = { steps: 9, seconds: 1, return: 5, value: 3, loss: 2 };
  const evaluations = { steps: 9, seconds: 1, mean: 7 };

  it("is the evaluation if there is one, else the first preferred metric", () => {
    expect(measureOf([{ metrics }, { metrics, evaluations }])).toBe("evaluation");
    expect(measureOf([{ metrics }])).toBe("return");
    expect(measureOf([{ metrics: { steps: 1, seconds: 1, value: 3 } }])).toBe("value");
    const cloned = { metrics: { steps: 1, seconds: 1, loss: 3 } };
    const diagnosed = { ...cloned, evaluations: { steps: 1, seconds: 1, score: 0.9 } };
    expect(measureOf([diagnosed])).toBe("score");
    expect(scoreOf(diagnosed, "score")).toBe(0.9);
    expect(measureOf([cloned, {}])).toBe("loss");
    expect(measureOf([{ metrics: { steps: 1, seconds: 1, epsilon: 3 } }, {}])).toBeUndefined();
  });

  it("gives each run its score, or undefined", () => {
    expect(scoreOf({ metrics, evaluations }, "evaluation")).toBe(7);
    expect(scoreOf({ metrics }, "return")).toBe(5);
    expect(scoreOf({ metrics }, "evaluation")).toBeUndefined();
    expect(scoreOf({ metrics }, undefined)).toBeUndefined();
  });
});

const record = (seed: number, score?: number, status: SeedRecord["status"] = "finished"): SeedRecord => ({
  seed,
  folder: `seed-${seed}`,
  status,
  steps: 100,
  seconds: 2,
  score,
});

describe("the statistics of several seeds", () => {
  it("are the mean, and from five seeds on the interquartile mean and its interval", () => {
    const of = (...scores: number[]) => statisticsOf(scores.map((score, i) => record(i, score)));
    const { mean, iqm, std, interval } = of(0, 10, 20, 30, 1000);
    expect(mean).toBe(212);
    expect(iqm).toBe(20);
    expect(std).toBeCloseTo(Math.sqrt((212 ** 2 + 202 ** 2 + 192 ** 2 + 182 ** 2 + 788 ** 2) / 5), 9);
    expect(interval![0]).toBeLessThan(20);
    expect(interval![1]).toBeGreaterThan(20);
    // With four, the interquartile mean is of two, and the interval from the lowest to nearly the highest.
    expect(Object.keys(of(0, 10, 20, 1000))).toEqual(["mean", "std"]);
  });

  it("omit the seeds that did not finish", () => {
    const seeds = [record(0, 1), record(1, 3), record(2, 500, "failed"), record(3, 500, "interrupted")];
    expect(statisticsOf(seeds)).toEqual({ mean: 2, std: 1 });
  });

  it("are undefined without a score", () => {
    expect(statisticsOf([record(0, 4)])).toEqual({ mean: 4, std: 0 });
    expect(statisticsOf([record(0)])).toEqual({});
  });
});

const provenance = { command: ["node", "understudy"] } as unknown as SeedsSummary["provenance"];
const summaryOf = (seeds: SeedRecord[], measure?: string): SeedsSummary => ({
  algorithm: "ppo",
  env: "CartPole-v1",
  measure,
  seeds,
  ...statisticsOf(seeds),
  provenance,
});

describe("the report of several seeds", () => {
  const seeds = [record(0, 1), record(1, 3), { ...record(2, 9, "failed"), error: "the disk is full" }];
  const summary = summaryOf(seeds, "return");
  const rowsOf = (...returns: number[]) =>
    returns.map((value, i) => ({ steps: i, seconds: i, return: value }));

  it("states the joint result in a sentence", () => {
    expect(seedsSentence(summary)).toBe("ppo on CartPole-v1, 2 of 3 seeds: return 2 on average of 1 and 3.");
    expect(seedsSentence(summaryOf([record(0, 7)], "return"))).toBe(
      "ppo on CartPole-v1, 1 seed: return 7 on average.",
    );
    const five = [1, 2, 2, 2, 3].map((score, i) => record(i, score));
    expect(seedsSentence(summaryOf(five, "return"))).toMatch(
      /return 2 on average, interquartile mean 2\.\d+ \[[\d.]+, [\d.]+\] \(95 % percentile bootstrap over the seeds\)\.$/,
    );
    expect(seedsSentence(summaryOf([record(0)]))).toBe(
      "ppo on CartPole-v1, 1 seed: nothing to compare: no seed has measured anything.",
    );
  });

  it("draws every seed below the mean of few, and the interquartile mean of five, where all have a row", () => {
    const rows = [rowsOf(1, 2, 3), rowsOf(5, 6), []];
    const [curves] = seedsReport({ summary, rows }).sections;
    const { series } = curves as Extract<typeof curves, { kind: "curves" }>;
    expect(series.filter(({ faint }) => faint)).toHaveLength(3);
    expect(series.at(-1)!.points).toEqual([
      { x: 0, y: 3 },
      { x: 1, y: 4 },
    ]);
    expect(series.at(-1)!.name).toBe("mean");
    const five = [0, 1, 2, 3, 100].map((last) => rowsOf(last, last));
    const many = { ...summary, seeds: five.map((_, i) => record(i, 1)) };
    const [figure] = seedsReport({ summary: many, rows: five }).sections as CurvesSection[];
    expect(figure.series.at(-1)).toEqual({
      name: "interquartile mean",
      points: [
        { x: 0, y: 2 },
        { x: 1, y: 2 },
      ],
    });
    expect(figure.reading).toBe("The interquartile mean of 5 seeds goes from 2 to 2.");
  });

  it("names why a seed failed, and renders", () => {
    const html = renderReport(seedsReport({ summary, rows: [[], [], []] }));
    expect(html).toContain("failed: the disk is full");
    expect(html).toContain("ppo on CartPole-v1");
  });
});

describe("the board", () => {
  const board = (isTTY: boolean) => {
    const written: string[] = [];
    const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) };
    return { written, ...createBoard(stream), stream };
  };

  it("redraws one line per job on a terminal, and keeps closing lines above them", () => {
    const { written, line, say } = board(true);
    const [first, second] = [line(), line()];
    first.write("\rone 10%\x1b[K");
    second.write("\rtwo 20%\x1b[K");
    expect(written.at(-1)).toBe("\x1b[1A\r\x1b[Jone 10%\ntwo 20%\n");
    first.write("\r\x1b[Kone done\n");
    expect(written.at(-1)).toBe("\x1b[2A\r\x1b[Jone done\ntwo 20%\n");
    say("a word");
    expect(written.at(-1)).toBe("\x1b[1A\r\x1b[Ja word\ntwo 20%\n");
    second.write("\r\x1b[Ktwo done\n");
    expect(written.at(-1)).toBe("\x1b[1A\r\x1b[Jtwo done\n");
  });

  it("writes plain lines without a terminal", () => {
    const { written, line, say, stream } = board(false);
    expect(line()).toBe(stream);
    say("a word");
    expect(written).toEqual(["a word\n"]);
  });
});
