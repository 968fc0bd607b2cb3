/** @file Runs whose policy needs a user-defined module for its kind or its network. */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { entry, temporaryFolder, understudy } from "./run-cli.js";

/** An algorithm that counts its steps, and its policy, of a kind of its own: the first action, whatever happens. */
const algorithm = `
import { defineAlgorithm, definePolicy } from ${JSON.stringify(entry)};
import { z } from ${JSON.stringify(import.meta.resolve("zod"))};

const firstAction = (spaces, steps) => ({
  ...spaces,
  act: async (rows) => ({ actions: new Int32Array(rows.length / spaces.observationSpace.shape[0]) }),
  logProb: async (_, actions) => Float32Array.from(actions, (a) => (a === 0 ? 0 : -Infinity)),
  toData: () => ({ kind: "first-action", settings: { spaces, steps }, arrays: {} }),
});
definePolicy({ kind: "first-action", fromData: ({ settings }) => firstAction(settings.spaces, settings.steps) });

export default defineAlgorithm({
  name: "counting",
  summary: "counts",
  schema: z.strictObject({}),
  create: (options) => ({
    name: "counting",
    options,
    unit: "steps",
    defaultSteps: 4,
    init: async ({ observationSpace, actionSpace }) => ({
      steps: 0,
      live: { derived: true, spaces: { observationSpace, actionSpace } },
    }),
    update: async (state) => ({ steps: ++state.steps }),
    policy: ({ live, steps }) => firstAction(live.spaces, steps),
  }),
});
`;

/** An environment, and a network that policies in it may have. */
const environment = `
import { defineNetwork, nn, spaces } from ${JSON.stringify(entry)};

defineNetwork({ name: "narrow", create: ({ inputs }) => ({ width: 3, ...nn.dense(inputs, 3) }) });

export default class {
  observationSpace = spaces.box([2], -1, 1);
  actionSpace = spaces.discrete(2);
  reset() {
    this.left = 5;
    return { observation: Float32Array.of(0.5, -0.5) };
  }
  step(action) {
    return { observation: Float32Array.of(0.5, -0.5), reward: action, terminated: --this.left === 0, truncated: false };
  }
}
`;

const folder = temporaryFolder();
writeFileSync(join(folder, "counting.mjs"), algorithm);
writeFileSync(join(folder, "walk.mjs"), environment);

const run = (words: string) => understudy(folder, words.split(" "));
const read = (path: string) => readFileSync(join(folder, path));
const succeeds = { code: 0, stderr: expect.not.stringContaining("understudy-rl:") };

describe("a run of an algorithm whose module defines a policy kind", () => {
  it("trains, resumes, and can be evaluated, compared and collected from", async () => {
    expect(await run("train ./counting.mjs --env CartPole-v1 --steps 2 --out runs/a")).toMatchObject(
      succeeds,
    );
    expect(await run("train --resume --out runs/a --steps 4 --trust")).toMatchObject(succeeds);
    expect(await run("train ./counting.mjs --env CartPole-v1 --steps 4 --out runs/b")).toMatchObject(
      succeeds,
    );
    expect(read("runs/a/policy.safetensors")).toEqual(read("runs/b/policy.safetensors"));
    const evaluated = await run("evaluate runs/a --episodes 5 --json --trust");
    expect(evaluated).toMatchObject(succeeds);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ env: "CartPole-v1", mean: expect.any(Number) });
    expect(
      await run("evaluate runs/a/policy.safetensors --env CartPole-v1 --episodes 5 --trust"),
    ).toMatchObject(succeeds);
    expect(await run("compare expert runs/a --episodes 2 --trust")).toMatchObject(succeeds);
    expect(await run("collect runs/a --episodes 2 --out demos/a --trust")).toMatchObject(succeeds);
    expect(await run("export runs/a --trust")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/runs\/a has no network: there is nothing to export/),
    });
  });

  it("can be the expert of another run", async () => {
    const words =
      "train dagger --expert runs/a --env CartPole-v1 --rounds 1 --round-steps 8 --out runs/taught --trust";
    expect(await run(words)).toMatchObject(succeeds);
  });

  it("has a policy whose file alone can be used with the module by name, also by several seeds", async () => {
    writeFileSync(join(folder, "mine.safetensors"), read("runs/a/policy.safetensors"));
    const evaluate = "evaluate mine.safetensors --env CartPole-v1 --episodes 2";
    expect(await run(`${evaluate} --import ./counting.mjs`)).toMatchObject(succeeds);
    expect(await run(evaluate)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no policy kind "first-action".*on the command line with --import/),
    });
    expect(await run(`${evaluate} --import ./nowhere.mjs`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no imported module at \.\/nowhere\.mjs/),
    });
    const dagger = "train dagger --expert mine.safetensors --env CartPole-v1 --rounds 1 --round-steps 8";
    expect(await run(`${dagger} --seeds 1 --import ./counting.mjs --out runs/seeds`)).toMatchObject(succeeds);
  });

  it("is refused if the module is not trusted, with the module's path", async () => {
    expect(await run("evaluate runs/a")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/the module \.\/counting\.mjs of its run was not loaded: give --trust/),
    });
    expect(await run("train --resume --out runs/a --steps 6")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/the algorithm \.\/counting\.mjs is a program .* was not run/),
    });
  });

  it("is refused without its module, with the kind and the module's path", async () => {
    renameSync(join(folder, "counting.mjs"), join(folder, "moved.mjs"));
    const { code, stderr } = await run("evaluate runs/a");
    renameSync(join(folder, "moved.mjs"), join(folder, "counting.mjs"));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /policy\.safetensors .*there is no policy kind "first-action".*; there is no module at \.\/counting\.mjs/,
    );
  });
});

describe("a run in an environment whose module defines a network", () => {
  it("can be evaluated, compared and exported, and so can its policy file with the environment", async () => {
    const words =
      "train ppo --env ./walk.mjs --network narrow --steps 64 --rollout-steps 16 --environments 2";
    expect(await run(`${words} --minibatch-size 16 --out runs/walk`)).toMatchObject(succeeds);
    expect(await run("evaluate runs/walk --episodes 2 --env ./walk.mjs")).toMatchObject(succeeds);
    expect(await run("compare runs/walk runs/walk --episodes 2 --env ./walk.mjs")).toMatchObject(succeeds);
    expect(await run("export runs/walk --env ./walk.mjs")).toMatchObject(succeeds);
    writeFileSync(join(folder, "alone.safetensors"), read("runs/walk/policy.safetensors"));
    expect(await run("evaluate alone.safetensors --env ./walk.mjs --episodes 2")).toMatchObject(succeeds);
    expect(await run("evaluate alone.safetensors --env CartPole-v1")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no network "narrow"/),
    });
  });
});
