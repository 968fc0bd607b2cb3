/** @file The commands in sequence on small budgets: from an expert to a report. */

import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeTree, encodeTree } from "../../src/state/checkpoint.js";
import type { Tree } from "../../src/state/snapshot.js";
import { type Outcome, outcome, start, temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));
const json = (words: string) => run(`${words} --json`).then(({ stdout }) => JSON.parse(stdout));

let trained: Outcome;
let collected: Outcome;
let cloned: Outcome;

beforeAll(async () => {
  trained = await run(
    "train ppo --env CartPole-v1 --steps 4096 --seed 1 --out runs/expert --evaluate.every 2048 --sinks csv,tensorboard",
  );
  collected = await run("collect runs/expert --episodes 5 --seed 2 --out demos/cartpole");
  cloned = await run("train bc --demos demos/cartpole --epochs 5 --out runs/clone");
});

describe("from an expert to a report", () => {
  it("trains an expert, with plain lines of progress without a terminal", () => {
    expect(trained.code).toBe(0);
    expect(trained.stdout).toContain("runs/expert");
    expect(trained.stderr).toMatch(/ppo on CartPole-v1 {2}.*environment steps/);
    expect(trained.stderr + trained.stdout).not.toContain("\u001b");
    for (const file of [
      "config.json",
      "metrics.jsonl",
      "metrics.csv",
      "evaluations.jsonl",
      "policy.safetensors",
    ]) {
      expect(existsSync(join(folder, "runs/expert", file)), file).toBe(true);
    }
  });

  it("records episodes at --record.every, and ends at --stop.return", async () => {
    const words =
      "train ppo --env CartPole-v1 --steps 2048 --seed 1 --evaluate.every 512 --evaluate.episodes 2 --record.every 256";
    const { code, stderr } = await run(`${words} --record.episodes 1 --stop.return 5 --out runs/enough`);
    expect(code).toBe(0);
    expect(stderr).toMatch(/stopped after 512 steps: the evaluated return is [\d.]+, at least 5/);
    expect(readdirSync(join(folder, "runs/enough/episodes")).sort()).toEqual(["256.html", "512.html"]);
    const refused = await run("train ppo --env CartPole-v1 --stop.return 5 --out runs/no-evaluation");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /stop\.return is compared with evaluated returns: set evaluate\.every too/,
    );
    expect(existsSync(join(folder, "runs/no-evaluation"))).toBe(false);
  });

  it("cuts episodes at --max-episode-steps, with a warning", async () => {
    for (const words of [
      "evaluate runs/expert --episodes 3",
      "collect runs/expert --episodes 3 --out demos/cut",
      "compare runs/expert runs/expert --episodes 1",
    ]) {
      const { code, stderr } = await run(`${words} --max-episode-steps 5`);
      expect(code).toBe(0);
      expect(stderr).toMatch(/^warning: 3 of 3 episodes did not end and were cut/);
    }
    const words =
      "train ppo --env CartPole-v1 --steps 64 --evaluate.every 64 --evaluate.episodes 4 --out runs/cut";
    const { code, stderr } = await run(`${words} --max-episode-steps 5`);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: \d+ episodes did not end/);
    const config = JSON.parse(readFileSync(join(folder, "runs/cut/config.json"), "utf8"));
    expect(config.maxEpisodeSteps).toBe(5);
  });

  it("collects demonstrations in the run's environment", () => {
    expect(collected).toMatchObject({ code: 0, stderr: "" });
    expect(collected.stdout).toMatch(/^5 episodes, \d+ steps, mean return [\d.]+\n/);
  });

  it("trains a clone in the environment of the demonstrations", () => {
    expect(cloned.code).toBe(0);
    const config = JSON.parse(readFileSync(join(folder, "runs/clone/config.json"), "utf8"));
    expect(config).toMatchObject({ algorithm: "bc", env: "CartPole-v1", options: { epochs: 5 } });
  });

  it("trains DAgger with the expert's labels", async () => {
    const { code } = await run(
      "train dagger --expert runs/expert --rounds 2 --round-steps 50 --out runs/dagger",
    );
    expect(code).toBe(0);
  });

  it("evaluates a policy as a table or JSON, with reproducible numbers", async () => {
    const words = "evaluate runs/clone --episodes 7 --seed 3";
    const table = await run(words);
    expect(table.code).toBe(0);
    expect(table.stdout).toMatch(/^policy +environment +episodes/);
    expect(table.stdout).toMatch(/\nruns\/clone +CartPole-v1 +7 +[\d.]+ \[/);
    const [once, again] = [await json(words), await json(words)];
    expect(once).toEqual(again);
    expect(once.returns).toHaveLength(7);
    expect(once.mean).toBeCloseTo(once.returns.reduce((a: number, b: number) => a + b) / 7);
  });

  it("compares a learner with its expert", async () => {
    const { code, stdout } = await run("compare runs/expert runs/clone --seed 4");
    expect(code).toBe(0);
    expect(stdout).toMatch(/gap/);
    expect(await json("compare runs/expert runs/clone --seed 4")).toHaveProperty("sampled");
  });

  it("compares exactly if the environment has a model", async () => {
    const words = "train valueIteration --env FrozenLake-v1 --out runs/exact";
    expect((await run(words)).code).toBe(0);
    const same = await json("compare runs/exact runs/exact");
    expect(same.exact).toBeDefined();
  });

  it("writes the report", async () => {
    const { code, stdout } = await run("report runs/expert");
    expect(code).toBe(0);
    expect(readFileSync(join(folder, stdout.trim()), "utf8")).toMatch(
      /^<!doctype html>[\s\S]*ppo on CartPole-v1/,
    );
  });

  it("exports the network", async () => {
    const { code, stdout } = await run("export runs/expert --out expert.onnx");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^expert\.onnx/);
    expect(readFileSync(join(folder, "expert.onnx")).length).toBeGreaterThan(1000);
  });
});

