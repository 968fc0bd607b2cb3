/** @file The planar MuJoCo environments against Gymnasium: compiled models, trajectories, rewards, terminations. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { envSpec, make } from "../../../envs/index.js";
import { type MujocoId, mujocoModels } from "../../../envs/mujoco/models/index.js";
import { loadPhysics } from "../../../envs/mujoco/physics/load.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { Action } from "../../../src/spaces/values.js";

interface Episode {
  options: Record<string, unknown>;
  qpos: number[];
  qvel: number[];
  actions: number[][];
  rewards: number[];
  /** How far the reference drifts from itself, up to each step, when its start is moved by 1e-14. */
  drift: number[];
  terminated: boolean;
  /** By the number of steps taken. */
  at: Record<string, { qpos: number[]; qvel: number[]; observation: number[] }>;
  /** Of the last step. */
  info: Record<string, number>;
}

interface Reference {
  frameSkip: number;
  maxEpisodeSteps: number;
  timestep: number;
  observationSize: number;
  actionLow: number[];
  actionHigh: number[];
  bodies: string[];
  model: Record<string, number[]>;
  episodes: Episode[];
}

const read = (id: string): Reference =>
  JSON.parse(readFileSync(new URL(`../../data-files/mujoco/${id}.json`, import.meta.url), "utf8"));
const references = (
  [
    "InvertedPendulum-v5",
    "InvertedDoublePendulum-v5",
    "Reacher-v5",
    "Swimmer-v5",
    "Hopper-v5",
    "HalfCheetah-v5",
    "Walker2d-v5",
  ] satisfies MujocoId[]
).map((id) => [id, read(id)] as const);

/** The largest |a − b|, relative to |b| where that is above 1. */
const error = (a: ArrayLike<number>, b: readonly number[]) => {
  expect(a.length).toBe(b.length);
  return b.reduce((most, x, k) => Math.max(most, Math.abs(a[k] - x) / Math.max(1, Math.abs(x))), 0);
};

/** Relative rounding of an observation, with some room. */
const FLOAT32 = 1e-7;

/** JSON knows no infinity: an open end of a range is null. */
const withInfinity = (options: Record<string, unknown>) =>
  JSON.parse(JSON.stringify(options), (key, value) =>
    value === null ? (key === "0" ? -Infinity : Infinity) : value,
  );

describe.each(references)("%s", (id, reference) => {
  it("has the compiled model of Gymnasium's", async () => {
    const model = (await loadPhysics()).compile(mujocoModels[id]);
    expect(model.timestep).toBe(reference.timestep);
    const bodies = Array.from({ length: model.nbody }, (_, k) => model.name("body", k));
    expect(bodies).toEqual(reference.bodies);
    for (const [name, expected] of Object.entries(reference.model)) {
      const array = Array.from(model.array(name));
      // q and −q are the same rotation.
      const sign = (k: number) => (name.endsWith("_quat") && dot(array, expected, k) < 0 ? -1 : 1);
      const signed = array.map((x, k) => x * sign(k - (k % 4)));
      expect([name, error(signed, expected)]).toEqual([name, expect.closeTo(0, 10)]);
    }
    model.free();
  });

  it("has the spaces and limits of Gymnasium's", async () => {
    const environment = await make(id);
    expect(environment.maxEpisodeSteps).toBe(reference.maxEpisodeSteps);
    expect(spaceWidth(environment.observationSpace)).toBe(reference.observationSize);
    const { low, high } = environment.actionSpace as { low: number[]; high: number[] };
    expect([...low]).toEqual(reference.actionLow);
    expect([...high]).toEqual(reference.actionHigh);
    const { frameSkip } = envSpec(id).options!.parse({}) as { frameSkip: number };
    expect(frameSkip).toBe(reference.frameSkip);
    environment.close!();
  });

  it.each(
    reference.episodes.map((episode) => [JSON.stringify(episode.options), episode] as const),
  )("equals Gymnasium's, with options %s", async (_, {
    options,
    qpos,
    qvel,
    actions,
    rewards,
    drift,
    terminated,
    at,
    info,
  }) => {
    const environment = await make(id, withInfinity(options));
    /** MuJoCo's own state begins with time, positions and velocities. */
    const coordinates = () => {
      const { dynamics } = environment.getState!() as { dynamics: { physics: Float64Array } };
      return dynamics.physics.subarray(1, 1 + qpos.length + qvel.length);
    };
    const first = environment.reset({ options: { qpos, qvel } }).observation as Float32Array;
    expect(error(first, at[0].observation)).toBeLessThan(FLOAT32);
    for (const [k, action] of actions.entries()) {
      const result = environment.step(action as Action);
      const tolerance = 1e-11 + 100 * drift[k];
      expect(error([result.reward], [rewards[k]])).toBeLessThan(tolerance);
      expect(result.terminated).toBe(terminated && k === actions.length - 1);
      if (at[k + 1]) {
        const { qpos, qvel, observation } = at[k + 1];
        expect(error(coordinates(), [...qpos, ...qvel])).toBeLessThan(tolerance);
        expect(error(result.observation as Float32Array, observation)).toBeLessThan(tolerance + FLOAT32);
      }
      if (k < actions.length - 1) continue;
      expect(Object.keys(result.info).sort()).toEqual(Object.keys(info).sort());
      for (const [name, value] of Object.entries(info)) {
        expect(error([result.info[name] as number], [value])).toBeLessThan(tolerance);
      }
    }
    environment.close!();
  });
});

const dot = (a: readonly number[], b: readonly number[], from: number) =>
  [0, 1, 2, 3].reduce((sum, k) => sum + a[from + k] * b[from + k], 0);
