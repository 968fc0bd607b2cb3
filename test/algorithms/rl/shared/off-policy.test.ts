/** @file Shared by SAC and DQN: minibatches with learnt rewards, and with demonstrations. */

import { describe, expect, it } from "vitest";
import { dqn } from "../../../../algorithms/rl/dqn.js";
import type { SacStates } from "../../../../algorithms/rl/sac/losses.js";
import { sac } from "../../../../algorithms/rl/sac.js";
import {
  createMinibatches,
  drawMinibatches,
  type OffPolicyLearner,
  type OffPolicyState,
} from "../../../../algorithms/rl/shared/off-policy.js";
import type { Environment } from "../../../../src/env/contracts.js";
import { problemOf } from "../../../../src/env/problem.js";
import type { RewardSource } from "../../../../src/learning/contract.js";
import type { TrainState } from "../../../../src/learning/trainer.js";
import { createRng } from "../../../../src/random/rng.js";
import { Replay } from "../../../../src/rollout/replay.js";
import type { Transitions } from "../../../../src/rollout/transitions.js";
import { box, discrete } from "../../../../src/spaces/index.js";
import { restore, snapshot } from "../../../../src/state/snapshot.js";
import { constantReward, target } from "../../../support/environments.js";

const spaces = { observationSpace: box([1], -9, 9), actionSpace: discrete(9) };

/** Transitions k of one environment from observation k to k + 0.5 by action k, with rewards as given. */
function replayOf(first: number, rewards: number[], terminated: number[] = rewards.map(() => 0)): Replay {
  const replay = new Replay({ id: "Numbers", ...spaces, count: 1 }, rewards.length);
  const at = rewards.map((_, k) => first + k);
  replay.add({
    observations: Float32Array.from(at),
    actions: Int32Array.from(at),
    rewards,
    nextObservations: Float32Array.from(at, (x) => x + 0.5),
    terminated: Uint8Array.from(terminated),
  });
  return replay;
}

const options = { nStep: 1, discount: 0.9, minibatchSize: 5 };
const ROWS = 3 * options.minibatchSize;
const own = () => replayOf(0, [10, 11, 12, 13], [0, 0, 0, 1]);
const asked: Transitions[] = [];
const source: RewardSource = async (transitions) => {
  asked.push(structuredClone(transitions));
  return Float64Array.from(transitions.observations, (x) => 2 * x - 1);
};

async function draw(given: { demonstrations?: Replay; source?: RewardSource } = {}) {
  const state = { replay: own(), demonstrations: given.demonstrations, replayRng: createRng("draw") };
  return drawMinibatches(state, options, createMinibatches(spaces, ROWS), given.source);
}

describe("minibatches", () => {
  it("carry the environment's rewards, unless a reward source is set, which is called once per batch", async () => {
    const plain = await draw();
    expect([...plain.returns]).toEqual([...plain.observations].map((x) => 10 + x));
    asked.length = 0;
    const relabelled = await draw({ source });
    expect(asked).toHaveLength(1);
    const [seen] = asked;
    expect(seen).toMatchObject({ observations: plain.observations, actions: plain.actions });
    expect([...seen.nextObservations]).toEqual([...plain.observations].map((x) => x + 0.5));
    expect([...seen.terminated]).toEqual([...plain.observations].map((x) => Number(x === 3)));
    expect([...relabelled.returns]).toEqual([...plain.observations].map((x) => 2 * x - 1));
    expect({ ...relabelled, returns: null }).toEqual({ ...plain, returns: null });
  });

  it("consist of demonstrations by half if there are any, with the stored rewards", async () => {
    const demonstrations = replayOf(5, [1, 1, 1]);
    for (const given of [{ demonstrations }, { demonstrations, source }]) {
      const { observations, returns } = await draw(given);
      for (let i = 0; i < ROWS; i++) {
        const shown = i % options.minibatchSize < 2;
        expect(observations[i] >= 5).toBe(shown);
        const reward = "source" in given ? 2 * observations[i] - 1 : 10 + observations[i];
        expect(returns[i]).toBeCloseTo(shown ? 1 : reward, 6);
      }
      expect(new Set(observations).size).toBe(7);
    }
  });

  it("refuse a reward source that returns a wrong number of rewards", async () => {
    await expect(draw({ source: async () => [1, 2] })).rejects.toThrow(
      /the reward source returned 2 rewards for 15 transitions/,
    );
  });
});

const small = { hidden: [], minibatchSize: 16, learningStarts: 32, trainEvery: 16, replaySize: 100 };
const learners: [string, (nStep?: number) => OffPolicyLearner][] = [
  [
    "sac",
    (nStep = 1) =>
      sac({
        ...small,
        nStep,
        discount: 0.9,
        temperature: 1e-4,
        tau: 0.5,
        learningRate: 0.1,
      }) as OffPolicyLearner,
  ],
  [
    "dqn",
    (nStep = 1) =>
      dqn({
        ...small,
        nStep,
        discount: 0.9,
        gradientSteps: 16,
        learningRate: 0.1,
        targetEvery: 1,
        tau: 0.5,
        exploration: 0.5,
      }) as OffPolicyLearner,
  ],
];

