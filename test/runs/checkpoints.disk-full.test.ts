/** @file A disk that fills up during a run does not damage earlier checkpoints. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { exitCodeOf } from "../../src/runs/exit-code.js";
import { train } from "../../src/runs/train.js";
import { snapshot } from "../../src/state/snapshot.js";
import { chainEnvironment, randomSearch } from "../support/chain.js";

const disk = vi.hoisted(() => ({ full: false }));

vi.mock("node:fs/promises", async (original) => {
  const actual = await original<typeof import("node:fs/promises")>();
  return {
    ...actual,
    open: async (path: string, flags: string) => {
      const handle = await actual.open(path, flags);
      const writeFile = async (bytes: Uint8Array) => {
        await handle.writeFile(disk.full ? bytes.subarray(0, bytes.length / 2) : bytes);
        if (disk.full)
          throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      };
      return { writeFile, sync: () => handle.sync(), close: () => handle.close() };
    },
  };
});

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "disk-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

it("a checkpoint that does not fit fails the run, and the run resumes from the previous one", async () => {
  const folder = join(parent, "run");
  const options = { env: chainEnvironment, steps: 1280, folder };
  const onIteration = ({ steps }: { steps: number }) => {
    disk.full = steps >= 640;
  };
  const failure = await train(randomSearch(), { ...options, onIteration }).catch((error: Error) => error);
  expect(String(failure)).toMatch(
    /cannot write .*step-000000000640\.checkpoint: the disk is full.*; the last good checkpoint is .*step-000000000512/,
  );
  expect(exitCodeOf(failure)).toBe(1);
  expect(readdirSync(join(folder, "checkpoints")).at(-1)).toBe("step-000000000512.checkpoint");
  expect(readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n")).toHaveLength(10);

  disk.full = false;
  const resumed = await train.run(randomSearch(), { ...options, resume: true });
  const whole = await train.run(randomSearch(), { ...options, folder: undefined });
  expect(snapshot(resumed.state)).toEqual(snapshot(whole.state));
});
