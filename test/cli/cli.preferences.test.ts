/** @file From comparisons to a policy at the command line: a run's preferences, a reward fitted to them, and its use. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Outcome, temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));
const configOf = (name: string) => JSON.parse(readFileSync(join(folder, name, "config.json"), "utf8"));
const eventsIn = (name: string) =>
  readFileSync(join(folder, name, "comparisons.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** A run of preference learning that ends within seconds. */
const SMALL = "--comparisons 60 --rounds 3 --segment-length 8 --optimiser exact --annotator oracle";
let learnt: Outcome;

beforeAll(async () => {
  learnt = await run(
    `train preference-learning --env FrozenLake-v1 --environment-options.reward-schedule 1,-1,0 ${SMALL} --steps 1 --out runs/asked`,
  );
});

describe("a run of preference learning", () => {
  it("leaves its segments and answers in its folder, with how the environment was played", async () => {
    expect(learnt.stderr + learnt.stdout).toMatch(/\npreferences runs\/asked\/preferences\n/);
    const { env, answers, annotators } = JSON.parse((await run("preferences runs/asked --json")).stdout);
    expect({ env, answers }).toEqual({ env: "FrozenLake-v1", answers: 6 });
    expect(annotators).toMatchObject([{ annotator: "oracle" }]);
    const { provenance } = JSON.parse(
      readFileSync(join(folder, "runs/asked/preferences/preferences.json"), "utf8"),
    );
    expect(provenance.environmentOptions).toMatchObject({ rewardSchedule: [1, -1, 0] });
  });

  it("adds to them when it is resumed, and keeps apart what somebody has changed", async () => {
    const resume = (steps: number) =>
      run(`train preference-learning --resume --steps ${steps} --out runs/asked`);
    expect((await resume(2)).code).toBe(0);
    const aside = join(folder, "runs/asked/preferences.1");
    expect([eventsIn("runs/asked/preferences").length > 6, existsSync(aside)]).toEqual([true, false]);
    await run("compare-segments runs/asked/preferences --annotator random");
    const added = eventsIn("runs/asked/preferences");
    expect((await resume(3)).code).toBe(0);
    expect(eventsIn("runs/asked/preferences")).toHaveLength(60);
    expect(eventsIn("runs/asked/preferences.1")).toEqual(added);
  });
});

describe("a folder of preferences", () => {
  it("of a run is read by dpo", async () => {
    const words = "train dpo --preferences runs/asked --preference regret --epochs 1 --out runs/dpo";
    const { code, stderr } = await run(words);
    expect(stderr).not.toMatch(/^understudy-rl:/m);
    expect(code).toBe(0);
    expect(configOf("runs/dpo")).toMatchObject({
      env: "FrozenLake-v1",
      environmentOptions: { rewardSchedule: [1, -1, 0] },
    });
  });

  it("gives a reward, which learners maximise in the environment of the comparisons", async () => {
    const fitted = await run("train reward-model --data runs/asked --horizon variable --out runs/reward");
    expect(fitted.stdout).toMatch(/reward +runs\/reward\/reward\.safetensors/);
    expect(fitted.stdout).toMatch(/next +npx understudy-rl train ppo --reward runs\/reward\n/);
    const steps = "--rollout-steps 32 --environments 2 --minibatch-size 32 --steps 64";
    const { code } = await run(`train ppo --reward runs/reward ${steps} --out runs/ppo`);
    expect(code).toBe(0);
    expect(configOf("runs/ppo")).toMatchObject({
      ...{ env: "FrozenLake-v1", environmentOptions: { rewardSchedule: [1, -1, 0] } },
      learntReward: { from: "runs/reward" },
    });
  });

  it("is refused by a reward in an environment of other spaces", async () => {
    const { code, stderr } = await run("train ppo --reward runs/reward --env CartPole-v1 --out runs/other");
    expect(code).toBe(2);
    expect(stderr).toMatch(/the learnt reward/);
  });
});
