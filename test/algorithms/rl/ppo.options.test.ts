/** @file PPO's normalisation and schedules: their part in the state, and raw reports. */

import { describe, expect, it } from "vitest";
import { a2c, dqn, ppo } from "../../../algorithms/index.js";
import { collect, improve, type PpoOptions, ppoSchema } from "../../../algorithms/rl/ppo.js";
import "../../../envs/index.js";
import { createMoments, deviation } from "../../../src/env/moments.js";
import { problemOf } from "../../../src/env/problem.js";
import { createNormalizer, RewardScale } from "../../../src/env/wrappers/normalize.js";
import { evaluateOn } from "../../../src/measure/evaluate.js";
import type { Policy } from "../../../src/policies/contract.js";
import { loadPolicy, type NetworkPolicy, savePolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { collectRollout, createEpisodeTracker, createRollout } from "../../../src/rollout/rollout-buffer.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { constantReward, target } from "../../support/environments.js";
import { clockPolicy, scriptedVector } from "../../support/scripted.js";

const small: PpoOptions = { environments: 4, rolloutSteps: 16, minibatchSize: 32, epochs: 2, hidden: [8] };

/** The state after `updates` updates. */
async function trained(
  options: PpoOptions,
  updates: number,
  env: Parameters<typeof problemOf>[0] = "CartPole-v1",
) {
  const problem = await problemOf(env);
  const algorithm = ppo({ ...small, ...options });
  const state = await algorithm.init(problem, createRng(0));
  const metrics = [];
  for (let i = 0; i < updates; i++) metrics.push(await algorithm.update(state));
  return { problem, algorithm, state, metrics };
}

describe("observation normalisation", () => {
  it("trains on the observations as acted on, and gives its policy a copy that evaluation does not change", async () => {
    const { algorithm, state, problem } = await trained({ normaliseObservations: true }, 3);
    const learnt = structuredClone(state.observationMoments);
    expect(learnt!.count).toBe(3 * 64);
    const policy = algorithm.policy(state) as NetworkPolicy;
    const bytes = savePolicy(policy);
    await evaluateOn(problem, policy, { episodes: 5, rng: createRng(1) });
    expect(state.observationMoments).toEqual(learnt);
    expect(savePolicy(policy)).toEqual(bytes);
    await algorithm.update(state);
    expect(savePolicy(policy)).toEqual(bytes);
    expect(state.observationMoments!.count).toBe(4 * 64);
  });

  it("is part of a saved policy, which acts the same after loading", async () => {
    const { algorithm, state, problem } = await trained({ normaliseObservations: true }, 3);
    const policy = algorithm.policy(state);
    const loaded = loadPolicy(savePolicy(policy));
    const score = async (p: Policy) =>
      evaluateOn(problem, p, { episodes: 6, rng: createRng(1), deterministic: false });
    expect(await score(loaded)).toEqual(await score(policy));
  });

  it("stores normalised observations in rollouts, and values final observations by the same statistics", async () => {
    const vector = scriptedVector({ count: 1, length: () => 8, ending: () => "truncated" });
    const policy = clockPolicy(vector);
    const normaliser = { moments: createMoments(2), clip: 10 };
    const rollout = createRollout(vector, 8);
    await collectRollout(policy, vector, rollout, createEpisodeTracker(1), createRng(0), normaliser);
    const { moments } = normaliser;
    expect([moments.count, moments.mean[1]]).toEqual([8, 3.5]);
    // Clocks 0, …, 7 were acted on; the episode was cut at 8, after which nothing more was learnt.
    expect(rollout.observations[2 * 7 + 1]).toBeCloseTo(3.5 / deviation(moments, 1), 5);
    expect(rollout.nextValues[7]).toBeCloseTo(4.5 / deviation(moments, 1), 5);
  });

  it("keeps the bootstrap at time limits: V = r / (1 − γ) for a constant reward r", async () => {
    const options = {
      discount: 0.9,
      hidden: [],
      learningRate: 0.05,
      epochs: 20,
      normaliseObservations: true,
    };
    const { algorithm, state } = await trained(options, 15, () => constantReward({ limit: 5 }));
    const [value] = await algorithm.policy(state).value!(new Float32Array(1));
    expect(value).toBeGreaterThan(9);
    expect(value).toBeLessThan(11);
  });

  it("is refused if observations are not a box", async () => {
    const learning = trained({ normaliseObservations: true }, 1, "FrozenLake-v1");
    await expect(learning).rejects.toThrow(
      /normaliseObservations needs box observations; those of FrozenLake-v1 are/,
    );
    expect((await trained({}, 1, "FrozenLake-v1")).metrics).toHaveLength(1);
  });
});

describe("reward normalisation", () => {
  const env = () => constantReward({ limit: 5 });

  it("leaves the reported returns unscaled", async () => {
    const { metrics } = await trained({ normaliseRewards: true }, 2, env);
    expect(metrics[1].return).toBe(5);
  });

  it("divides without subtracting a mean, so that a constant reward keeps its sign", async () => {
    const { state } = await trained({ normaliseRewards: true }, 2, env);
    const { rewards } = state.live.rollout;
    expect(Math.min(...rewards)).toBeGreaterThan(0);
    const scale = deviation(state.rewardScaling!.normalizer.moments, 0);
    expect(rewards.at(-1)).toBeCloseTo(1 / scale, 10);
  });

  it("sums discounted rewards within an episode only", async () => {
    const { state } = await trained({ normaliseRewards: true, discount: 0.5, rolloutSteps: 8 }, 1, env);
    // Three steps into the second episode of each environment: 1 + 0.5 + 0.25.
    expect([...state.rewardScaling!.returns]).toEqual([1.75, 1.75, 1.75, 1.75]);
  });
});

describe("learnt rewards with reward normalisation", () => {
  it("are divided by the deviation at the end of the rollout, without clipping", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = ppo({
      ...small,
      rolloutSteps: 8,
      minibatchSize: 32,
      normaliseRewards: true,
      discount: 0.5,
    });
    const state = await algorithm.init(problem, createRng(0));
    // Row k is step k / 4 of environment k mod 4; episodes end after five steps. One reward is far larger.
    const raw = Float64Array.from({ length: 32 }, (_, k) => (k === 30 ? 1e4 : (k % 7) - 3));
    await algorithm.update(state, async () => raw.slice());
    const scale = new RewardScale(createNormalizer(1), 4, 0.5, 10);
    for (const [k, reward] of raw.entries()) scale.observe(k % 4, reward, Math.floor(k / 4) === 4);
    const { rewards } = state.live.rollout;
    for (const [k, reward] of raw.entries()) expect(rewards[k]).toBeCloseTo(reward / scale.deviation, 9);
    expect(rewards[30]).toBeGreaterThan(5);
    expect([...state.rewardScaling!.returns]).toEqual([...scale.state.returns]);
  });
});

