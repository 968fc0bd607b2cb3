/** @file The commands of the tables have the settings that their results record, and every row has a command. */

import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { runCli } from "../../../cli/cli.js";
import { recordedRows as adversarial } from "../../../experiments/adversarial/methods.js";
import { recordedRows as laneKeeping } from "../../../experiments/dagger/rows.js";
import { recordedHorizonRows } from "../../../experiments/imitation/horizon.js";
import { recordedGapRows } from "../../../experiments/imitation/worlds.js";
import {
  COUNTS,
  methods,
  recordedRows as robots,
  TASKS,
} from "../../../experiments/imitation-mujoco/runs.js";
import { recordedRows as inverse } from "../../../experiments/irl/compare-methods.js";
import { recordedSampledRows } from "../../../experiments/irl/sampled.js";
import { learnerOf, type RecordedRow, recordOf } from "../../../experiments/lib/plain-run.js";
import { penaltyRows } from "../../../experiments/penalties/runs.js";

vi.mock("yargs", () => import("../../support/brief-yargs.js"));

const FOLDER = new URL("../../../experiments/results/", import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"));
const recorded = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .filter((file) => !Array.isArray(read(file).rows))
  .flatMap((file) =>
    Object.entries((read(file).rows ?? {}) as Record<string, RecordedRow>).map(([name, row]) => ({
      file,
      name,
      ...row,
    })),
  );

/** The words of a command, with quotes of a shell resolved. */
const wordsOf = (command: string) =>
  (command.match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^'(.*)'$/, "$1"));

/** The config that a command prints, without what it learns from: nothing is read or collected for it. */
async function configOf(command: string): Promise<Record<string, unknown>> {
  const words = wordsOf(command);
  for (const flag of ["--demos", "--demo-episodes", "--expert", "--labeller"]) {
    const at = words.indexOf(flag);
    if (at >= 0) words.splice(at, 2);
  }
  let text = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += part;
    return true;
  });
  await runCli([...words, "--print-config"]);
  write.mockRestore();
  return JSON.parse(text);
}

afterEach(() => vi.restoreAllMocks());

describe("the command of a row", () => {
  it.each(recorded)("$name of $file has the recorded settings", async (row) => {
    const { command, env, environmentOptions = {}, options, steps } = row;
    const config = await configOf(command);
    expect(config).toMatchObject({ env, environmentOptions, options });
    expect(Object.keys(config.options as object).sort()).toEqual(Object.keys(options).sort());
    expect(config.steps).toBe(steps);
  });

  it("differs from that of another row where the settings differ", async () => {
    const config = await configOf("understudy-rl train bc --env HalfCheetah-v5 --demos expert");
    expect(config.options).toMatchObject({ hidden: [128, 128], epochs: { updates: 20_000 } });
    const plain = await configOf("understudy-rl train bc --env HalfCheetah-v5 --no-tuned --demos expert");
    expect(plain.options).toMatchObject({ hidden: [64, 64], epochs: 50 });
  });
});

describe("every row of a table", () => {
  it("has its command and its settings beside the results, as the experiment trains it", () => {
    expect(read("imitation-mujoco.json").rows).toEqual(robots(TASKS, Object.keys(methods), COUNTS));
    expect(read("imitation.json").rows).toEqual({ ...recordedGapRows(), ...recordedHorizonRows() });
    expect(read("penalties.json").rows).toEqual(penaltyRows());
    expect(read("adversarial.json").rows).toEqual(adversarial());
    expect(read("lane-keeping.json").rows).toEqual(laneKeeping());
    expect(read("irl-sampled.json").rows).toEqual(recordedSampledRows());
    expect(read("irl.json").rows).toEqual(inverse());
  });

  it("has runs", () => {
    for (const file of ["imitation-mujoco.json", "imitation.json", "penalties.json", "irl-sampled.json"]) {
      const { rows, runs } = read(file);
      const without = Object.keys(runs).filter(
        (key) => !Object.keys(rows).some((row) => key.startsWith(`${row}/`)),
      );
      expect(without, file).toEqual([]);
    }
  });
});

describe("a plain run", () => {
  it("takes the tuned settings, and the row's own over them", () => {
    const run = { algorithm: "bc", env: "HalfCheetah-v5", options: { learningRate: 1e-4 } };
    expect(recordOf(run, "--demos DEMOS")).toMatchObject({
      command: "understudy-rl train bc --env HalfCheetah-v5 --demos DEMOS --learning-rate 0.0001",
      options: { learningRate: 1e-4, minibatchSize: 256 },
    });
    const { algorithm, steps } = learnerOf({ algorithm: "ppo", env: "Acrobot-v1" }, {});
    expect(algorithm.name).toBe("ppo");
    expect(steps).toBe(200_000);
  });
});
