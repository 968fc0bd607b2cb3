/** @file `understudy-rl train --seeds`: one process per seed, each identical to a single run, and their summary. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SeedsSummary } from "../../src/runs/seeds-summary.js";
import { entry, main, temporaryFolder } from "./run-cli.js";

const folder = temporaryFolder();

/** A walk whose episodes are eight steps; it takes its time, and fails where a file says so. */
const walk = `import { existsSync } from "node:fs";
export default class Walk {
  observationSpace = { shape: [1], low: -9, high: 9 };
  actionSpace = { n: 2 };
  at = 0;
  time = 0;
  reset() { this.at = 0; this.time = 0; return [0]; }
  step(action) {
    if (existsSync("slow")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    this.at += action * 2 - 1;
    return [[this.at], this.at, ++this.time === 8, false, {}];
  }
  getState() { return { at: this.at, time: this.time }; }
  setState(state) { Object.assign(this, state); }
}`;
writeFileSync(join(folder, "walk.mjs"), walk);

function start(words: string): ChildProcess {
  return spawn(process.execPath, [main, ...words.split(" ")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function ended(child: ChildProcess) {
  let [stdout, stderr] = ["", ""];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return { code: code as number | null, stdout, stderr };
}

const run = (words: string) => ended(start(words));
const read = (path: string) => readFileSync(join(folder, path));
const json = (path: string) => JSON.parse(read(path).toString());
const summaryIn = (out: string): SeedsSummary => json(`${out}/summary.json`);
const statuses = (out: string) => summaryIn(out).seeds.map(({ status }) => status);
const small = "--environments 4 --rollout-steps 16 --minibatch-size 64 --epochs 2 --hidden 8";
const ppo = `train ppo --env ./walk.mjs ${small}`;

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe("several seeds", () => {
  it("are identical to single runs with those seeds, and have a summary", async () => {
    const short = `${ppo} --steps 256 --evaluate.every 128 --evaluate.episodes 4`;
    const { code, stdout, stderr } = await run(`${short} --seeds 5,a,7 --jobs 2 --out runs/walk`);
    expect(code).toBe(0);
    await run(`${short} --seed a --out runs/alone`);
    expect(read("runs/walk/seed-a/policy.safetensors")).toEqual(read("runs/alone/policy.safetensors"));
    expect(json("runs/walk/seed-a/config.json")).toEqual({
      ...json("runs/alone/config.json"),
      workingFolder: "../../..",
    });
    expect(read("runs/walk/seed-5/policy.safetensors")).not.toEqual(read("runs/alone/policy.safetensors"));

    const { seeds, measure, mean, iqm, provenance } = summaryIn("runs/walk");
    expect(seeds.map(({ seed, status, steps }) => [seed, status, steps])).toEqual(
      [5, "a", 7].map((seed) => [seed, "finished", 256]),
    );
    const last = (seed: string) =>
      JSON.parse(read(`runs/walk/seed-${seed}/evaluations.jsonl`).toString().trim().split("\n").at(-1)!).mean;
    expect(measure).toBe("evaluation");
    expect(seeds.map(({ score }) => score)).toEqual(["5", "a", "7"].map(last));
    expect(mean).toBeCloseTo(["5", "a", "7"].map(last).reduce((a, b) => a + b) / 3, 9);
    expect(iqm).toBeUndefined();
    expect(provenance.command).toContain("--seeds");

    expect(stdout).toMatch(/^seed +status +steps/);
    expect(stdout).toMatch(/\na +finished +256 /);
    expect(stdout).toContain("ppo on ./walk.mjs, 3 seeds: evaluated return ");
    expect(stderr).toMatch(/^seed 5 {2}\d+% /m);
    expect(stderr).not.toContain("\x1b");
    expect(read("runs/walk/report.html").toString()).toContain("3 seeds");
    expect((await run("report runs/walk")).stdout).toBe(`${join("runs/walk", "report.html")}\n`);
  });

  it("resume where a kill has left no summary, with the seeds that were asked for", async () => {
    await run(`${ppo} --steps 128 --seeds 5,a --out runs/killed`);
    rmSync(join(folder, "runs/killed/summary.json"));
    rmSync(join(folder, "runs/killed/seed-a"), { recursive: true });
    const { code, stderr } = await run("train ppo --resume --out runs/killed --trust");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(summaryIn("runs/killed").seeds).toMatchObject([
      { seed: 5, status: "finished", steps: 128 },
      { seed: "a", status: "finished", steps: 128 },
    ]);
  });

  it("continue after one fails, which is reported and restarted by --resume", async () => {
    mkdirSync(join(folder, "runs/one/seed-1"), { recursive: true });
    writeFileSync(join(folder, "runs/one/options.json"), '{ "format": 1, "seeds": [0] }');
    writeFileSync(join(folder, "runs/one/seed-1/config.json"), "{");
    const { code, stderr } = await run(`${ppo} --steps 128 --seeds 3 --jobs 1 --resume --out runs/one`);
    expect(code).toBe(1);
    expect(statuses("runs/one")).toEqual(["finished", "failed", "finished"]);
    expect(stderr).toMatch(/^seed 1 failed: .*config\.json is not valid JSON/m);
    expect(stderr).toContain(
      "1 of 3 seeds not finished; resume with: npx understudy-rl train ppo --resume --out runs/one",
    );

    rmSync(join(folder, "runs/one/seed-1"), { recursive: true });
    const before = read("runs/one/seed-0/provenance.json");
    expect((await run("train ppo --resume --out runs/one --env ./walk.mjs")).code).toBe(0);
    expect(statuses("runs/one")).toEqual(["finished", "finished", "finished"]);
    expect(read("runs/one/seed-0/provenance.json")).toEqual(before);
  });

  it("stop with checkpoints at Ctrl-C, and resume to identical results", async () => {
    const words = `${ppo} --steps 2048`;
    expect((await run(`${words} --seed 1 --out runs/whole`)).code).toBe(0);
    writeFileSync(join(folder, "slow"), "");
    const child = start(`${words} --seeds 3 --jobs 2 --out runs/halted`);
    const end = ended(child);
    const begun = (seed: number) => existsSync(join(folder, `runs/halted/seed-${seed}/metrics.jsonl`));
    await until(() => begun(0) && begun(1));
    child.kill("SIGINT");
    const { code, stderr } = await end;
    expect(code).toBe(130);
    expect(statuses("runs/halted")).toEqual(["interrupted", "interrupted", "waiting"]);
    expect(stderr).toContain("3 of 3 seeds not finished");
    for (const seed of [0, 1]) {
      expect(existsSync(join(folder, `runs/halted/seed-${seed}/checkpoints`))).toBe(true);
    }
    rmSync(join(folder, "slow"));
    expect((await run("train ppo --resume --out runs/halted --env ./walk.mjs")).code).toBe(0);
    expect(statuses("runs/halted")).toEqual(["finished", "finished", "finished"]);
    expect(read("runs/halted/seed-1/policy.safetensors")).toEqual(read("runs/whole/policy.safetensors"));
  });

  it("end when their parent process is killed", async () => {
    writeFileSync(join(folder, "slow"), "");
    const child = start(`${ppo} --steps 100000 --seeds 1 --out runs/orphan`);
    await until(() => existsSync(join(folder, "runs/orphan/seed-0/metrics.jsonl")));
    child.kill("SIGKILL");
    await until(() => existsSync(join(folder, "runs/orphan/seed-0/policy.safetensors")));
    expect(existsSync(join(folder, "runs/orphan/seed-0/checkpoints"))).toBe(true);
    rmSync(join(folder, "slow"));
  });

  it("do not start in an existing folder, or with invalid options", async () => {
    const taken = await run(`${ppo} --seeds 2 --out runs/walk`);
    expect(taken).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/runs\/walk already exists; resume/),
    });
    const twice = await run(`${ppo} --seeds 3,3 --out runs/twice`);
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining("seed 3 is listed twice") });
    const none = await run(`${ppo} --seeds 0 --out runs/none`);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("seeds") });
    expect(existsSync(join(folder, "runs/none"))).toBe(false);
    const nothing = await run(`${ppo} --seeds 2 --resume --out runs/nothing`);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("no seeds to resume") });
  });
});

