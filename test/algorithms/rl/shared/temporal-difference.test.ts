/** @file Q-learning and SARSA: updates by hand, and bootstrapping at the end of an episode. */

import { describe, expect, it } from "vitest";
import { qLearning, sarsa } from "../../../../algorithms/index.js";
import { make } from "../../../../envs/index.js";
import type { Environment, Problem } from "../../../../src/env/contracts.js";
import { vectorOf } from "../../../../src/env/vector.js";
import { createRng } from "../../../../src/random/rng.js";
import { discrete } from "../../../../src/spaces/index.js";

/** States 0, 1, 2 one after the other, with reward 1, 2; then the episode ends by `ending`. */
function path(ending: "terminated" | "truncated"): Environment {
  let state = 0;
  return {
    id: "Path",
    observationSpace: discrete(3),
    actionSpace: discrete(2),
    reset() {
      state = 0;
      return { observation: 0, info: {} };
    },
    step() {
      state++;
      const ended = state === 2;
      return {
        observation: state,
        reward: state,
        terminated: ended && ending === "terminated",
        truncated: ended && ending === "truncated",
        info: {},
      };
    },
    getState: () => state,
    setState(saved) {
      state = saved as number;
    },
  };
}

const problem = (environment: Environment): Problem => ({
  id: environment.id,
  observationSpace: environment.observationSpace,
  actionSpace: environment.actionSpace,
  async vector() {
    const vector = vectorOf([environment]);
    vector.reset({ seed: 0 });
    return vector;
  },
});

const options = {
  environments: 1,
  updateSteps: 2,
  discount: 0.5,
  learningRate: 0.5,
  learningRatePower: 0,
  exploration: 0,
  initialValue: 4,
};

describe.each([
  ["qLearning", qLearning],
  ["sarsa", sarsa],
] as const)("%s", (_, algorithm) => {
  it("moves a value towards the reward plus the discounted next value", async () => {
    const learner = algorithm(options);
    const state = await learner.init(problem(path("terminated")), createRng(0));
    await learner.update(state);
    // Greedy takes action 0. Q(0, 0) ← 4 + ½ (1 + ½·4 − 4); Q(1, 0) ← 4 + ½ (2 − 4), for nothing follows the end.
    expect([...state.q]).toEqual([3.5, 4, 3, 4, 4, 4]);
    expect([...state.visits]).toEqual([1, 0, 1, 0, 0, 0]);
  });

  it("looks ahead to the action that follows, of any number", async () => {
    const learner = algorithm(options);
    const state = await learner.init(problem(path("terminated")), createRng(0));
    state.q.set([1, 0, 0, 8, 0, 0]);
    await learner.update(state);
    // Q(0, 0) ← 1 + ½ (1 + ½·8 − 1) and then Q(1, 1) ← 8 + ½ (2 − 8).
    expect([...state.q]).toEqual([3, 0, 0, 5, 0, 0]);
  });

  it("bootstraps at a time limit", async () => {
    const learner = algorithm(options);
    const state = await learner.init(problem(path("truncated")), createRng(0));
    await learner.update(state);
    // Q(1, 0) ← 4 + ½ (2 + ½·4 − 4): state 2 is worth 4 still.
    expect([...state.q]).toEqual([3.5, 4, 4, 4, 4, 4]);
  });

  it("bootstraps at a time limit from the last state, not from the start of the next episode", async () => {
    const learner = algorithm(options);
    const state = await learner.init(problem(path("truncated")), createRng(0));
    state.q.set([4, 4, 4, 4, 6, 8]);
    await learner.update(state);
    // Q(1, 0) ← 4 + ½ (2 + ½·8 − 4).
    expect([...state.q]).toEqual([3.5, 4, 5, 4, 6, 8]);
    // The next episode begins with an action for its own start.
    expect([...state.environments.observations]).toEqual([0]);
    expect([...state.actions]).toEqual([1]);
  });

  it("reports the root mean square of the errors, the steps, the exploration and raw returns", async () => {
    const exploration = { from: 0, to: 1e-12, steps: 8, shape: "linear" as const };
    const learner = algorithm({ ...options, exploration });
    const state = await learner.init(problem(path("terminated")), createRng(0));
    const metrics = await learner.update(state);
    // The errors are 1 + ½·4 − 4 and 2 − 4.
    expect(metrics.error).toBeCloseTo(Math.sqrt((1 + 4) / 2), 12);
    expect(metrics).toMatchObject({ steps: 2, episodes: 1, return: 3 });
    expect(metrics.exploration).toBeCloseTo(0.25e-12, 24);
    const [probabilities] = [await learner.policy(state).probabilities!(Float32Array.of(0, 1))];
    expect([...probabilities]).toEqual([0, 1, 0, 1]);
  });

  it("learns less from each further visit", async () => {
    const learner = algorithm({ ...options, learningRatePower: 1, updateSteps: 4, initialValue: 0 });
    const state = await learner.init(problem(path("terminated")), createRng(0));
    await learner.update(state);
    // Q(0, 0): ½·1 = ½, and then ½/2 of the way to 1 + ½·max(Q(1, ·)) = 1 + ½·1.
    expect(state.q[2]).toBe(1 + 0.25 * (2 - 1));
    expect(state.q[0]).toBe(0.5 + 0.25 * (1 + 0.5 * 1 - 0.5));
  });

  it("names the spaces that it does not support", async () => {
    const cartPole = await make("CartPole-v1");
    await expect(algorithm().init(problem(cartPole), createRng(0))).rejects.toThrow(
      "needs discrete observations and actions; CartPole-v1 has",
    );
  });
});

