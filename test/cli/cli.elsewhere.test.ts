/** @file Runs resume, and are made again, from other working folders than the one in which they were started. */

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const walk = `export default class {
  observationSpace = { shape: [1], low: -9, high: 9 };
  actionSpace = { n: 2 };
  steps = 0;
  reset() { this.steps = 0; return [0]; }
  step(action) { return [[++this.steps / 9], action, this.steps === 8, false, {}]; }
  getState() { return { steps: this.steps }; }
  setState({ steps }) { this.steps = steps; }
}`;

const run = (from: string, words: string) => understudy(join(folder, from), words.split(" "));
const parameters = (path: string) => readFileSync(join(folder, path, "policy.safetensors"));
const small = "--rollout-steps 16 --environments 2 --minibatch-size 16 --epochs 1 --hidden 4 --no-tuned";
const ppo = `train ppo --env ./walk.mjs ${small}`;
const bc = "train bc --env ./walk.mjs --demos demos --epochs 2 --minibatch-size 8 --hidden 4";

beforeAll(async () => {
  mkdirSync(join(folder, "project"));
  mkdirSync(join(folder, "other"));
  writeFileSync(join(folder, "project", "walk.mjs"), walk);
  for (const words of [
    `${ppo} --steps 128 --out runs/whole`,
    `${ppo} --steps 64 --out runs/half`,
    "collect runs/whole --env ./walk.mjs --episodes 4 --out demos",
    `${bc} --out runs/clone`,
    `${ppo} --steps 64 --seeds 1 --out runs/seeds`,
  ]) {
    const { code, stderr } = await run("project", words);
    expect(code, stderr).toBe(0);
  }
}, 60_000);

describe("from another working folder", () => {
  it("a run resumes with its module, bit for bit", async () => {
    const words = "train ppo --resume --steps 128 --out ../project/runs/half";
    expect((await run("other", words)).stderr).toContain(
      "../project/walk.mjs is a program that a file names",
    );
    const { code, stderr } = await run("other", `${words} --env ../project/walk.mjs`);
    expect(code, stderr).toBe(0);
    expect(parameters("project/runs/half")).toEqual(parameters("project/runs/whole"));
    // The record was written again there, and leads to the same module from where the run was started.
    expect((await run("project", "evaluate runs/half --env ./walk.mjs --episodes 1")).code).toBe(0);
  });

  it("seeds resume with their module, and show the notes of their runs", async () => {
    const words = "train --resume --steps 128 --out ../project/runs/seeds --trust";
    const checkpoints = join(folder, "project/runs/seeds/seed-0/checkpoints");
    writeFileSync(join(checkpoints, readdirSync(checkpoints).sort().at(-1)!), "");
    const { code, stderr } = await run("other", words);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^seed 0: .*checkpoint.*the run goes on from /m);
    expect(parameters("project/runs/seeds/seed-0")).toEqual(parameters("project/runs/whole"));
  });

  it("a run is made again from its record, with its demonstrations, also after all was moved", async () => {
    renameSync(join(folder, "project"), join(folder, "moved"));
    const words = "train --config ../moved/runs/clone/config.json --trust --out";
    const { code, stderr } = await run("other", `${words} again`);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain("note:");
    expect(parameters("other/again")).toEqual(parameters("moved/runs/clone"));
    writeFileSync(join(folder, "moved", "walk.mjs"), `${walk}\n// changed`);
    expect((await run("other", `${words} third`)).stderr).toContain("../moved/walk.mjs has changed since");
    writeFileSync(join(folder, "moved", "walk.mjs"), walk);
    renameSync(join(folder, "moved", "demos"), join(folder, "moved", "renamed"));
    expect((await run("other", `${words} third`)).stderr).toContain(
      `there is no such file or folder (looked for ${join(folder, "moved", "demos")})`,
    );
  });
});