describe("workers", () => {
  it("are reported idle with one environment, and not with two", async () => {
    const words = "train ppo --steps 64 --rollout-steps 32 --minibatch-size 32 --workers 2";
    const one = await run(`${words} --environments 1 --out runs/one`);
    expect(one).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^note: --workers 2 has no effect on training.*; raise --environments$/m),
    });
    const two = await run(`${words} --environments 2 --out runs/two`);
    expect(two).toMatchObject({ code: 0, stderr: expect.not.stringContaining("note:") });
  });
});

describe("lists", () => {
  it("show every environment with its spaces and limit", async () => {
    const { code, stdout } = await run("envs");
    expect(code).toBe(0);
    expect(stdout).toMatch(/CartPole-v1 +Box\(4\) +Discrete\(2\) +500 +\S/);
    expect(await json("envs")).toContainEqual(
      expect.objectContaining({ id: "Pendulum-v1", actions: "Box(1)" }),
    );
  });

  it("show one environment with its options", async () => {
    const { code, stdout } = await run("envs FrozenLake-v1");
    expect(code).toBe(0);
    expect(stdout).toContain("FrozenLake-v1: cross a slippery lake");
    expect(stdout).toMatch(/exact model +16 states/);
    expect(stdout).toMatch(/^ {2}slippery: boolean, default true\n {6}whether a move may be turned/m);
    expect(stdout).toMatch(/^ {2}successRate: number, 0 to 1, default 0\.333/m);
    expect((await json("envs FrozenLake-v1")).options).toContainEqual(
      expect.objectContaining({ path: "size", type: "integer", bounds: "≥ 2", default: 8 }),
    );
    expect((await run("envs FrozenLake")).stderr).toContain('unknown environment "FrozenLake"; did you mean');
  });

  it("show every algorithm and what it learns from", async () => {
    const { stdout } = await run("algorithms");
    expect(stdout).toMatch(/^bc +demonstrations +\S/m);
    expect((await json("algorithms")).map(({ name }: { name: string }) => name)).toContain("ppo");
  });

  it("exit cleanly if the reader closes the pipe", async () => {
    const child = start(folder, ["envs"]);
    child.stdout.destroy();
    expect(await outcome(child)).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("an existing run folder", () => {
  it("is refused to another run, and left unchanged", async () => {
    const before = readFileSync(join(folder, "runs/expert/metrics.jsonl"));
    const { code, stderr } = await run("train ppo --out runs/expert");
    expect(code).toBe(2);
    expect(stderr).toMatch(/runs\/expert already exists/);
    expect(readFileSync(join(folder, "runs/expert/metrics.jsonl"))).toEqual(before);
  });

  it("resumes with --resume, under its recorded options", async () => {
    cpSync(join(folder, "runs/expert"), join(folder, "runs/longer"), { recursive: true });
    const { code, stderr } = await run("train ppo --resume --out runs/longer --steps 6144");
    expect(code).toBe(0);
    expect(stderr).not.toContain("settings");
    const rows = readFileSync(join(folder, "runs/longer/metrics.jsonl"), "utf8").trim().split("\n");
    expect(JSON.parse(rows[rows.length - 1]).steps).toBe(6144);
  });

  it("is not resumed under another config", async () => {
    const { code, stderr } = await run("train ppo --resume --out runs/expert --seed 9");
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot resume runs\/expert: its seed is 1, but 9 was requested/);
  });

  it("stops at Ctrl-C with a checkpoint, prints how to resume, and exits with 130", async () => {
    const child = start(folder, "train ppo --steps 100000000 --out runs/stopped".split(" "));
    child.stderr.once("data", () => setTimeout(() => child.kill("SIGINT"), 500));
    const { code, stderr } = await outcome(child);
    expect(code).toBe(130);
    expect(stderr).toMatch(/resume with: npx understudy-rl train ppo --resume --out runs\/stopped/);
    expect((await run("evaluate runs/stopped --episodes 1")).code).toBe(0);
  });
});

describe("broken files", () => {
  const copy = (from: string, to: string) =>
    cpSync(join(folder, from), join(folder, to), { recursive: true });

  it("a truncated policy gives one message that names the file", async () => {
    copy("runs/expert/policy.safetensors", "torn.safetensors");
    truncateSync(join(folder, "torn.safetensors"), 500);
    const { code, stderr } = await run("evaluate torn.safetensors --env CartPole-v1");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^understudy-rl: torn\.safetensors is not a readable policy: .*\n$/);
  });

  it("a file that is not a policy gives one message that names the file", async () => {
    writeFileSync(join(folder, "notes.txt"), "buy milk");
    const { code, stderr } = await run("evaluate notes.txt --env CartPole-v1");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^understudy-rl: notes\.txt is not a readable policy: .*\n$/);
  });

  it("a policy of another environment is refused", async () => {
    const { code, stderr } = await run("evaluate runs/expert --env Pendulum-v1");
    expect(code).toBe(2);
    expect(stderr).toMatch(/belongs to another environment/);
  });

  it("a policy file alone needs --env", async () => {
    copy("runs/expert/policy.safetensors", "alone.safetensors");
    const { code, stderr } = await run("evaluate alone.safetensors");
    expect(code).toBe(2);
    expect(stderr).toMatch(/--env/);
  });

  it("a tabular policy cannot be exported as a network", async () => {
    const { code, stderr } = await run("export runs/exact");
    expect(code).toBe(2);
    expect(stderr).toMatch(/there is nothing to export/);
  });

  it("truncated demonstrations give one message that names the file", async () => {
    copy("demos/cartpole", "demos/torn");
    truncateSync(join(folder, "demos/torn/episodes-00000.safetensors"), 300);
    const { code, stderr } = await run("train bc --demos demos/torn");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^understudy-rl: demos\/torn\/episodes-00000\.safetensors.*\n$/);
  });

  it("a checkpoint of another version gives one message with both versions", async () => {
    copy("runs/expert", "runs/old");
    const checkpoints = join(folder, "runs/old/checkpoints");
    const path = join(checkpoints, readdirSync(checkpoints).sort().at(-1)!);
    const stored = decodeTree(readFileSync(path), path) as { [key: string]: Tree };
    writeFileSync(path, encodeTree({ ...stored, understudy: "0.0.1" }));
    const { code, stderr } = await run("train ppo --resume --out runs/old --steps 8192");
    expect(code).toBe(1);
    expect(stderr).toMatch(/was written by understudy 0\.0\.1 .* and this is \d+\.\d+\.\d+/);
  });
});

