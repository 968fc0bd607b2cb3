/** @file Learners of task families on the command line: evaluation by trials, and commands that need observations alone. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { make } from "../../envs/index.js";
import { taskSet } from "../../src/rollout/task-set.js";
import { type Outcome, temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));
const json = (words: string) => run(`${words} --json`).then(({ stdout }) => JSON.parse(stdout));

const SMALL = "--environments 4 --minibatches 1 --epochs 1 --hidden [4] --evaluate.every 320 --steps 320";
let trained: Outcome[];

beforeAll(async () => {
  trained = await Promise.all([
    run(
      `train milet --env PointGoal-v0 ${SMALL} --encoder-units 4 --vae-batch 4 --vae-updates 1 --warm-up 0 ` +
        "--tasks.train 8 --tasks.test 6 --out runs/milet",
    ),
    run(`train rl2 --env PointGoal-v0 ${SMALL} --recurrent-units 4 --out runs/rl2`),
  ]);
});

describe("a run of a learner of a task family", () => {
  it("reports its evaluations as trials of test tasks", () => {
    for (const { code } of trained) expect(code).toBe(0);
    const report = readFileSync(join(folder, "runs/milet/report.html"), "utf8");
    const [row] = readFileSync(join(folder, "runs/milet/evaluations.jsonl"), "utf8").trim().split("\n");
    expect(JSON.parse(row)).toMatchObject({ trials: 6, mean: JSON.parse(row).episode2 });
    expect(report).toContain("the last episode of a trial");
    expect(report).toContain("over 6 trials of test tasks");
    expect(report).not.toContain("n/a");
  });

  it("is evaluated on its own test tasks, a row an episode, with the clusters that it infers", async () => {
    const { code, stdout } = await run("evaluate runs/milet --trials 6");
    expect(code).toBe(0);
    expect(stdout).toMatch(/episode +trials +mean return \[95 %\] +IQM/);
    expect(stdout).toMatch(/PointGoal-v0 +1 +6 .*\n.*PointGoal-v0 +2 +6 /);
    expect(stdout).toContain("of a perfect reader of these tasks");
    const { tasks, mean, returns } = await json("evaluate runs/milet --trials 6");
    const family = (await make("PointGoal-v0")).tasks!;
    expect(tasks).toEqual(taskSet(family, { train: 8, test: 6 }).test);
    expect(returns).toHaveLength(6);
    expect(mean).toHaveLength(2);
    // More trials are of further tasks, none of which is a training task.
    const further = await json("evaluate runs/milet --trials 9");
    expect(further.tasks.slice(0, 6)).toEqual(tasks);
    expect(further.tasks).toEqual(taskSet(family, { train: 8, test: 9 }).test);
  });

  it("has no clusters where the policy infers none, and plays a file on tasks of the family", async () => {
    const { stdout } = await run("evaluate runs/rl2 --trials 4");
    expect(stdout).not.toContain("NMI");
    const alone = await json("evaluate runs/rl2/policy.safetensors --env PointGoal-v0 --trials 4");
    expect(alone.returns).toHaveLength(4);
    expect(alone).not.toHaveProperty("nmi");
  });

  it("is evaluated and recorded in whole trials by commands for episodes", async () => {
    const { code, stderr } = await run("evaluate runs/rl2 --episodes 4");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: this policy adapts .* --trials 32/);
    expect((await run("collect runs/milet --episodes 3 --out demos/milet")).code).toBe(0);
  });

  it.each([
    ["evaluate runs/rl2 --trials 2 --episodes 2", /give either --episodes or --trials/],
    [
      "evaluate expert:CartPole-v1 --trials 2",
      /the trials of a task family, but CartPole-v1 is one task: evaluate whole/,
    ],
    ["compare runs/milet runs/rl2", /compare: the expert adapts to its task: .*evaluate RUN --trials 32/],
    [
      "train dagger --expert runs/rl2 --env PointGoal-v0",
      /this expert adapts to its task: .* clone them with bc/,
    ],
  ])("%s says what to use", async (words, message) => {
    const { code, stderr } = await run(words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
