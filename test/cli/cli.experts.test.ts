/** @file `expert` on the command line: trained experts in place of policies and of demonstrations. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tuned } from "../../algorithms/index.js";
import { expertInfo, type RunConfig } from "../../src/runs/index.js";
import { temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));
const json = (words: string) => run(`${words} --json`).then(({ stdout }) => JSON.parse(stdout));
const read = (path: string) => readFileSync(join(folder, path));
const lastSteps = (out: string): number =>
  JSON.parse(read(`${out}/metrics.jsonl`).toString().trim().split("\n").at(-1)!).steps;
const config = (out: string): RunConfig => JSON.parse(read(`${out}/config.json`).toString());

describe("understudy-rl experts", () => {
  it("prints a table of experts, or JSON with --json", async () => {
    const { code, stdout } = await run("experts");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^expert +algorithm +steps +mean return ± std/);
    expect(stdout).toMatch(/^CartPole-v1 +ppo +[\d,]+ +500 ± [\d.]+ .* kB$/m);
    expect(await json("experts")).toContainEqual(expect.objectContaining({ id: "CartPole-v1" }));
  });
});

describe("expert in place of a policy", () => {
  it("is the shipped expert for --env, with the recorded evaluation", async () => {
    const { evaluation } = await expertInfo("Pendulum-v1");
    const found = await json(`evaluate expert --env Pendulum-v1 --seed ${evaluation.seed}`);
    expect(found.env).toBe("Pendulum-v1");
    expect(found.mean).toBeCloseTo(evaluation.deterministic.mean, 0);
  });

  it("collects demonstrations in its own environment, and a prefix of the folder is enough", async () => {
    const { code, stdout } = await run("collect expert:CartPole-v1 --episodes 2 --out demos");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 episodes, 1000 steps, mean return 500\n/);
    expect((await run("train bc --demos demos --demo-episodes 1 --epochs 1 --out runs/one")).code).toBe(0);
    expect(config("runs/one").options.demonstrations).toMatchObject({ episodes: 1, pairs: 500 });
  });

  it("can be exported", async () => {
    expect((await run("export expert --env CartPole-v1 --out expert.onnx")).code).toBe(0);
    expect(read("expert.onnx").length).toBeGreaterThan(1000);
  });
});

describe("train bc --demos expert", () => {
  const words = "train bc --env CartPole-v1 --demos expert --demo-episodes 3 --epochs 2";

  it("reports the distance to the expert, unless diagnostics have no share", async () => {
    expect((await run(`${words} --out runs/measured`)).code).toBe(0);
    const last = read("runs/measured/evaluations.jsonl").toString().trim().split("\n").at(-1)!;
    expect(JSON.parse(last)).toMatchObject({
      steps: lastSteps("runs/measured"),
      gap: expect.any(Number),
      score: expect.any(Number),
      disagreement: expect.any(Number),
    });
    expect((await run(`${words} --diagnose.share 0 --out runs/unmeasured`)).code).toBe(0);
    expect(read("runs/unmeasured/report.html").toString()).not.toMatch(/Disagreement/);
    expect(read("runs/measured/report.html").toString()).toMatch(/Disagreement/);
  });

  it("collects demonstrations from the expert, reports it, and resumes with --resume alone", async () => {
    const { code, stderr } = await run(`${words} --seed 5 --steps 47 --out runs/clone`);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^3 episodes of the expert for CartPole-v1, mean return 500$/m);
    const record = { env: "CartPole-v1", episodes: 3, expert: "CartPole-v1", seed: "5/demonstrations" };
    expect(config("runs/clone").options.demonstrations).toMatchObject(record);

    const resumed = await run("train bc --resume --out runs/clone --steps 94");
    expect(lastSteps("runs/clone")).toBe(94);
    expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining("3 episodes of the expert") });
    expect(config("runs/clone").options.demonstrations).toMatchObject(record);
    const { stdout } = await run("compare expert runs/clone --episodes 2");
    expect(stdout).toMatch(/expert's mean return \[95 %\] +500/);
  });

  it("collects separate demonstrations for each seed, equal to those of a single run", async () => {
    const { code } = await run(`${words} --steps 94 --seeds 4,5 --jobs 1 --out runs/seeds`);
    expect(code).toBe(0);
    expect(read("runs/seeds/seed-5/policy.safetensors")).toEqual(read("runs/clone/policy.safetensors"));
    const [four, five] = [config("runs/seeds/seed-4"), config("runs/seeds/seed-5")];
    expect(four.options.demonstrations).not.toEqual(five.options.demonstrations);
  });
});

describe("train gail without --env", () => {
  it("uses the tuned settings of the demonstrations' environment", async () => {
    expect((await run("collect expert:Pendulum-v1 --episodes 1 --out pendulum")).code).toBe(0);
    const { steps, options } = tuned("gail", "Pendulum-v1")!;
    for (const demonstrations of ["expert:Pendulum-v1 --demo-episodes 1", "pendulum"]) {
      const { stdout } = await run(`train gail --demos ${demonstrations} --print-config`);
      expect(JSON.parse(stdout)).toMatchObject({ env: "Pendulum-v1", steps, options });
    }
  });
});

describe("train apprenticeship", () => {
  const grid = `--env MacroCells-v0 --environment-options {"size":8,"macro":4,"discount":0.9,"maxEpisodeSteps":40}`;

  it("learns from an expert alone, with the features of the task", async () => {
    expect((await run(`train valueIteration ${grid} --out runs/optimal`)).code).toBe(0);
    const words = `train apprenticeship ${grid} --features task --iterations 4 --out runs/apprentice`;
    const either = await run(words);
    expect(either.stderr).toMatch(/needs --demonstrations or --expert, one of them/);
    expect((await run(`${words} --expert runs/optimal --steps 2`)).code).toBe(0);
    expect(config("runs/apprentice").options).toMatchObject({
      expert: { policy: "runs/optimal", kind: "tabular", checksum: expect.any(String) },
      features: "task",
    });
    expect((await run("train apprenticeship --resume --out runs/apprentice --steps 3")).code).toBe(0);
    expect(lastSteps("runs/apprentice")).toBe(3);
    const named = "train apprenticeship --resume --out runs/apprentice --expert runs/optimal --steps 4";
    expect((await run(named)).code).toBe(0);
    expect(lastSteps("runs/apprentice")).toBe(4);
  });
});

describe("train dagger --expert expert", () => {
  it("queries the shipped expert, and resumes with --resume alone", async () => {
    const words = "train dagger --expert expert:CartPole-v1 --rounds 2 --round-steps 32 --epochs 2";
    expect((await run(`${words} --steps 32 --out runs/dagger`)).code).toBe(0);
    expect(config("runs/dagger").options.expert).toMatchObject({ expert: "CartPole-v1" });
    expect((await run("train dagger --resume --out runs/dagger --steps 64")).code).toBe(0);
    expect(lastSteps("runs/dagger")).toBe(64);
  });
});
