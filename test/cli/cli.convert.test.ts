/** @file Files of other programs on the command line: converted, and used for training directly. */

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const sample = (name: string) =>
  fileURLToPath(new URL(`../data-files/demonstrations/${name}`, import.meta.url));

describe("understudy-rl convert", () => {
  it("writes demonstrations in formats that train a clone: the package's, Minari's and LeRobot's", async () => {
    const npz = sample("imitation-cartpole.npz");
    const ours = await understudy(folder, ["convert", npz, "--env", "CartPole-v1", "--out", "ours"]);
    expect(ours.stderr).toBe("");
    expect(ours.stdout).toMatch(/^4 episodes of CartPole-v1, 67 steps, mean return 16\.8/);
    const theirs = await understudy(folder, ["convert", "ours", "--to", "minari", "--out", "theirs"]);
    expect(theirs.code).toBe(0);
    expect(existsSync(join(folder, "theirs/data/main_data.hdf5"))).toBe(true);
    const robot = await understudy(folder, ["convert", "ours", "--to", "lerobot", "--out", "robot"]);
    expect([robot.code, existsSync(join(folder, "robot/meta/info.json"))]).toEqual([0, true]);
    for (const demos of ["ours", "theirs", "robot", npz]) {
      const words = ["train", "bc", "--demos", demos, "--env", "CartPole-v1", "--steps", "3"];
      const { code, stderr } = await understudy(folder, [...words, "--out", `runs/${basename(demos)}`]);
      expect([code, stderr]).toEqual([0, stderr]);
    }
  }, 120_000);

  it("and train and evaluate need no environment, and no code, for a folder of LeRobot", async () => {
    cpSync(sample("lerobot-pendulum.parquet"), join(folder, "lerobot/data/chunk-000/file-000.parquet"));
    const info = { features: { "observation.state": { dtype: "float32", shape: [3] } }, total_episodes: 3 };
    mkdirSync(join(folder, "lerobot/meta"));
    writeFileSync(join(folder, "lerobot/meta/info.json"), JSON.stringify(info));
    const small = ["--epochs", "3", "--hidden", "4", "--minibatch-size", "4"];
    const train = ["train", "bc", "--demos", "lerobot", ...small];
    const held = await understudy(folder, [
      ...train,
      "--held-out",
      "0.4",
      "--evaluate.every",
      "1",
      "--out",
      "bc",
    ]);
    expect(held.code).toBe(0);
    expect(held.stderr).toContain(
      "actions are taken as Box(1), by the arrays of the data: --action-space sets another",
    );
    expect(held.stdout).toContain("bc on data:lerobot");
    const evaluated = await understudy(folder, ["evaluate", "bc", "--json"]);
    const found = JSON.parse(evaluated.stdout);
    expect(found).toMatchObject({ data: "data:lerobot", episodes: 1 });
    const rows = readFileSync(join(folder, "bc/evaluations.jsonl"), "utf8").trim().split("\n");
    expect(found.logLikelihood).toBeCloseTo(JSON.parse(rows.at(-1)!).logLikelihood, 5);
    const converted = await understudy(folder, ["convert", "lerobot", "--out", "demos"]);
    expect(converted.stdout).toContain("3 episodes of data:lerobot");
    const other = await understudy(folder, ["evaluate", "bc", "--demos", "demos"]);
    expect(other.stdout).toMatch(/action error \[95 %\]\n.*\n.* data:lerobot +3 +15 /);
    const all = await understudy(folder, [...train, "--action-space", "Box(1, -2, 2)", "--out", "bc-all"]);
    expect([all.code, all.stderr.includes("actions are taken")]).toEqual([0, false]);
    const resumed = await understudy(folder, ["train", "bc", "--resume", "--out", "bc-all"]);
    expect(resumed.code).toBe(0);
  }, 240_000);

  it.each([
    ["convert", /convert needs <demonstrations>/],
    ["convert nowhere --out o", /cannot read nowhere: there is no such file or folder/],
    ["convert SAMPLE --action-space Disc(2) --out o", /actionSpace is "Disc\(2\)": write Discrete\(4\)/],
    ["train gail --demos SAMPLE --out o", /gail acts in an environment, and a data set has none/],
    ["evaluate bc-all", /the run learnt from all episodes of data:lerobot: give held-out demonstrations/],
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
