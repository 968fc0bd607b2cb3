/** @file Records run and resume from the command line alone, also with user-defined algorithms and data sets. */

import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../index.js";
import type { SeedsSummary } from "../../src/runs/seeds-summary.js";
import { type Built, built } from "../support/built.js";
import { twoClouds } from "../support/logistic-regression.js";
import { runBuilt, temporaryFolder } from "./run-cli.js";

let sources: Built;
const folder = temporaryFolder();
beforeAll(async () => {
  sources = await built();
  const module = fileURLToPath(sources.url("test/support/logistic-regression.ts"));
  writeFileSync(
    join(folder, "mine.mjs"),
    `export { logisticRegression as default } from ${JSON.stringify(module)};\n`,
  );
  writeFileSync(join(folder, "clouds.json"), JSON.stringify(twoClouds(100)));
  await run("collect expert:CartPole-v1 --episodes 2 --out demos/cp");
});
afterAll(() => sources.remove());

const run = (words: string) => runBuilt(sources, folder, words);
const read = (path: string) => readFileSync(join(folder, path));
const json = (path: string) => JSON.parse(read(path).toString());
const config = (out: string): RunConfig => json(`${out}/config.json`);
const lastSteps = (out: string): number =>
  JSON.parse(read(`${out}/metrics.jsonl`).toString().trim().split("\n").at(-1)!).steps;

describe("the record of a run from demonstrations in a folder", () => {
  it("is named in the error if the path is not a run and no algorithm is given", async () => {
    const missing = await run("train --resume --out runs/nope");
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("runs/nope does not exist")]);
    const nothing = await run("train --resume");
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("with --out")]);
    writeFileSync(join(folder, "steps.json"), '{ "steps": 64 }');
    const config = await run("train --config steps.json");
    expect([config.code, config.stderr]).toEqual([
      2,
      expect.stringContaining("steps.json names no algorithm"),
    ]);
  });

  it("resumes and runs again without the demonstrations or the algorithm on the command line", async () => {
    expect((await run("train bc --demos demos/cp --epochs 9 --steps 32 --out runs/a")).code).toBe(0);
    expect(config("runs/a").options.demonstrations).toMatchObject({ from: "demos/cp", pairs: 1000 });
    expect((await run("train bc --resume --out runs/a --steps 64")).code).toBe(0);
    expect(lastSteps("runs/a")).toBe(64);
    expect((await run("train --resume --out runs/a --steps 96")).code).toBe(0);
    expect(lastSteps("runs/a")).toBe(96);
    expect((await run("train --config runs/a/config.json --out runs/b")).code).toBe(0);
    expect(read("runs/b/policy.safetensors")).toEqual(read("runs/a/policy.safetensors"));
    expect(config("runs/b")).toEqual(config("runs/a"));
  });

  it("accepts moved demonstrations, and refuses changed ones", async () => {
    cpSync(join(folder, "demos/cp"), join(folder, "demos/moved"), { recursive: true });
    expect((await run("train bc --resume --out runs/b --demos demos/moved --steps 128")).code).toBe(0);
    expect((await run("collect expert:CartPole-v1 --episodes 1 --seed 9 --out demos/other")).code).toBe(0);
    const other = await run("train bc --resume --out runs/b --demos demos/other");
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /cannot resume runs\/b: its options\.demonstrations\.episodes is 2, but 1 was requested/,
      ),
    });
    rmSync(join(folder, "demos/moved"), { recursive: true });
    cpSync(join(folder, "demos/other"), join(folder, "demos/moved"), { recursive: true });
    const fewer = await run("train bc --resume --out runs/b");
    expect(fewer).toMatchObject({ code: 2, stderr: expect.stringMatching(/there are 1 demonstrations/) });
    const record = config("runs/b");
    const one = { ...(record.options.demonstrations as object), episodes: 1 };
    writeFileSync(
      join(folder, "one.json"),
      JSON.stringify({ ...record, options: { ...record.options, demonstrations: one } }),
    );
    expect(await run("train --config one.json --out runs/c")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /demos\/moved has changed since it was recorded: its checksum was \S+ and is \S+/,
      ),
    });
  });
});

