/** @file Resuming from a folder whose latest checkpoint or whose rows were damaged, for example by a power cut. */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import "../../envs/index.js";
import { latestCheckpoint } from "../../src/runs/checkpoints.js";
import { train } from "../../src/runs/train.js";

const parent = mkdtempSync(join(tmpdir(), "fallback-"));
const options = { rolloutSteps: 16, environments: 2, minibatchSize: 16, epochs: 1, hidden: [4] };
const run = { env: "CartPole-v1", tuned: false, options, checkpoint: { every: 64 } };
const whole = join(parent, "whole");
beforeAll(async () => {
  await train("ppo", { ...run, steps: 256, folder: join(parent, "begun") });
  await train("ppo", { ...run, steps: 384, folder: whole });
});
afterAll(() => rmSync(parent, { recursive: true }));

const rows = (folder: string) =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: undefined }));

/** Resumes a copy of the begun run after a change, and returns what was said. */
async function resumed(
  name: string,
  change: (folder: string, latest: string) => void,
  { isShown = true } = {},
) {
  const folder = join(parent, name);
  cpSync(join(parent, "begun"), folder, { recursive: true });
  const latest = readdirSync(join(folder, "checkpoints")).sort().at(-1)!;
  change(folder, join(folder, "checkpoints", latest));
  let said = "";
  const progress = isShown ? { write: (text: string) => (said += text) } : undefined;
  await train("ppo", { ...run, steps: 384, folder, resume: true, progress });
  expect(rows(folder)).toEqual(rows(whole));
  expect(readFileSync(join(folder, "policy.safetensors"))).toEqual(
    readFileSync(join(whole, "policy.safetensors")),
  );
  return said;
}

describe("a resumed run", () => {
  it("goes on from the checkpoint before a damaged one, and says so", async () => {
    const said = await resumed("flipped", (_, latest) => {
      const bytes = readFileSync(latest);
      bytes[bytes.length - 3] ^= 4;
      writeFileSync(latest, bytes);
    });
    expect(said).toMatch(
      /step-000000000256\.checkpoint: the file is damaged.*goes on from .*000192\.checkpoint/,
    );
  });

  it("says so on standard error if it has no stream of progress", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    await resumed("unseen", (_, latest) => truncateSync(latest, 100), { isShown: false });
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(/^understudy-rl: note: .*goes on from .*000192\.checkpoint$/),
    ]);
    warn.mockRestore();
  });

  it("goes on from the checkpoint before one that was cut short", async () => {
    expect(await resumed("cut", (_, latest) => truncateSync(latest, 100))).toMatch(/goes on from .*000192/);
    expect(await resumed("empty", (_, latest) => truncateSync(latest, 0))).toMatch(/goes on from .*000192/);
  });

  it("goes on from the checkpoint up to which there are rows", async () => {
    const said = await resumed("short", (folder) => {
      const path = join(folder, "metrics.jsonl");
      const lines = readFileSync(path, "utf8").split("\n");
      writeFileSync(path, `${lines.slice(0, 5).join("\n")}\n`);
    });
    expect(said).toMatch(/metrics\.jsonl ends at step 160.*goes on from .*000128\.checkpoint/);
  });

  it("is refused if no checkpoint is sound, or a row is not one", async () => {
    await expect(
      resumed("none", (folder) => {
        for (const name of readdirSync(join(folder, "checkpoints"))) {
          truncateSync(join(folder, "checkpoints", name), 9);
        }
      }),
    ).rejects.toThrow(/there is no earlier checkpoint: train into a new folder/);
    await expect(
      resumed("null", (folder) => {
        const path = join(folder, "metrics.jsonl");
        writeFileSync(path, `null\n${readFileSync(path, "utf8")}`);
      }),
    ).rejects.toThrow(/metrics\.jsonl, line 1: not a row of numbers with "steps": null/);
  });

  it("has no checkpoint where there is none", () => {
    expect(latestCheckpoint(parent)).toBeUndefined();
  });
});
