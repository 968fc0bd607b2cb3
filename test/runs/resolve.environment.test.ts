/** @file The environment of a run that names none: that of its expert's run; and what a run says about unknown scores. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bc } from "../../algorithms/index.js";
import {
  collect,
  createRng,
  mixDemonstrations,
  savePolicy,
  train,
  writeDemonstrations,
} from "../../index.js";
import { make, register } from "../../src/env/registry.js";
import type { Policy } from "../../src/policies/contract.js";
import { environmentNamed } from "../../src/runs/inputs.js";
import { resolve } from "../../src/runs/resolve.js";
import { requestOf } from "../../src/runs/train.js";

const folder = mkdtempSync(join(tmpdir(), "resolve-"));
afterAll(() => rmSync(folder, { recursive: true }));

register({ id: "Other-v0", make: () => make("CartPole-v1") });

const dagger = (policy: string, more: object = {}) =>
  resolve(
    requestOf("dagger", { options: { expert: { policy }, rounds: 1, roundSteps: 8 }, ...more }).request,
  );

describe("the environment of a run with an expert in a run folder", () => {
  const teacher = join(folder, "teacher");
  let policy: Policy;

  it("is the expert's, with its options", async () => {
    const environmentOptions = { slippery: false };
    policy = await train("valueIteration", { env: "FrozenLake-v1", environmentOptions, folder: teacher });
    const { config } = await dagger(teacher);
    expect(config).toMatchObject({ env: "FrozenLake-v1", environmentOptions });
    expect((await dagger(join(teacher, "policy.safetensors"))).config.env).toBe("FrozenLake-v1");
  });

  it("is another if another is asked for, without the expert's options", async () => {
    const { config } = await dagger(teacher, { env: "Maze-v0" });
    expect(config).toMatchObject({ env: "Maze-v0" });
    expect(config.environmentOptions).not.toHaveProperty("slippery");
    const options = { environmentOptions: { slippery: true } };
    expect((await dagger(teacher, options)).config.environmentOptions).toMatchObject({ slippery: true });
  });

  it("must be given for a policy outside a run folder", async () => {
    const file = join(folder, "alone.safetensors");
    writeFileSync(file, savePolicy(policy));
    await expect(dagger(file)).rejects.toThrow("give the environment with --env");
    expect((await dagger(file, { env: "FrozenLake-v1" })).config.env).toBe("FrozenLake-v1");
  });
});

describe("the environment of a run with demonstrations", () => {
  const env = "CartPole-v1";
  const short = { environmentOptions: { maxEpisodeSteps: 30 }, maxEpisodeSteps: 20 };
  const from = join(folder, "short");
  const by = (demonstrations: object, more: object = {}) =>
    resolve(requestOf("bc", { options: { demonstrations, epochs: 1 }, ...more }).request);

  it("has the options with which they were recorded, from a folder and in code, and says so", async () => {
    const demonstrations = await collect(() => 1, { env, ...short, episodes: 2, folder: from });
    const note = "the environment is that of the demonstrations: maxEpisodeSteps 30, --max-episode-steps 20";
    for (const { config, notes } of [
      await by({ from }),
      await by({ from }, { env }),
      await by(demonstrations, { env }),
      await resolve(requestOf(bc({ demonstrations, epochs: 1 }), { env }).request),
    ]) {
      expect(config).toMatchObject(short);
      expect(notes).toContain(note);
    }
  });

  it("is known by the path of its module, with or without a dot before it", async () => {
    const source = `export default class {
      observationSpace = { kind: "discrete", n: 2 };
      actionSpace = { kind: "discrete", n: 2 };
      constructor({ size = 3 } = {}) { this.size = size; }
      reset() { this.left = this.size; return 0; }
      step() { return [1, 1, --this.left === 0, false, {}]; }
    }`;
    writeFileSync(join(folder, "sized.mjs"), source);
    const path = relative(process.cwd(), join(folder, "sized.mjs"));
    const { reference } = await environmentNamed(path, [path]);
    expect(reference).toMatchObject({ module: path });
    const demonstrations = await collect(() => 1, {
      env: path,
      environmentOptions: { size: 5 },
      episodes: 1,
    });
    const request = requestOf("bc", { env: `./${path}`, options: { demonstrations, epochs: 1 } });
    const { config, notes } = await resolve(request.request, { trust: true });
    expect(config.environmentOptions).toEqual({ size: 5 });
    expect(notes).toEqual(["the environment is that of the demonstrations: size 5"]);
  });

  it("has other options where they are named, which is noted", async () => {
    const named = { env, environmentOptions: { maxEpisodeSteps: 40 }, maxEpisodeSteps: 25 };
    const { config, notes } = await by({ from }, named);
    expect(config).toMatchObject({ environmentOptions: { maxEpisodeSteps: 40 }, maxEpisodeSteps: 25 });
    const note =
      "note: the demonstrations were recorded with maxEpisodeSteps 30, --max-episode-steps 20, but the run has " +
      "maxEpisodeSteps 40, --max-episode-steps 25";
    expect(notes).toContain(note);
    const object = { env: { id: env, options: { maxEpisodeSteps: 50 } } };
    expect((await by({ from }, object)).config.environmentOptions).toMatchObject({ maxEpisodeSteps: 50 });
  });

  it("has its own options where another environment is named", async () => {
    const { config } = await by(await collect(() => 1, { env, ...short, episodes: 1 }), { env: "Other-v0" });
    expect(config.environmentOptions).toEqual({});
    expect(config).not.toHaveProperty("maxEpisodeSteps");
  });

  it("has the options of a mixture whose parts were recorded with the same ones", async () => {
    const recorded = (maxEpisodeSteps: number) =>
      collect(() => 1, { env, environmentOptions: { maxEpisodeSteps }, episodes: 1 });
    const mix = async (one: number, other: number) =>
      mixDemonstrations({ a: await recorded(one), b: await recorded(other) }, { rng: createRng(0) });
    const limit = async (demonstrations: object) =>
      (await by(demonstrations, { env })).config.environmentOptions.maxEpisodeSteps;
    expect(await limit(await mix(30, 30))).toBe(30);
    expect(await limit(await mix(30, 40))).toBe(500);
  });
});

describe("demonstrations without rewards", () => {
  it("have an unknown return, which a run says, and give no scores", async () => {
    const env = "FrozenLake-v1";
    const shown = await collect(await train("valueIteration", { env }), { env, episodes: 2, seed: 0 });
    const bare = {
      ...shown,
      provenance: { expertReturn: Number.NaN },
      trajectories: shown.trajectories.map((one) => ({ ...one, rewards: one.rewards.map(() => 0) })),
    };
    const from = join(folder, "bare");
    await writeDemonstrations(bare, from);
    const notes = async (demonstrations: object) =>
      (await resolve(requestOf("bc", { env, options: { demonstrations } }).request)).notes;
    const unknown = expect.stringContaining("the expert's return is unknown");
    expect(await notes({ from })).toContainEqual(unknown);
    expect(await notes(shown)).not.toContainEqual(unknown);
    const { evaluations } = await train.run("bc", { env, options: { demonstrations: { from }, epochs: 1 } });
    expect(evaluations.at(-1)).not.toHaveProperty("score");
  });
});

describe("demonstrations of another environment", () => {
  it("are noted where its spaces are those of the run's environment", async () => {
    const env = "FrozenLake-v1";
    const shown = await collect(await train("valueIteration", { env }), { env, episodes: 2, seed: 0 });
    const notes = async (demonstrations: object) =>
      (await resolve(requestOf("bc", { env, options: { demonstrations } }).request)).notes;
    const note =
      "note: the demonstrations are of Ice-v0, but the run is on FrozenLake-v1, whose spaces are the same";
    expect(await notes({ ...shown, env: "Ice-v0" })).toContain(note);
    expect(await notes(shown)).toEqual([]);
    expect(await notes({ ...shown, env: `gymnasium:${env}` })).toEqual([]);
  });
});
