/** @file Demonstrations from `collect`: their number, reproducibility, and copy on disk. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bc } from "../../algorithms/index.js";
import { evaluate, loadPolicy, savePolicy, train } from "../../index.js";
import { loadDemonstrations } from "../../src/datasets/demonstrations-folder.js";
import { demonstratedTransitions } from "../../src/datasets/transitions.js";
import { UsageError } from "../../src/errors.js";
import { type CollectOptions, collect } from "../../src/measure/collect.js";
import type { Policy } from "../../src/policies/contract.js";
import { TabularPolicy, UniformPolicy } from "../../src/policies/index.js";
import { trajectoryReturn } from "../../src/rollout/trajectory.js";
import { box, discrete } from "../../src/spaces/index.js";
import { diskFolder } from "../../src/state/files.js";
import { chainEnvironment } from "../support/chain.js";

const goRight = new TabularPolicy(
  8,
  Float64Array.from({ length: 16 }, (_, i) => (i % 2 ? 0.9 : 0.1)),
);

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "collect-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe("collect", () => {
  it("returns the requested number of whole episodes, with their mean return", async () => {
    const demonstrations = await collect(goRight, {
      env: chainEnvironment,
      episodes: 7,
      environments: 3,
      seed: 1,
    });
    const { trajectories, provenance, env } = demonstrations;
    expect(env).toBe("Chain-v0");
    expect(trajectories).toHaveLength(7);
    for (const { observations, actions, rewards, terminated, truncated } of trajectories) {
      expect(observations).toHaveLength(rewards.length + 1);
      expect(actions).toHaveLength(rewards.length);
      expect(terminated).not.toBe(truncated);
      expect(terminated).toBe(observations.at(-1) === 7);
    }
    const mean = trajectories.reduce((sum, trajectory) => sum + trajectoryReturn(trajectory), 0) / 7;
    const demonstrator = { given: "policy", kind: "tabular", checksum: expect.any(String) };
    expect(provenance).toEqual({ expertReturn: mean, seed: 1, deterministic: false, demonstrator });
  });

  it("stops at the first whole episode that reaches the requested steps", async () => {
    const { trajectories } = await collect(goRight, { env: chainEnvironment, steps: 100 });
    const lengths = trajectories.map(({ rewards }) => rewards.length);
    const total = lengths.reduce((a, b) => a + b);
    expect(total).toBeGreaterThanOrEqual(100);
    expect(total - lengths.at(-1)!).toBeLessThan(100);
  });

  it("cuts episodes at maxEpisodeSteps, and records how many in the provenance and in the folder", async () => {
    const folder = join(parent, "cut");
    const options = { env: chainEnvironment, episodes: 6, environments: 2, maxEpisodeSteps: 3, folder };
    const { trajectories, provenance } = await collect(goRight, options);
    expect(trajectories.map(({ rewards }) => rewards.length)).toEqual(new Array(6).fill(3));
    expect(trajectories.every(({ truncated }) => truncated)).toBe(true);
    expect(provenance.truncatedByLimit).toBe(6);
    expect((await loadDemonstrations(diskFolder(folder))).provenance.truncatedByLimit).toBe(6);
  });

  it("gives the same episodes for the same seed, and different ones for another", async () => {
    const at = (seed: number) => collect(goRight, { env: chainEnvironment, episodes: 5, seed });
    expect(await at(1)).toEqual(await at(1));
    expect((await at(1)).trajectories).not.toEqual((await at(2)).trajectories);
  });

  it("executes noisy actions, and records the intended or the executed ones", async () => {
    const noisy = (noise?: CollectOptions["noise"]) =>
      collect(goRight, { env: chainEnvironment, episodes: 40, seed: 0, deterministic: true, noise });
    const shares = async (noise?: CollectOptions["noise"]) => {
      const demonstrations = await noisy(noise);
      const { actions, observations, nextObservations, count } = demonstratedTransitions(demonstrations);
      const share = (is: (i: number) => boolean) =>
        Array.from({ length: count }, (_, i) => is(i)).filter(Boolean).length / count;
      // At the left end a step to the left stays.
      const right = share((i) => nextObservations[i] > observations[i]) / share((i) => observations[i] < 7);
      const agreed = share((i) => (actions[i] === 1) === nextObservations[i] > observations[i]);
      return { rights: share((i) => actions[i] === 1), right, agreed, demonstrations };
    };
    const clean = await shares();
    expect(clean.rights).toBe(1);
    expect(clean.right).toBeCloseTo(0.8, 1); // one move in five slips
    const intended = await shares({ chance: 1 });
    expect(intended.rights).toBe(1);
    expect(intended.right).toBeCloseTo(0.5, 1);
    expect(intended.demonstrations.provenance.noise).toEqual({ chance: 1, deviation: 0, record: "intended" });
    const executed = await shares({ chance: 1, record: "executed" });
    expect(executed.rights).toBeCloseTo(0.5, 1);
    expect(executed.agreed).toBeCloseTo(0.8, 1);
    expect(await noisy({ chance: 0.5 })).toEqual(await noisy({ chance: 0.5 }));
    expect((await noisy({ chance: 0 })).trajectories).toEqual(clean.demonstrations.trajectories);
    await expect(noisy({ deviation: 1 })).rejects.toThrow("needs a box of actions");
  });

  it("writes to the folder what it returns", async () => {
    const folder = join(parent, "demos");
    const demonstrations = await collect(goRight, {
      env: chainEnvironment,
      episodes: 5,
      environments: 2,
      folder,
    });
    expect(await loadDemonstrations(diskFolder(folder))).toEqual(demonstrations);
    const again = collect(goRight, { env: chainEnvironment, episodes: 5, folder });
    await expect(again).rejects.toThrow(/already contains demonstrations/);
  });

  it("reports its progress", async () => {
    const seen: number[] = [];
    const onProgress = (episodes: number) => void seen.push(episodes);
    await collect(goRight, { env: chainEnvironment, episodes: 5, environments: 2, onProgress });
    expect(seen).toEqual([2, 4, 5]);
  });

  it.each<[string, object, RegExp]>([
    ["an unknown option", { episode: 5 }, /collect: unknown option "episode"; did you mean "episodes"\?/],
    ["neither episodes nor steps", {}, /either episodes or steps/],
    ["both episodes and steps", { episodes: 1, steps: 1 }, /either episodes or steps/],
  ])("refuses %s with an explanation", async (_, wrong, message) => {
    const given = { env: chainEnvironment, ...wrong } as CollectOptions;
    await expect(collect(goRight, given)).rejects.toThrow(UsageError);
    await expect(collect(goRight, given)).rejects.toThrow(message);
  });
});

describe("collect, of a function or an object of the user's own", () => {
  it("plays one environment at a time, and counts the steps of each episode", async () => {
    const steps: number[] = [];
    const right = (_: unknown, { step }: { step: number }) => Math.min(1, steps.push(step));
    const { trajectories, provenance } = await collect(right, { env: chainEnvironment, episodes: 3 });
    expect(trajectories.flatMap(({ rewards }) => Array.from(rewards, (_, t) => t))).toEqual(steps);
    expect(provenance.demonstrator).toEqual({ given: "a function" });
    const byObject = await collect({ act: () => 1 }, { env: chainEnvironment, episodes: 3 });
    expect(byObject.trajectories).toEqual(trajectories);
    expect(byObject.provenance.demonstrator).toEqual({ given: "a controller" });
    expect((await evaluate({ act: () => 1 }, { env: chainEnvironment, episodes: 3 })).returns).toHaveLength(
      3,
    );
  });

  it("is typed with the observation that the environment has", async () => {
    const act = (observation: number) => Math.min(observation, 1);
    const { trajectories } = await collect({ act }, { env: chainEnvironment, episodes: 1 });
    expect(trajectories).toHaveLength(1);
  });

  it.each([undefined, 5, {}, { act: 1 }])("refuses %s", async (wrong) => {
    const given = { env: chainEnvironment, episodes: 1 };
    await expect(collect(wrong as never, given)).rejects.toThrow(
      "must be a policy, as train and loadPolicy return, or a controller, such as (observation) => 0",
    );
  });
});

describe("the provenance of collected demonstrations", () => {
  it("holds the options of the environment, the limit of the episodes and the file of the policy", async () => {
    const path = join(parent, "policy.safetensors");
    await savePolicy(new UniformPolicy(discrete(16), discrete(4)), path);
    const { provenance } = await collect(await loadPolicy(path), {
      env: "FrozenLake-v1",
      environmentOptions: { slippery: false },
      maxEpisodeSteps: 7,
      episodes: 1,
    });
    expect(provenance).toMatchObject({
      environmentOptions: { slippery: false },
      maxEpisodeSteps: 7,
      demonstrator: { policy: path, kind: "uniform", checksum: expect.any(String) },
    });
  });
});

/** A point that is moved by the action as it is, without clipping. */
class Unclipped {
  observationSpace = box([1], -4, 4);
  actionSpace = box([1], -0.5, 0.5);
  private x = 0;
  private time = 0;
  private starts = 0;

