/** @file The lock of a run folder: a second process is refused, and a killed one leaves nothing that blocks. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import "../../envs/index.js";
import { UsageError } from "../../src/errors.js";
import { train } from "../../src/runs/train.js";
import { LOCK, lockFolder } from "../../src/state/lock.js";

const parent = mkdtempSync(join(tmpdir(), "lock-"));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(parent, "run-"));
});
afterAll(() => rmSync(parent, { recursive: true }));

const holder = () => JSON.parse(readFileSync(join(folder, LOCK), "utf8"));
const leave = (fields: object) =>
  writeFileSync(join(folder, LOCK), JSON.stringify({ thread: 0, host: hostname(), ...fields }));

describe("a locked folder", () => {
  it("names its process, and is free again after the release", async () => {
    const lock = await lockFolder(folder);
    expect(holder()).toMatchObject({ pid: process.pid, host: hostname() });
    await expect(lockFolder(folder, 100)).rejects.toThrow(UsageError);
    await expect(lockFolder(folder, 100)).rejects.toThrow(`${folder} is in use by process ${process.pid}`);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    (await lockFolder(folder)).release();
  });

  it("is refused while another process has it, and taken over when that has ended", async () => {
    const other = spawn("sleep", ["60"]);
    leave({ pid: other.pid });
    await expect(lockFolder(folder, 100)).rejects.toThrow(`in use by process ${other.pid}: wait`);
    setTimeout(() => other.kill("SIGKILL"), 100);
    const lock = await lockFolder(folder, 5_000);
    expect(lock.note).toMatch(new RegExp(`took over the lock of process ${other.pid}, which has ended`));
    lock.release();
  });

  it("is taken over from an id that another process has now", async () => {
    leave({ pid: process.ppid, started: "1" });
    (await lockFolder(folder, 100)).release();
  });

  it("is taken over after a power cut left its file empty", async () => {
    writeFileSync(join(folder, LOCK), "");
    (await lockFolder(folder, 100)).release();
  });

  it("is not taken over from another machine, whose processes cannot be seen", async () => {
    const { pid } = spawnSync("true");
    leave({ pid, host: "elsewhere" });
    await expect(lockFolder(folder, 100)).rejects.toThrow(
      `in use by process ${pid} on elsewhere: wait until it ends, or choose another folder; if that process has ended, remove ${join(folder, LOCK)}`,
    );
  });

  it("goes to one of several that ask at once", async () => {
    leave({ pid: spawnSync("true").pid });
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder, 100)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([LOCK]);
  });
});

describe("a run", () => {
  const options = { env: "CartPole-v1", steps: 32, tuned: false };
  const small = { rolloutSteps: 16, environments: 2, minibatchSize: 16, epochs: 1, hidden: [4] };

  it("holds the lock of its folder until it ends, also by an error", async () => {
    const run = { ...options, options: small, folder: join(folder, "a") };
    const path = join(run.folder, LOCK);
    await train("ppo", { ...run, onIteration: () => expect(existsSync(path)).toBe(true) });
    expect(existsSync(path)).toBe(false);
    const fails = () => {
      throw new Error("no");
    };
    await expect(train("ppo", { ...run, steps: 64, resume: true, onIteration: fails })).rejects.toThrow("no");
    expect(existsSync(path)).toBe(false);
  });

  it("is refused in the folder of another", async () => {
    const run = { ...options, options: small, folder: join(folder, "b") };
    await train("ppo", run);
    const lock = await lockFolder(run.folder);
    await expect(train("ppo", { ...run, steps: 64, resume: true })).rejects.toThrow(/is in use by process/);
    lock.release();
  });

  it("goes on with its sinks when it resumes without naming them", async () => {
    const run = { ...options, options: small, folder: join(folder, "c") };
    await train("ppo", { ...run, sinks: ["csv", "tensorboard"] });
    await train("ppo", { ...run, steps: 96, resume: true });
    const rows = (name: string) => readFileSync(join(run.folder, name), "utf8").trim().split("\n").length;
    expect(rows("metrics.csv") - 1).toBe(rows("metrics.jsonl"));
    expect(rows("metrics.jsonl")).toBe(3);
  });
});
