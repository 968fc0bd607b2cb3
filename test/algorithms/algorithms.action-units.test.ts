/**
 * @file Learning does not depend on the units of actions: in a box that is shifted and stretched, with the opposite map
 * inside the environment, every algorithm learns what it learns in ±1. Without bounds, cloning takes its units from the
 * demonstrated actions.
 */

import { describe, expect, it } from "vitest";
import {
  a2c,
  airl,
  bc,
  cql,
  dagger,
  density,
  distributionMatching,
  gail,
  iql,
  ppo,
  sac,
  sqil,
  td3,
  td3bc,
} from "../../algorithms/index.js";
import { type Algorithm, type Demonstrations, loadPolicy, savePolicy, train } from "../../index.js";
import { demonstrationsOf } from "../../src/datasets/demonstrations.js";
import type { Policy } from "../../src/policies/contract.js";
import { NetworkPolicy } from "../../src/policies/index.js";
import { createRng, type RngState } from "../../src/random/rng.js";
import { actionScaling, type Box, box } from "../../src/spaces/index.js";
import type { Tree } from "../../src/state/snapshot.js";
import { offPolicy, small, tiny } from "../support/imitation.js";

const UNIT = box([2], -1, 1);
const FAR = box([2], [100, -5], [300, -4]);

/** Without bounds in one entry or in both; the units are those of the boxes beside them. */
const OPEN = box([2], -Infinity, [Infinity, 1]);
const OPEN_FAR = box([2], -Infinity, [Infinity, -4]);
const units = new Map([
  [OPEN, UNIT],
  [OPEN_FAR, box([2], [900, -5], [1100, -4])],
]);

const unitsOf = (space: Box): Box => units.get(space) ?? space;
const normalised = (space: Box, actions: ArrayLike<number>): number[] => {
  const { low, high } = unitsOf(space);
  return Array.from(actions, (a, k) => (2 * a - low[k % 2] - high[k % 2]) / (high[k % 2] - low[k % 2]));
};
const scaled = (space: Box, values: ArrayLike<number>): Float32Array => {
  const { low, high } = unitsOf(space);
  return Float32Array.from(values, (u, k) => (low[k % 2] + high[k % 2] + u * (high[k % 2] - low[k % 2])) / 2);
};

/** A point that is pushed towards 0. The rewards depend on the normalised action. */
const pointIn = (actionSpace: Box) =>
  class Point {
    id = "Point";
    observationSpace = box([2], -3, 3);
    actionSpace = actionSpace;
    private rng = createRng(0);
    private at = [0, 0];
    private time = 0;

    reset({ seed }: { seed?: number } = {}) {
      if (seed !== undefined) this.rng = createRng(seed);
      this.at = [this.rng.uniform(), -this.rng.uniform()];
      this.time = 0;
      return this.at;
    }

    step(action: ArrayLike<number>) {
      const push = normalised(actionSpace, action);
      this.at = this.at.map((x, i) => Math.max(-3, Math.min(3, x + 0.2 * push[i])));
      const cost = this.at.reduce((sum, x, i) => sum + x * x + 0.1 * push[i] ** 2, 0);
      return [this.at, -cost, false, ++this.time === 16, {}];
    }

    getState(): Tree {
      return { at: this.at, time: this.time, rng: { ...this.rng.getState() } };
    }

    setState(state: Tree) {
      const saved = state as unknown as { at: number[]; time: number; rng: RngState };
      this.at = saved.at;
      this.time = saved.time;
      this.rng.setState(saved.rng);
    }
  };

/** Episodes of an expert that pushes towards 0, with noise. */
function shown(actionSpace: Box): Demonstrations {
  const rng = createRng("demonstrations");
  const trajectories = Array.from({ length: 4 }, () => {
    const observations = [rng.uniform(), -rng.uniform()];
    const units: number[] = [];
    const rewards: number[] = [];
    for (let t = 0; t < 16; t++) {
      const at = observations.slice(-2);
      const push = at.map((x) => Math.max(-1, Math.min(1, -2 * x + 0.1 * rng.normal())));
      units.push(...push);
      observations.push(...at.map((x, i) => x + 0.2 * push[i]));
      rewards.push(-at.reduce((sum, x) => sum + x * x, 0));
    }
    return {
      observations: Float32Array.from(observations),
      actions: scaled(actionSpace, units),
      rewards: Float64Array.from(rewards),
      terminated: false,
      truncated: true,
    };
  });
  return demonstrationsOf(trajectories, { env: "Point", observationSpace: box([2], -3, 3), actionSpace });
}

/** An expert of the same units, as a policy that computes −x. */
function expert(actionSpace: Box): Policy {
  const settings = {
    observationSpace: box([2], -3, 3),
    actionSpace,
    hidden: [],
    activation: "tanh" as const,
    critic: false,
    actionScaling: actionScaling(unitsOf(actionSpace)),
  };
  const parameters = new Float32Array(8);
  const arrays = new NetworkPolicy(settings, parameters).toData().arrays;
  (arrays["actor.output.weight"].data as Float32Array).set([-1, 0, 0, -1]);
  return NetworkPolicy.fromData({ kind: "network", settings, arrays });
}