  reset({ seed }: { seed?: number } = {}) {
    if (seed !== undefined) this.starts = seed;
    this.x = 2 * Math.sin(this.starts++);
    this.time = 0;
    return [this.x];
  }

  step([push]: number[]) {
    received.push(push);
    this.x = Math.max(-4, Math.min(4, this.x + push));
    return [[this.x], -Math.abs(this.x), false, ++this.time === 8, {}];
  }
}
const received: number[] = [];

/** Written by hand: it pushes twice as far as it has to, and so out of the bounds. */
const controller = {
  observationSpace: box([1], -4, 4),
  actionSpace: box([1], -0.5, 0.5),
  act: async (observations: Float32Array) => ({ actions: observations.map((x) => -2 * x) }),
} as unknown as Policy;

describe("collect, of a controller that leaves the bounds of actions", () => {
  it("executes and records the clipped actions, so that a clone earns what the demonstrations did", async () => {
    received.length = 0;
    const demonstrations = await collect(controller, { env: Unclipped, episodes: 30, seed: 0 });
    const recorded = demonstrations.trajectories.flatMap(({ actions }) => Array.from(actions));
    expect([...recorded].sort()).toEqual([...received].sort());
    expect(Math.max(...recorded)).toBe(0.5);
    const shown = demonstrations.provenance!.expertReturn as number;
    const test = { env: Unclipped, episodes: 30, seed: 0 };
    expect((await evaluate(controller, test)).mean).toBe(shown);
    const clone = await train(bc({ demonstrations, loss: "squared-error", epochs: 100 }), {
      env: Unclipped,
      seed: 0,
    });
    expect(Math.abs((await evaluate(clone, test)).mean - shown)).toBeLessThan(0.1 * Math.abs(shown));
  });
});
