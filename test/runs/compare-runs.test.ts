/** @file Comparisons of run folders and of folders of seeds. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { compareRuns } from "../../src/runs/compare-runs.js";
import { temporaryFolder } from "../cli/run-cli.js";

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
const json = (path: string, value: unknown) => writeFileSync(path, JSON.stringify(value));

/** A run folder with one row, with or without what a finished run has. */
function runFolder(
  path: string,
  algorithm: string,
  { seed = 0, value = 1, steps = 10, ended = "finished", environmentOptions = {} } = {},
) {
  mkdirSync(path, { recursive: true });
  const env = "CartPole-v1";
  json(join(path, "config.json"), {
    format: 1,
    algorithm,
    env,
    environmentOptions,
    options: {},
    seed,
    steps: 10,
    unit: "steps",
  });
  json(join(path, "provenance.json"), { ended });
  writeFileSync(join(path, "metrics.jsonl"), `${JSON.stringify({ steps, seconds: 1, return: value })}\n`);
  if (ended !== "") writeFileSync(join(path, "policy.safetensors"), "");
}

runFolder(at("a"), "ppo", { value: 2 });
runFolder(at("b", "seed-0"), "a2c", { value: 4 });
runFolder(at("b", "seed-1"), "a2c", { seed: 1, value: 6 });
const record = (seed: number, status: string, error?: string) => ({
  seed,
  status,
  error,
  folder: `seed-${seed}`,
  steps: 10,
  seconds: 1,
});
json(at("b", "summary.json"), {
  algorithm: "a2c",
  env: "CartPole-v1",
  provenance: {},
  seeds: [
    record(0, "finished"),
    record(1, "finished"),
    record(2, "failed", "no memory"),
    record(3, "waiting"),
  ],
});

describe("compareRuns", () => {
  it("reads runs and seeds, and names seeds that failed or have not started", async () => {
    const { groups, omitted } = await compareRuns([at("a"), `${at("b")}/`]);
    expect(groups.map(({ name, final, seeds }) => [name, final, seeds])).toEqual([
      ["ppo", { value: 2 }, [0]],
      ["a2c", { value: 5 }, [0, 1]],
    ]);
    expect(omitted).toEqual([
      { folder: at("b", "seed-2"), reason: "failed: no memory" },
      { folder: at("b", "seed-3"), reason: "unfinished: it has not started" },
    ]);
  });

  it("takes a run that was interrupted or is under way as unfinished, and one that ended early as finished", async () => {
    runFolder(at("stopped"), "sac", { steps: 5, ended: "interrupted" });
    runFolder(at("underway"), "td3", { steps: 10, ended: "" });
    runFolder(at("early"), "dqn", { steps: 5 });
    const { omitted, groups } = await compareRuns([at("stopped"), at("underway"), at("early")]);
    expect(omitted.map(({ folder }) => folder)).toEqual([at("stopped"), at("underway")]);
    expect(groups.map(({ seeds }) => seeds.length)).toEqual([0, 0, 1]);
  });

  it("writes the page and its numbers beside it, into a folder or under a name", async () => {
    await compareRuns([at("a"), at("b")], { out: at("out") });
    expect(readdirSync(at("out")).sort()).toEqual([
      "comparison-curves.csv",
      "comparison.csv",
      "comparison.html",
      "comparison.md",
    ]);
    await compareRuns([at("a"), at("b")], { out: at("new", "both.html") });
    expect(readFileSync(at("new", "both.csv"), "utf8")).toContain(
      "a2c,a2c,CartPole-v1,return,5,,,,,,2,10,steps,0:4 1:6,",
    );
  });

  it("draws the expert of the package where the environment has its default options", async () => {
    const options = { suttonBartoReward: false, maxEpisodeSteps: 500 };
    runFolder(at("default"), "ppo", { environmentOptions: options });
    await compareRuns([at("default")], { out: at("default.html") });
    expect(readFileSync(at("default.html"), "utf8")).toContain("expert of the package");
    runFolder(at("short"), "ppo", { environmentOptions: { ...options, maxEpisodeSteps: 20 } });
    await compareRuns([at("short")], { out: at("short.html") });
    expect(readFileSync(at("short.html"), "utf8")).not.toContain("expert of the package");
  });

  it("refuses folders without runs, one that is given twice, and none", async () => {
    mkdirSync(at("empty"));
    await expect(compareRuns([at("a"), at("empty")])).rejects.toThrow(
      `there is no run in ${at("empty")}: it has neither config.json`,
    );
    await expect(compareRuns([at("a"), `${at("a")}/.`])).rejects.toThrow(`${at("a")} is given twice`);
    await expect(compareRuns([])).rejects.toThrow("compareRuns needs the folders of runs");
  });
});