describe("qLearning and sarsa", () => {
  it("refuse a table that does not fit into memory", async () => {
    const huge = { ...problem(path("terminated")), observationSpace: discrete(1e9) };
    await expect(qLearning(options).init(huge, createRng(0))).rejects.toThrow(
      "qLearning on Path: 1000000000 states × 2 actions are 2000000000 pairs; at most 67108864 fit",
    );
  });

  it("differ in the next value: of the best action, or of the action taken", async () => {
    // Always random: of the two actions, SARSA follows the one drawn, Q-learning the better one.
    const run = async (algorithm: typeof sarsa) => {
      const learner = algorithm({ ...options, exploration: 1, updateSteps: 1 });
      const state = await learner.init(problem(path("terminated")), createRng(3));
      state.q.set([0, 0, 8, -8, 0, 0]);
      const first = state.actions[0];
      await learner.update(state);
      return { value: state.q[first], next: state.actions[0] };
    };
    const [offPolicy, onPolicy] = [await run(qLearning), await run(sarsa)];
    expect(offPolicy.value).toBe(0.5 * (1 + 0.5 * 8));
    expect(onPolicy.value).toBe(0.5 * (1 + 0.5 * (onPolicy.next === 0 ? 8 : -8)));
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => seed).map(async (seed) => {
        const learner = sarsa({ ...options, exploration: 1, updateSteps: 1 });
        const state = await learner.init(problem(path("terminated")), createRng(seed));
        state.q.set([0, 0, 8, -8, 0, 0]);
        const first = state.actions[0];
        await learner.update(state);
        return state.q[first];
      }),
    );
    expect(new Set(others)).toEqual(new Set([2.5, -1.5]));
  });

  it("draw a random action with probability ε", async () => {
    const learner = qLearning({ ...options, learningRate: 1e-12, updateSteps: 2000, exploration: 0.3 });
    const state = await learner.init(problem(path("terminated")), createRng(1));
    // Action 1 is the better one everywhere, and stays so.
    state.q.set([-9, 9, -9, 9, 0, 0]);
    await learner.update(state);
    const others = (state.visits[0] + state.visits[2]) / 2000;
    expect(Math.abs(others - 0.15)).toBeLessThan(4 * Math.sqrt((0.15 * 0.85) / 2000));
  });
});
