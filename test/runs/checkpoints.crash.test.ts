/**
 * @file A run that dies before, during or after each of its writes in turn: from some call of the file system on,
 * nothing reaches the disk. Random kills of a process would take long to cover these points.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { latestCheckpoint } from "../../src/runs/checkpoints.js";
import { type TrainOptions, train } from "../../src/runs/train.js";
import { chainEnvironment, randomSearch } from "../support/chain.js";

/** How many more calls that change the disk there are before the run is dead. */
const life = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));

class Dead extends Error {}

/** Of the call that is the last one, the first half of the bytes is written. */
function share<T extends string | Uint8Array>(data: T): T {
  if (--life.left > 0) return data;
  if (life.left < 0) throw new Dead();
  return data.slice(0, data.length / 2) as T;
}
function live() {
  if (--life.left < 0) throw new Dead();
}

vi.mock("node:fs", async (original) => {
  const actual = await original<typeof import("node:fs")>();
  const guarded = <A extends unknown[], R>(call: (...given: A) => R) =>
    ((...given: A) => {
      live();
      return call(...given);
    }) as never;
  return {
    ...actual,
    appendFileSync: (file: number, data: string | Uint8Array) => actual.appendFileSync(file, share(data)),
    truncateSync: guarded(actual.truncateSync),
    mkdirSync: guarded(actual.mkdirSync),
    rmSync: guarded(actual.rmSync),
  };
});
vi.mock("node:fs/promises", async (original) => {
  const actual = await original<typeof import("node:fs/promises")>();
  return {
    ...actual,
    open: async (path: string, flags: string) => {
      live();
      const handle = await actual.open(path, flags);
      return {
        writeFile: async (bytes: Uint8Array) => handle.writeFile(share(bytes)),
        sync: async () => live(),
        close: () => handle.close(),
      };
    },
    rename: async (from: string, to: string) => {
      live();
      return actual.rename(from, to);
    },
    rm: async (path: string, options: object) => {
      live();
      return actual.rm(path, options);
    },
  };
});

// Drawing charts and asking for the commit take longer than all the rest.
vi.mock("node:child_process", () => ({ execFileSync: () => "" }));
vi.mock("../../src/report/index.js", () => ({
  renderReport: () => "report",
  runReport: () => ({}),
}));

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "crash-"));
});
afterEach(() => {
  life.left = Number.POSITIVE_INFINITY;
  rmSync(parent, { recursive: true });
});

const STEP = 64;
const STEPS = 3 * STEP;
const options: TrainOptions = {
  env: chainEnvironment,
  steps: STEPS,
  evaluate: { every: 2 * STEP, episodes: 2 },
  checkpoint: { every: STEP, keep: 2 },
  sinks: ["csv"],
};

const timeless = (text: string) => text.replace(/"seconds":[^,}]*/g, "");
const table = (folder: string, name: string) => timeless(readFileSync(join(folder, name), "utf8"));

/** Files whose contents do not depend on the clock. */
const outcome = (folder: string) => ({
  metrics: table(folder, "metrics.jsonl"),
  evaluations: table(folder, "evaluations.jsonl"),
  policy: readFileSync(join(folder, "policy.safetensors")),
  best: readFileSync(join(folder, "best.safetensors")),
  state: latestCheckpoint(folder)?.checkpoint.state,
});

/** Whether the run came to its end before it died. */
async function lives(folder: string, calls: number): Promise<boolean> {
  life.left = calls;
  try {
    await train(randomSearch(), { ...options, folder, resume: existsSync(folder) });
    return life.left > 0;
  } catch (error) {
    // Whatever the message that it would have died with, had it been alive to give one.
    if (life.left > 0) throw error;
    return false;
  } finally {
    life.left = Number.POSITIVE_INFINITY;
  }
}

it(
  "a run that dies at each write, and again while it resumes, ends as an uninterrupted run",
  {
    timeout: 180_000,
  },
  async () => {
    const whole = join(parent, "whole");
    expect(await lives(whole, Number.POSITIVE_INFINITY)).toBe(true);
    const expected = outcome(whole);
    expect(latestCheckpoint(whole)?.checkpoint.steps).toBe(STEPS);

    let deaths = 0;
    for (let calls = 1; ; calls++) {
      const folder = join(parent, String(calls));
      if (await lives(folder, calls)) break;
      deaths++;
      // What is there can be read at any moment, and never goes back behind a checkpoint that was kept.
      const kept = latestCheckpoint(folder)?.checkpoint.steps ?? 0;
      await lives(folder, 1 + ((7 * calls) % 12));
      expect(latestCheckpoint(folder)?.checkpoint.steps ?? 0).toBeGreaterThanOrEqual(kept);
      expect(await lives(folder, Number.POSITIVE_INFINITY)).toBe(true);
      expect(outcome(folder), `after ${calls} calls`).toEqual(expected);
      rmSync(folder, { recursive: true });
    }
    // Three rows, checkpoints of several calls each, evaluations, policies: if they were few, something was not counted.
    expect(deaths).toBeGreaterThan(30);
  },
);