describe.each(learners)("%s with a reward source", (name, learner) => {
  /** What it takes the state's value to be after some learning, where every reward is 1, or as `source` says. */
  async function value(given?: RewardSource) {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = learner();
    const state = await algorithm.init(problem, createRng(0));
    let metrics = {};
    while (state.steps < 640) metrics = await algorithm.update(state, given);
    expect(metrics).toMatchObject({ return: 5 });
    type Trained = OffPolicyState & { network?: TrainState; networks?: SacStates };
    const { network, networks } = state as Trained;
    const { parameters } = network ?? networks!.critics;
    // Linear networks of one input, which is 0: their values are the biases, two for each of two critics or the one.
    return Math.max(...parameters.subarray(2, 4));
  }

  it("has values c / (1 − γ) if the source returns c, and those of the environment's rewards without a source", async () => {
    expect(await value(async ({ terminated }) => new Float32Array(terminated.length).fill(2))).toBeCloseTo(
      20,
      1,
    );
    expect(await value()).toBeCloseTo(10, 1);
  });

  it("refuses n-step returns at the first update", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = learner(3);
    const state = await algorithm.init(problem, createRng(0));
    await expect(algorithm.update(state, source)).rejects.toThrow(
      new RegExp(`${name}: nStep is 3, .* set nStep to 1`),
    );
    expect(state.steps).toBe(0);
    await expect(algorithm.update(state)).resolves.toMatchObject({ steps: 16 });
  });

  it("resumes from a snapshot bit for bit, demonstrations included", async () => {
    const problem = await problemOf(() => constantReward({ limit: 5 }));
    const algorithm = learner();
    const shown = { ...spaces, observationSpace: problem.observationSpace, actionSpace: problem.actionSpace };
    const begin = async (rewards: number[]) => {
      const state = await algorithm.init(problem, createRng(1));
      state.demonstrations = new Replay({ id: "shown", ...shown, count: 1 }, 3);
      const rows = new Float32Array(rewards.length);
      const actions = Int32Array.from(rewards, (_, k) => k % 2);
      state.demonstrations.add({
        observations: rows,
        actions,
        rewards,
        nextObservations: rows,
        terminated: new Uint8Array(rewards.length),
      });
      return state;
    };
    const nothing: RewardSource = async ({ terminated }) => new Float32Array(terminated.length);
    const whole = await begin([1, 2, 3]);
    for (let i = 0; i < 3; i++) await algorithm.update(whole, nothing);
    const resumed = await begin([0]);
    restore(resumed, snapshot(whole));
    for (let i = 0; i < 3; i++) {
      expect(await algorithm.update(resumed, nothing)).toEqual(await algorithm.update(whole, nothing));
    }
    expect(snapshot(resumed)).toEqual(snapshot(whole));
  });
});

describe("a learner with negated rewards", () => {
  it("moves as far from the goal as the box allows, with sac", async () => {
    const settings = {
      environments: 4,
      hidden: [16],
      minibatchSize: 32,
      learningRate: 1e-2,
      learningStarts: 100,
      gradientSteps: 16,
    };
    const problem = await problemOf(() => target({ goal: 0.7 }));
    const found = async (sign: number) => {
      const algorithm = sac(settings);
      const state = await algorithm.init(problem, createRng(0));
      const rewards: RewardSource = async ({ actions }) =>
        Float64Array.from(actions, (a) => -sign * (a - 0.7) ** 2);
      while (state.steps < 1500) await algorithm.update(state, rewards);
      const act = { rng: createRng(0), deterministic: true };
      return (await algorithm.policy(state).act(new Float32Array(1), act)).actions[0];
    };
    expect(await found(-1)).toBeLessThan(-1.7);
    expect(Math.abs((await found(1)) - 0.7)).toBeLessThan(0.15);
  });

  /** One step: reward 1 for the second of two actions. */
  const second: Environment = {
    id: "Second",
    observationSpace: box([1], 0, 1),
    actionSpace: discrete(2),
    reset: () => ({ observation: new Float32Array(1), info: {} }),
    step: (action) => ({
      observation: new Float32Array(1),
      reward: Number(action === 1),
      terminated: true,
      truncated: false,
      info: {},
    }),
    getState: () => null,
    setState() {},
  };

  it("takes the action of lower reward, with dqn", async () => {
    const problem = await problemOf(() => second);
    const found = async (sign: number) => {
      const algorithm = dqn({ ...small, nStep: 1, learningRate: 0.05, exploration: 0.5 });
      const state = await algorithm.init(problem, createRng(0));
      const rewards: RewardSource = async ({ actions }) => Float64Array.from(actions, (a) => sign * a);
      while (state.steps < 160) await algorithm.update(state, rewards);
      const act = { rng: createRng(0), deterministic: true };
      return (await algorithm.policy(state).act(new Float32Array(1), act)).actions[0];
    };
    expect(await found(-1)).toBe(0);
    expect(await found(1)).toBe(1);
  });
});

it("demonstrations and prioritised replay are refused together", async () => {
  const problem = await problemOf(() => constantReward({ limit: 5 }));
  const algorithm = dqn({ ...small, nStep: 1, prioritised: true, learningStarts: 1 });
  const state = await algorithm.init(problem, createRng(0));
  state.demonstrations = own();
  await expect(algorithm.update(state)).rejects.toThrow(/dqn: demonstrations .* prioritised/);
});