describe("the report of an update", () => {
  it("has the share of the variance of returns that values explain, and the scheduled options", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const options = ppoSchema.parse({
      ...small,
      discount: 0,
      learningRate: { from: 0.04, to: 0.02, steps: 100 },
    });
    const state = await ppo(options).init(problem, createRng(0));
    const rollout = await collect(state, options);
    const explained = async (reward: (k: number) => number, value: (k: number) => number) => {
      for (let k = 0; k < 64; k++) {
        rollout.rewards[k] = reward(k);
        rollout.values[k] = value(k);
      }
      return improve({ ...state, steps: 50 }, options, rollout);
    };
    // Without a future the returns are the rewards: here 0 to 7, with the variance 21/4.
    const metrics = await explained(
      (k) => k % 8,
      (k) => (k % 8) + (k % 2 ? 1 : -1),
    );
    expect(metrics.explainedVariance).toBeCloseTo(1 - 1 / 5.25, 5);
    expect(metrics).toMatchObject({ learningRate: 0.03 });
    expect(metrics).not.toHaveProperty("entropyCoefficient");
    const perfect = await explained(
      (k) => k % 8,
      (k) => (k % 8) + 100,
    );
    expect(perfect.explainedVariance).toBeCloseTo(1, 3);
    const constant = await explained(
      () => 2,
      (k) => k,
    );
    expect(constant.explainedVariance).toBe(0);
  });
});

describe("advantage normalisation", () => {
  const parameters = async (options: PpoOptions) => (await trained(options, 1)).state.network.parameters;

  it("by the batch equals that by the minibatch if there is one minibatch, and differs otherwise", async () => {
    const one = { minibatchSize: 64 };
    const batch = await parameters({ ...one, normaliseAdvantages: "batch" });
    expect(await parameters({ ...one, normaliseAdvantages: "minibatch" })).toEqual(batch);
    expect(await parameters({ ...one, normaliseAdvantages: true })).toEqual(batch);
    expect(await parameters({ ...one, normaliseAdvantages: false })).not.toEqual(batch);
    const batches = await parameters({ normaliseAdvantages: "batch" });
    expect(await parameters({ normaliseAdvantages: "minibatch" })).not.toEqual(batches);
  });

  it("by the batch allows minibatches of size 1", async () => {
    const options = { rolloutSteps: 4, minibatchSize: 1, epochs: 1, normaliseAdvantages: "batch" as const };
    const { state, metrics } = await trained(options, 1);
    expect(state.network.steps).toBe(16);
    expect(state.network.parameters.every(Number.isFinite)).toBe(true);
    expect(metrics[0].approximateKl).toBeGreaterThan(0);
  });
});

describe("a rollout of one transition", () => {
  const one = { environments: 1, rolloutSteps: 1 };

  it("is refused if its normalised advantage would always be 0", () => {
    for (const normaliseAdvantages of [true, "minibatch", "batch"] as const) {
      expect(() => ppo({ ...one, minibatchSize: 1, normaliseAdvantages })).toThrow(
        /ppo: the advantage of a rollout of 1 transition.*set normaliseAdvantages to false/,
      );
      expect(() => a2c({ ...one, normaliseAdvantages })).toThrow(/a2c: the advantage of a rollout of 1/);
    }
    expect(() => ppo({ rolloutSteps: 2, minibatchSize: 1 })).toThrow(/to "batch" or false/);
  });

  it("is allowed without normalisation", () => {
    expect(() => ppo({ ...one, minibatchSize: 1, normaliseAdvantages: false })).not.toThrow();
    expect(() => a2c(one)).not.toThrow();
  });
});