const offline = { hidden: [8], minibatchSize: 16, updates: 60 };
const cloning = { hidden: [8], minibatchSize: 16, epochs: 6 };
const cases: Record<string, [make: (space: Box) => Algorithm, steps?: number]> = {
  ppo: [() => ppo({ ...small, entropyCoefficient: 0.01 }), 256],
  "ppo with memory": [() => ppo({ ...small, recurrentUnits: 4 }), 256],
  a2c: [() => a2c({ hidden: [8] }), 256],
  sac: [() => sac(offPolicy), 160],
  td3: [() => td3(offPolicy), 160],
  td3bc: [(space) => td3bc({ demonstrations: shown(space), ...offline })],
  iql: [(space) => iql({ demonstrations: shown(space), ...offline })],
  cql: [(space) => cql({ demonstrations: shown(space), ...offline, samples: 2 })],
  bc: [(space) => bc({ demonstrations: shown(space), ...cloning })],
  "bc by squared error": [(space) => bc({ demonstrations: shown(space), ...cloning, loss: "squared-error" })],
  "bc with memory": [(space) => bc({ demonstrations: shown(space), ...cloning, recurrentUnits: 4 })],
  "bc with memory, by squared error": [
    (space) => bc({ demonstrations: shown(space), ...cloning, recurrentUnits: 4, loss: "squared-error" }),
  ],
  dagger: [(space) => dagger({ expert: expert(space), ...cloning, rounds: 2, roundSteps: 64 })],
  "dagger with fusion": [
    (space) => dagger({ expert: expert(space), ...cloning, rounds: 2, roundSteps: 64, combine: "fuse" }),
  ],
  gail: [(space) => gail({ demonstrations: shown(space), optimiser: ppo(small), discriminator: tiny }), 256],
  "gail with sac": [
    (space) => gail({ demonstrations: shown(space), optimiser: sac(offPolicy), discriminator: tiny }),
    128,
  ],
  airl: [
    (space) =>
      airl({
        demonstrations: shown(space),
        optimiser: ppo(small),
        discriminator: tiny,
        rewardInputs: "state-action",
      }),
    256,
  ],
  "airl with sac": [
    (space) => airl({ demonstrations: shown(space), optimiser: sac(offPolicy), discriminator: tiny }),
    128,
  ],
  sqil: [(space) => sqil({ demonstrations: shown(space), optimiser: offPolicy }), 160],
  density: [(space) => density({ demonstrations: shown(space), optimiser: ppo(small) }), 256],
  distributionMatching: [
    (space) =>
      distributionMatching({ demonstrations: shown(space), optimiser: ppo(small), discriminator: tiny }),
    256,
  ],
};

/** Numbers that depend on the units of actions by their meaning. */
const inUnits = ["seconds", "disagreement"];

async function learnt([make, steps]: (typeof cases)[string], space: Box) {
  const { policy, metrics } = await train.run(make(space), {
    env: pointIn(space),
    seed: 0,
    ...(steps && { steps }),
  });
  const seen = Float32Array.from({ length: 40 }, (_, i) => Math.cos(i));
  const act = async (p: Policy, deterministic: boolean) =>
    normalised(space, (await p.act(seen, { rng: createRng(1), deterministic })).actions);
  return {
    parameters: Object.values(policy.toData().arrays).flatMap(({ data }) => Array.from(data)),
    mode: await act(policy, true),
    loaded: await act(loadPolicy(savePolicy(policy)), true),
    sample: await act(policy, false),
    metrics: metrics.flatMap((row) =>
      Object.entries(row).flatMap(([name, value]) => (inUnits.includes(name) ? [] : [value as number])),
    ),
  };
}

const furthest = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length ? Math.max(...a.map((x, i) => Math.abs(x - b[i]) / (1 + Math.abs(x)))) : Infinity;

describe("in a box of other units", () => {
  it.each(Object.keys(cases))("%s learns the same", async (name) => {
    const [near, far] = [await learnt(cases[name], UNIT), await learnt(cases[name], FAR)];
    expect(near.mode.some((u) => Math.abs(u) > 1e-3)).toBe(true);
    for (const key of ["parameters", "mode", "loaded", "sample", "metrics"] as const) {
      expect([key, furthest(near[key], far[key])]).toEqual([key, expect.closeTo(0, 4)]);
    }
  });
});

describe("in a box without bounds", () => {
  it.each(
    Object.keys(cases).filter((name) => /^(bc|dagger)/.test(name)),
  )("%s learns the same", async (name) => {
    const [near, far] = [await learnt(cases[name], OPEN), await learnt(cases[name], OPEN_FAR)];
    expect(near.mode.some((u) => Math.abs(u) > 1e-3)).toBe(true);
    for (const key of ["parameters", "mode", "loaded", "sample", "metrics"] as const) {
      expect([key, furthest(near[key], far[key])]).toEqual([key, expect.closeTo(0, 2)]);
    }
  });
});
