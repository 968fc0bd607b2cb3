/** @file Pusher, Ant, Humanoid and HumanoidStandup against Gymnasium: compiled models, rewards, trajectories. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { make } from "../../../envs/index.js";
import { type MujocoId, mujocoModels } from "../../../envs/mujoco/models/index.js";
import { loadPhysics } from "../../../envs/mujoco/physics/load.js";
import { spaceWidth } from "../../../src/spaces/index.js";

interface Episode {
  options: Record<string, unknown>;
  /** Which one solves the constraints, and until when: see `TOLERANCES`. */
  solver: keyof typeof TOLERANCES;
  qpos: number[];
  qvel: number[];
  actions: number[][];
  rewards: number[];
  /** How far the reference drifts from itself, up to each step, when its start is moved by 1e-14. */
  drift: number[];
  terminated: boolean;
  /** The step in which anything first touched. */
  firstContact: number | null;
  /** By the number of steps taken. */
  at: Record<string, { qpos: number[]; qvel: number[]; observation: number[] }>;
  /** Of the last step. */
  info: Record<string, number | number[]>;
}

interface Reference {
  frameSkip: number;
  maxEpisodeSteps: number;
  timestep: number;
  observationSize: number;
  actionLow: number[];
  actionHigh: number[];
  bodies: string[];
  joints: string[];
  model: Record<string, number[]>;
  episodes: Episode[];
}

/**
 * Errors allowed where the reference does not drift by itself. Versions of MuJoCo stop the constraint solver at different
 * points. With the solver made to converge, all but that is compared exactly; Newton's method (Pusher, Ant) is stopped
 * close to the solution. The humanoids' own solver is not: the 50 sweeps of PGS that it has do not suffice, and once
 * anything touches, velocities part at the fourth digit and positions at the fifth.
 */
const TOLERANCES = {
  converged: { coordinates: 1e-11, observation: 1e-11, reward: 1e-11, info: 1e-11 },
  Newton: { coordinates: 1e-9, observation: 1e-9, reward: 1e-9, info: 1e-9 },
  PGS: { coordinates: 2e-3, observation: 1e-2, reward: 1e-4, info: 1e-3 },
};
type Compared = keyof typeof TOLERANCES.PGS;

const CONVERGED = 'solver="Newton" tolerance="0"';

/** Relative rounding of an observation, with some room. */
const FLOAT32 = 1e-7;

const folder = new URL("../../data-files/mujoco/spatial/", import.meta.url);
const references = readdirSync(folder).map((file): [MujocoId, Reference] => [
  file.replace(/\.json$/, "") as MujocoId,
  JSON.parse(readFileSync(new URL(file, folder), "utf8")),
]);

/** The largest |a − b|, relative to |b| where that is above 1. */
function error(a: ArrayLike<number>, b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return b.reduce((most, x, k) => Math.max(most, Math.abs(a[k] - x) / Math.max(1, Math.abs(x))), 0);
}

const list = (x: number | number[]) => (typeof x === "number" ? [x] : x);

/** Rotations with a positive sum of entries, as q and −q are the same one. */
function sameSign(quaternions: number[]): number[] {
  return quaternions.map((x, k) => {
    const from = k - (k % 4);
    const [w, a, b, c] = quaternions.slice(from, from + 4);
    return w + 2 * a + 4 * b + 8 * c < 0 ? -x : x;
  });
}

describe.each(references)("%s", (id, reference) => {
  const xml = mujocoModels[id];

  it("has the compiled model of Gymnasium's", async () => {
    const model = (await loadPhysics()).compile(xml);
    try {
      const { bodies, joints } = reference;
      expect(model.timestep).toBe(reference.timestep);
      expect(Array.from({ length: model.nbody }, (_, k) => model.name("body", k))).toEqual(bodies);
      expect(Array.from({ length: model.njnt }, (_, k) => model.name("joint", k))).toEqual(joints);
      for (const [name, expected] of Object.entries(reference.model)) {
        const normal = (array: number[]) => (name.endsWith("quat") ? sameSign(array) : array);
        const found = normal(Array.from(model.array(name)));
        expect([name, error(found, normal(expected))]).toEqual([name, expect.closeTo(0, 10)]);
      }
    } finally {
      model.free();
    }
  });

  it("has the spaces and limits of Gymnasium's", async () => {
    const environment = await make(id);
    expect(environment.maxEpisodeSteps).toBe(reference.maxEpisodeSteps);
    expect(spaceWidth(environment.observationSpace)).toBe(reference.observationSize);
    const { low, high } = environment.actionSpace as { low: number[]; high: number[] };
    expect(error(low, reference.actionLow)).toBeLessThan(1e-7);
    expect(error(high, reference.actionHigh)).toBeLessThan(1e-7);
    environment.close!();
  });

  it.each(
    reference.episodes.map((episode, k) => [k, episode.solver, episode] as const),
  )("equals Gymnasium's in episode %i, with solver: %s", async (_, solver, {
    options,
    qpos,
    qvel,
    actions,
    rewards,
    drift,
    terminated,
    firstContact,
    at,
    info,
  }) => {
    const model = solver === "converged" ? xml.replace('solver="PGS"', CONVERGED) : xml;
    const environment = await make(id, { ...options, xml: model });
    const check = (what: Compared, step: number, a: ArrayLike<number>, b: number[]) => {
      const untouched = solver === "PGS" && step < (firstContact ?? 1);
      const rounding = what === "observation" ? FLOAT32 : 0;
      const allowed = TOLERANCES[untouched ? "converged" : solver][what] + 100 * drift[step - 1] + rounding;
      const found = error(a, b);
      if (found > allowed) expect.fail(`${what} of step ${step} is off by ${found}, not ${allowed}`);
    };
    /** MuJoCo's own state begins with time, positions and velocities. */
    const coordinates = () => {
      const { dynamics } = environment.getState!() as { dynamics: { physics: Float64Array } };
      return dynamics.physics.subarray(1, 1 + qpos.length + qvel.length);
    };
    const first = environment.reset({ options: { qpos, qvel } }).observation as Float32Array;
    if (at[0]) expect(error(first, at[0].observation)).toBeLessThan(FLOAT32);
    for (const [k, action] of actions.entries()) {
      const step = k + 1;
      const result = environment.step(action);
      check("reward", step, [result.reward], [rewards[k]]);
      expect(result.terminated).toBe(terminated && step === actions.length);
      if (at[step]) {
        check("coordinates", step, coordinates(), [...at[step].qpos, ...at[step].qvel]);
        check("observation", step, result.observation as Float32Array, at[step].observation);
      }
      if (step < actions.length) continue;
      expect(Object.keys(result.info).sort()).toEqual(Object.keys(info).sort());
      for (const [name, expected] of Object.entries(info)) {
        const found = list(result.info[name] as number);
        // Ours are of where the step led to, Gymnasium's of the end of the integrator's last stage.
        if (name.startsWith("tendon")) expect(error(found, list(expected))).toBeLessThan(0.05);
        else check("info", step, found, list(expected));
      }
    }
    environment.close!();
  });
});
