/** @file Files of other programs on the command line: converted, and used for training directly. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const sample = (name: string) =>
  fileURLToPath(new URL(`../data-files/demonstrations/${name}`, import.meta.url));

describe("understudy-rl convert", () => {
  it("writes demonstrations in the package's format, which train a clone, and in Minari's", async () => {
    const npz = sample("imitation-cartpole.npz");
    const ours = await understudy(folder, ["convert", npz, "--env", "CartPole-v1", "--out", "ours"]);
    expect(ours.stderr).toBe("");
    expect(ours.stdout).toMatch(/^4 episodes of CartPole-v1, 67 steps, mean return 16\.8/);
    const theirs = await understudy(folder, ["convert", "ours", "--to", "minari", "--out", "theirs"]);
    expect(theirs.code).toBe(0);
    expect(existsSync(join(folder, "theirs/data/main_data.hdf5"))).toBe(true);
    for (const demos of ["ours", "theirs", npz]) {
      const words = ["train", "bc", "--demos", demos, "--env", "CartPole-v1", "--steps", "3"];
      const { code, stderr } = await understudy(folder, [...words, "--out", `runs/${demos.length}`]);
      expect([code, stderr]).toEqual([0, stderr]);
    }
  }, 120_000);

  it.each([
    ["convert", /convert needs <demonstrations>/],
    ["convert nowhere --out o", /cannot read nowhere: there is no such file or folder/],
    ["convert SAMPLE --out o", /set env to the environment/],
    ["convert SAMPLE --env Pendulum-v1 --out o", /episode_0\/observations: it must be an array \[16, 3\]/],
    ["convert SAMPLE --env CartPole-v1 --from lerobot --out o", /not of format lerobot/],
  ])("%s gives a one-line error", async (line, message) => {
    const words = line.split(" ").map((word) => (word === "SAMPLE" ? sample("minari-cartpole.hdf5") : word));
    const { code, stderr } = await understudy(folder, words);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBeGreaterThan(0);
  });
});
