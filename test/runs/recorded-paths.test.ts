/** @file The paths in the record of a run lead to the same files from every working folder. */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "../../envs/index.js";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fromWorkingFolder, withWorkingFolder } from "../../src/runs/recorded-paths.js";
import { type TrainSpec, train } from "../../src/runs/train.js";

const parent = realpathSync(mkdtempSync(join(tmpdir(), "recorded-paths-")));
const home = process.cwd();
beforeEach(() => {
  process.chdir(home);
  rmSync(parent, { recursive: true, force: true });
  for (const folder of ["project/runs/a", "project/demos", "other"])
    mkdirSync(join(parent, folder), { recursive: true });
  for (const file of ["walk.mjs", "mine.mjs", "demos/data"]) writeFileSync(join(parent, "project", file), "");
  process.chdir(join(parent, "project"));
});
afterAll(() => {
  process.chdir(home);
  rmSync(parent, { recursive: true });
});

const record = {
  algorithm: { module: "./mine.mjs", checksum: "1" },
  env: { module: "walk.mjs", checksum: "2" },
  options: {
    demonstrations: { from: "demos", episodes: 2, env: "./walk.mjs" },
    expert: { expert: "CartPole-v1" },
    labeller: { labeller: "files", folder: "labels" },
    hidden: [8],
    network: { from: "a name" },
  },
  steps: 7,
};

describe("a record with relative paths", () => {
  it("names the working folder as it is seen from its own folder", () => {
    expect(withWorkingFolder(record, "runs/a")).toEqual({ ...record, workingFolder: "../.." });
    expect(withWorkingFolder(record, ".")).toEqual({ ...record, workingFolder: "." });
    expect(withWorkingFolder({ ...record, workingFolder: "old" }, "runs/a").workingFolder).toBe("../..");
  });

  it("is read as it was written in the same working folder", () => {
    expect(fromWorkingFolder(withWorkingFolder(record, "runs/a"), "runs/a")).toEqual(record);
  });

  it("leads to the same files from other folders", () => {
    const written = withWorkingFolder(record, "runs/a");
    process.chdir(join(parent, "other"));
    expect(fromWorkingFolder(written, "../project/runs/a")).toEqual({
      ...record,
      algorithm: { module: "../project/mine.mjs", checksum: "1" },
      env: { module: "../project/walk.mjs", checksum: "2" },
      options: {
        ...record.options,
        demonstrations: { from: "../project/demos", episodes: 2, env: "./walk.mjs" },
        labeller: { labeller: "files", folder: "../project/labels" },
      },
    });
    process.chdir(parent);
    expect(fromWorkingFolder(written, join(parent, "project/runs/a")).env.module).toBe("./project/walk.mjs");
  });

  it("leads to files that were moved together with its folder", () => {
    const written = withWorkingFolder(record, "runs/a");
    process.chdir(parent);
    renameSync("project", "moved");
    expect(fromWorkingFolder(written, "moved/runs/a").env.module).toBe("./moved/walk.mjs");
  });

  it("keeps a path of the present working folder if its folder was moved alone", () => {
    const written = withWorkingFolder(record, "runs/a");
    cpSync("runs/a", "archive/2025/old/a", { recursive: true });
    expect(fromWorkingFolder(written, "archive/2025/old/a").env.module).toBe("walk.mjs");
  });
});

it("a run is resumed in code, by its record, from another folder", async () => {
  writeFileSync(
    "walk.mjs",
    `export default class {
  observationSpace = { shape: [1], low: -9, high: 9 };
  actionSpace = { n: 2 };
  reset() { return [0]; }
  step() { return [[0], 1, true, false, {}]; }
  getState() { return {}; }
  setState() {}
}`,
  );
  const options = { rolloutSteps: 16, environments: 2, minibatchSize: 16, epochs: 1, hidden: [4] };
  await train("ppo", { env: "./walk.mjs", steps: 32, tuned: false, options, folder: "runs/b" });
  process.chdir(join(parent, "other"));
  const folder = "../project/runs/b";
  const spec: TrainSpec = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const { steps } = await train.run({
    ...spec,
    steps: 64,
    folder,
    resume: true,
    trust: ["../project/walk.mjs"],
  });
  expect(steps).toBe(64);
});

it("a record with ids and absolute paths only, or with a damaged field, stays as it is", () => {
  const plain = {
    algorithm: "ppo",
    env: "CartPole-v1",
    options: {},
    data: { from: join(parent, "data.json") },
  };
  expect(withWorkingFolder(plain, "runs/a")).toEqual(plain);
  expect(fromWorkingFolder({ ...plain, workingFolder: ".." }, "runs/a")).toEqual(plain);
  for (const options of [null, 7, "text", ["x"]]) {
    const damaged = { env: "./walk.mjs", options, workingFolder: "elsewhere" };
    expect(() => fromWorkingFolder(damaged, "runs/a")).not.toThrow();
  }
});