describe("a user-defined environment", () => {
  const walk = (reward: string) => `
    export default class Walk {
      observationSpace = { kind: "box", shape: [1], low: [-5], high: [5] };
      actionSpace = { kind: "discrete", n: 2 };
      reset() { this.at = 0; return [0]; }
      getState() { return this.at; }
      setState(at) { this.at = at; }
      step(action) {
        this.at += action === 1 ? 1 : -1;
        return [[this.at], ${reward}, Math.abs(this.at) === 5, false, {}];
      }
    }`;

  it("is checked and trained on by the path of its module", async () => {
    writeFileSync(join(folder, "walk.mjs"), walk("this.at === 5 ? 1 : 0"));
    expect(await run("envs --check ./walk.mjs")).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await run("train ppo --env ./walk.mjs --steps 512 --out runs/walk");
    expect(code).toBe(0);
    expect(stdout).toContain("npx understudy-rl evaluate runs/walk --env ./walk.mjs\n");
    expect((await json("evaluate runs/walk --episodes 2 --env ./walk.mjs")).env).toBe("./walk.mjs");
  });

  it("is not run for a file that names it, unless the user names it too or trusts all", async () => {
    const refused = { code: 2, stderr: expect.stringMatching(/walk\.mjs is a program .* not run/) };
    const config = "train ppo --config runs/walk/config.json --steps 32";
    for (const words of [
      "evaluate runs/walk --episodes 2",
      "collect runs/walk --episodes 2 --out demos/no",
      "train ppo --resume --out runs/walk --steps 1024",
      `${config} --out runs/no`,
    ]) {
      expect(await run(words)).toMatchObject(refused);
    }
    expect(existsSync(join(folder, "runs/no"))).toBe(false);
    for (const words of [
      "evaluate runs/walk --episodes 2 --trust",
      "collect runs/walk --episodes 2 --out demos/walk --env walk.mjs",
      "train ppo --resume --out runs/walk --steps 1024 --env ./walk.mjs",
    ]) {
      expect(await run(words)).toMatchObject({ code: 0 });
    }
    expect(await run("train bc --demos demos/walk --epochs 1 --out runs/cloned")).toMatchObject(refused);
    const cloned = "train bc --demos demos/walk --epochs 1 --env walk.mjs --out runs/cloned";
    expect(await run(cloned)).toMatchObject({ code: 0 });
  }, 240_000);

  it("is trained on without checkpoints if it has no state to save, with a warning", async () => {
    const source = walk("this.at === 5 ? 1 : 0").replace(/ *getState.*\n *setState.*\n/, "");
    expect(source).not.toContain("State");
    writeFileSync(join(folder, "unsaved.mjs"), source);
    const { code, stderr } = await run("train ppo --env ./unsaved.mjs --steps 512 --out runs/unsaved");
    expect(code).toBe(0);
    expect(stderr).toMatch(/note: .*can neither checkpoint nor resume: give the environment getState/);
    expect((await json("evaluate runs/unsaved --episodes 2 --env ./unsaved.mjs")).env).toBe("./unsaved.mjs");
  });

  it("has its faults reported by check", async () => {
    writeFileSync(join(folder, "broken.mjs"), walk("NaN"));
    const { code, stderr } = await run("envs --check ./broken.mjs");
    expect(code).toBe(2);
    expect(stderr).toMatch(/reward.*NaN/i);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("must be exported by its module", async () => {
    writeFileSync(join(folder, "empty.mjs"), "export const env = 1;");
    const { code, stderr } = await run("envs --check ./empty.mjs");
    expect(code).toBe(2);
    expect(stderr).toMatch(/default export/);
  });
});