describe("schedules", () => {
  const path = (from: number, to: number, shape: "linear" | "exponential" | "cosine" = "linear") => ({
    from,
    to,
    steps: 128,
    shape,
  });

  it("interpolate from the first value to the last, and stay there", async () => {
    const { metrics } = await trained(
      {
        learningRate: path(1e-2, 1e-4, "exponential"),
        clip: path(0.3, 0.1),
        entropyCoefficient: path(0.02, 0, "cosine"),
      },
      4,
    );
    const near = (values: number[]) => values.map((x) => Number(x.toPrecision(6)));
    expect(near(metrics.map(({ learningRate }) => learningRate))).toEqual([1e-2, 1e-3, 1e-4, 1e-4]);
    expect(near(metrics.map(({ clip }) => clip))).toEqual([0.3, 0.2, 0.1, 0.1]);
    expect(near(metrics.map(({ entropyCoefficient }) => entropyCoefficient))).toEqual([0.02, 0.01, 0, 0]);
  });

  it("reach the gradient steps: a constant schedule equals the number, another differs", async () => {
    const parameters = async (options: PpoOptions) => (await trained(options, 2)).state.network.parameters;
    const furthest = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));
    const plain = await parameters({ learningRate: 1e-2, clip: 0.1, entropyCoefficient: 0.01 });
    for (const [name, value] of [
      ["learningRate", 1e-2],
      ["clip", 0.1],
      ["entropyCoefficient", 0.01],
    ] as const) {
      const options = { learningRate: 1e-2, clip: 0.1, entropyCoefficient: 0.01 };
      const same = await parameters({ ...options, [name]: path(value, value) });
      const other = await parameters({ ...options, [name]: path(value / 50, value / 50) });
      expect(furthest(same, plain)).toBeLessThan(1e-5);
      expect(furthest(other, plain)).toBeGreaterThan(1e-4);
    }
  });

  it("are refused by option name at creation, if exponential with a bound of 0", () => {
    const way = { from: 0.02, to: 0, steps: 128, shape: "exponential" } as const;
    expect(() => ppo({ entropyCoefficient: way })).toThrow(
      /ppo: option "entropyCoefficient\.to" is 0: an exponential schedule needs numbers above 0/,
    );
    expect(() => dqn({ exploration: { ...way, from: 0, to: 1 } })).toThrow(/option "exploration\.from" is 0/);
    expect(() => dqn({ exploration: { ...way, shape: "cosine" } })).not.toThrow();
  });

  it("are refused with invalid numbers", () => {
    expect(() => ppo({ learningRate: { from: 1e-3, to: -1, steps: 10 } })).toThrow(/learningRate/);
    expect(() => ppo({ clip: "wide" } as object)).toThrow(
      /"clip" is "wide": it must be a number, or \{ from/,
    );
  });
});

describe("continuous actions", () => {
  it("are clipped for the environment only: the rollout holds the samples, whose density integrates to 1", async () => {
    const { algorithm, state } = await trained({ initialLogStd: 1 - Math.log(2) }, 1, () =>
      target({ goal: 0 }),
    );
    const { actions, rewards, logProbs } = state.live.rollout;
    expect(Math.max(...actions.map(Math.abs))).toBeGreaterThan(3);
    // The bounds are ±2, so that no action costs more than 4.
    expect(Math.min(...rewards)).toBe(-4);
    const mean = 1e-3;
    const density = (x: number) =>
      Math.exp(-0.5 * ((x - mean) / Math.E) ** 2) / (Math.E * Math.sqrt(2 * Math.PI));
    for (const [k, x] of actions.entries()) expect(Math.exp(logProbs[k])).toBeCloseTo(density(x), 2);
    const grid = Float32Array.from({ length: 4000 }, (_, i) => (i - 2000) / 50);
    const after = await algorithm.policy(state).logProb(new Float32Array(4000), grid);
    expect(after.reduce((sum, logProb) => sum + Math.exp(logProb) / 50, 0)).toBeCloseTo(1, 4);
  });
});

describe("a run that is restored midway", () => {
  it("continues bit for bit with memory, normalisation and schedules", async () => {
    const options: PpoOptions = {
      recurrentUnits: 4,
      sharedTrunk: true,
      normaliseObservations: true,
      normaliseRewards: true,
      learningRate: { from: 1e-2, to: 1e-3, steps: 300 },
    };
    const whole = await trained(options, 4);
    const half = await trained(options, 2);
    const again = await trained(options, 0);
    restore(again.state, snapshot(half.state));
    for (let i = 0; i < 2; i++) await again.algorithm.update(again.state);
    expect(snapshot(again.state)).toEqual(snapshot(whole.state));
  });
});