describe("a user-defined algorithm", () => {
  const words = "train ./mine.mjs --data clouds.json --learning-rate 0.2 --penalty.l2 0.01 --updates 100";

  it("has help from its schema", async () => {
    const { code, stdout } = await run("train ./mine.mjs --help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/--learning-rate\s+step size of gradient descent/);
    expect(stdout).toMatch(/--data\s+a JSON file of rows and labels/);
    expect(stdout).not.toContain("--environment-options");
    const named = await run("train --algorithm ./mine.mjs --help");
    expect(named.stdout).toBe(stdout);
  });

  it("trains on its data, records both with checksums, and reports", async () => {
    const { code, stdout, stderr } = await run(`${words} --evaluate.every 50 --out runs/mine`);
    expect(stderr).not.toContain("understudy-rl:");
    expect(code).toBe(0);
    expect(stdout).toContain("logisticRegression on clouds.json: 100 updates");
    expect(config("runs/mine")).toMatchObject({
      algorithm: { module: "./mine.mjs", checksum: expect.any(String) },
      data: { from: "clouds.json", checksum: expect.any(String) },
      options: { learningRate: 0.2, penalty: { l2: 0.01 } },
    });
    const evaluations = read("runs/mine/evaluations.jsonl").toString().trim().split("\n");
    expect(JSON.parse(evaluations.at(-1)!).accuracy).toBeGreaterThan(0.85);
    expect(read("runs/mine/report.html").toString()).toContain("./mine.mjs on clouds.json");
    for (const file of ["artefact.safetensors", "best.safetensors", "checkpoints"]) {
      expect(existsSync(join(folder, "runs/mine", file)), file).toBe(true);
    }
    expect((await run("report runs/mine")).code).toBe(0);
  });

  it("resumes and runs again from its record", async () => {
    expect((await run(`${words} --steps 40 --out runs/half`)).code).toBe(0);
    expect((await run("train ./mine.mjs --resume --out runs/half --steps 100")).code).toBe(0);
    expect(read("runs/half/artefact.safetensors")).toEqual(read("runs/mine/artefact.safetensors"));
    expect((await run("train --config runs/mine/config.json --out runs/again --trust")).code).toBe(0);
    expect(read("runs/again/artefact.safetensors")).toEqual(read("runs/mine/artefact.safetensors"));
  });

  it("trains under several seeds, in separate processes", async () => {
    const { code, stdout } = await run(`${words} --seeds 2 --jobs 1 --evaluate.every 50 --out runs/seeds`);
    expect(code).toBe(0);
    expect(stdout).toContain("./mine.mjs on clouds.json, 2 seeds: accuracy ");
    const { seeds, measure, mean }: SeedsSummary = json("runs/seeds/summary.json");
    expect(seeds.map(({ status }) => status)).toEqual(["finished", "finished"]);
    expect(measure).toBe("accuracy");
    expect(mean).toBeGreaterThan(0.85);
    expect(read("runs/seeds/seed-0/artefact.safetensors")).toEqual(read("runs/mine/artefact.safetensors"));
  });

  it("is refused if its data have changed", async () => {
    writeFileSync(join(folder, "clouds.json"), JSON.stringify(twoClouds(100, 1)));
    const data = await run("train ./mine.mjs --resume --out runs/half");
    expect(data).toMatchObject({ code: 2, stderr: expect.stringMatching(/clouds\.json has changed since/) });
    writeFileSync(join(folder, "clouds.json"), JSON.stringify(twoClouds(100)));
    writeFileSync(join(folder, "mine.mjs"), `${read("mine.mjs")}// another\n`);
    const module = await run("train --config runs/mine/config.json --out runs/other --trust");
    expect(module).toMatchObject({ code: 2, stderr: expect.stringMatching(/mine\.mjs has changed since/) });
  });

  it.each([
    ["train ./mine.mjs", /train \.\/mine\.mjs needs --data: a JSON file of rows and labels/],
    ["train ./mine.mjs --data nowhere.json", /nowhere\.json/],
    ["train ./nowhere.mjs", /no algorithm module at \.\/nowhere\.mjs/],
    ["train ./mine.mjs --learnig-rate 1", /unknown option --learnig-rate; did you mean "--learning-rate"/],
  ])("with %s gives a clear error", async (mistake, message) => {
    expect(await run(mistake)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});