describe("trainSeeds", () => {
  it("does the same from code, and stops at an abort signal", async () => {
    const { trainSeeds } = await import(entry);
    const config = { algorithm: "qLearning", env: "RiverSwim-v0", steps: 1024 };
    const out = join(folder, "runs/code");
    const done: SeedsSummary = await trainSeeds(config, { seeds: [4], folder: out });
    expect(done.seeds).toMatchObject([{ seed: 4, status: "finished", steps: 1024 }]);
    expect(json("runs/code/seed-4/config.json").options).toMatchObject({ initialValue: 100_000 });
    const signal = AbortSignal.abort();
    const stopped: SeedsSummary = await trainSeeds(config, {
      seeds: [4, 5],
      folder: out,
      resume: true,
      signal,
    });
    expect(stopped.seeds.map(({ status }) => status)).toEqual(["finished", "waiting"]);
    await expect(trainSeeds(config, { seeds: 0, folder: out })).rejects.toThrow(/option "seeds" is 0/);
  });
});

describe("tuned settings", () => {
  const config = async (words: string) => JSON.parse((await run(`${words} --print-config`)).stdout);

  it("are overridden by explicit options, and disabled by --no-tuned", async () => {
    const words = "train qLearning --env RiverSwim-v0";
    expect(await config(words)).toMatchObject({
      options: { initialValue: 100_000, exploration: 0.05 },
      steps: 300_000,
    });
    expect(await config(`${words} --initial-value 1 --steps 5`)).toMatchObject({
      options: { initialValue: 1, exploration: 0.05 },
      steps: 5,
    });
    writeFileSync(join(folder, "file.json"), '{ "exploration": 0.5 }');
    expect(await config(`${words} --config file.json`)).toMatchObject({
      options: { initialValue: 100_000, exploration: 0.5 },
    });
    expect((await config(`${words} --no-tuned`)).options.initialValue).toBe(0);
  });

  it("are reported in one line, and recorded in the run's config", async () => {
    const words = "train qLearning --env RiverSwim-v0 --steps 1024 --update-steps 16 --out runs/river";
    const { code, stderr } = await run(words);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^settings for RiverSwim-v0: initialValue 100000, exploration 0\.05 \(own trials against the exact optimum; see docs\/evidence\/reinforcement-learning\.md\)$/m,
    );
    expect(json("runs/river/config.json").options).toMatchObject({ initialValue: 100_000, updateSteps: 16 });
    const plain = await run("train qLearning --env RiverSwim-v0 --steps 64 --no-tuned --out runs/plain");
    expect(plain.stderr).not.toContain("settings");
  });
});
