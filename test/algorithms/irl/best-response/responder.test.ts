/** @file Best responses in a world of three states, by hand: expectations, values, starts and scales. */

import { describe, expect, it } from "vitest";
import {
  createResponder,
  type ResponderOptions,
  respond,
} from "../../../../algorithms/irl/best-response/responder.js";
import { type Demonstration, demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import type { PolicyOptimiser } from "../../../../src/learning/contract.js";
import { tabularModel } from "../../../../src/mdp/index.js";
import { loadPolicy, TabularPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";

/** From state 0, action 0 leads to state 1, and action 1 to state 2 or, a quarter of the time, to 1; both are forever. */
const model = tabularModel({
  states: 3,
  actions: 2,
  discount: 0.5,
  initial: 0,
  transitions: (s, a) => {
    const to = (next: number, probability = 1) => ({ next, probability, reward: next === 1 ? 2 : 5 });
    if (s > 0) return [to(s)];
    return a === 0 ? [to(1)] : [to(1, 0.25), to(2, 0.75)];
  },
});
const env = () => tabularEnvironment("Fork", model, { maxEpisodeSteps: 4 });
const problem = await problemOf(env);
const features = [
  [0, 0],
  [1, 0],
  [0, -3],
];
const first = new TabularPolicy(3, Float64Array.of(1, 0, 1, 0, 1, 0));

const episode = (states: number[], reward: number, terminated = false): Demonstration => ({
  observations: Float32Array.from(states),
  actions: new Int32Array(states.length - 1),
  rewards: new Float64Array(states.length - 1).fill(reward),
  terminated,
  truncated: !terminated,
});
const demonstrations = demonstrationsOf([episode([0, 1, 1], 2), episode([2, 2], 5)], {
  env: "Fork",
  ...problem,
});

const options = (given: Partial<ResponderOptions>): ResponderOptions => ({
  features,
  rewardOf: "next-state",
  optimiserUpdates: 1,
  ...given,
});
const create = (given: Partial<ResponderOptions>, where = problem) =>
  createResponder("test", where, options(given), createRng(0));

const close = (found: ArrayLike<number>, expected: number[]) => {
  expect(found.length).toBe(expected.length);
  for (const [i, x] of expected.entries()) expect(found[i]).toBeCloseTo(x, 6);
};

describe("on a model", () => {
  it("the expert's expectations are discounted sums, and the scale is the largest possible one", async () => {
    const { live } = await create({ expert: first });
    close(live.expert.features, [2, 0]);
    expect(live.expert.value).toBeCloseTo(4, 9);
    expect(live.scale).toBeCloseTo(3 / (1 - 0.5), 12);
    close(live.exact!.starts, [1, 0, 0]);
    const other = await create({ expert: first, discount: 0.75 });
    close(other.live.expert.features, [4, 0]);
    expect(other.live.scale).toBeCloseTo(3 / (1 - 0.75), 12);
  });

  it("demonstrations cut off by the time limit are extrapolated, and say where episodes start", async () => {
    const { live } = await create({ demonstrations });
    close(live.expert.features, [1, -3]);
    expect(live.expert.value).toBeCloseTo((4 + 10) / 2, 9);
    close(live.exact!.starts, [0.5, 0, 0.5]);
  });

  it("a response is optimal for the weights, with its own expectations and value", async () => {
    const responder = await create({ expert: first });
    const one = (await respond(responder, Float64Array.of(1, 0.1), options({}))).response;
    expect(one.choices![0]).toBe(0);
    close(one.features, [2, 0]);
    close(one.flow!, [1, 1, 0]);
    expect(one.value).toBeCloseTo(4, 6);
    const two = (await respond(responder, Float64Array.of(0, -1), options({}))).response;
    expect(two.choices![0]).toBe(1);
    close(two.features, [0.25 * 2, 0.75 * -6]);
    close(two.flow!, [1, 0.25, 0.75]);
    expect(two.value).toBeCloseTo(0.25 * 4 + 0.75 * 10, 6);
    expect([...two.weights]).toEqual([0, -1]);
  });

  it("a reward of states and actions is paid for what is done", async () => {
    const given = { expert: first, features: [[1], [0], [0]], rewardOf: "state-action" as const };
    const responder = await create(given);
    close(responder.live.expert.features, [1, 0]);
    const { response } = await respond(responder, Float64Array.of(0, 1), options(given));
    expect(response.choices![0]).toBe(1);
    close(response.features, [0, 1]);
  });

  it("weights of 0, tiny and large weights have a response", async () => {
    const responder = await create({ expert: first });
    for (const [weight, choice] of [
      [0, 0],
      [-1e-200, 1],
      [-1e9, 1],
    ]) {
      const { response } = await respond(responder, Float64Array.of(0, weight), options({}));
      expect(response.choices![0]).toBe(choice);
    }
  });

  it("expectations from episodes are those of endless episodes", async () => {
    const given = { expert: first, episodes: 3 };
    const responder = await create(given);
    close(responder.live.expert.features, [2, 0]);
    expect(responder.live.expert.value).toBeCloseTo(4, 9);
    const { response, metrics } = await respond(responder, Float64Array.of(1, 0), options(given));
    close(response.features, [2, 0]);
    expect(response.value).toBeCloseTo(4, 9);
    expect(response.choices![0]).toBe(0);
    expect(metrics).toEqual({});
    // Demonstrations are not estimated again.
    close((await create({ demonstrations, episodes: 3 })).live.expert.features, [1, -3]);
  });

  it("a discount of 1 is refused, and so is a problem without a model", async () => {
    await expect(create({ expert: first, discount: 1 })).rejects.toThrow("the discount must be below 1");
    await expect(create({ expert: first }, { ...problem, model: undefined })).rejects.toThrow(
      "Fork has no exact model; give an optimiser",
    );
  });
});

describe("with a learner", () => {
  /** A learner that always acts like `first`, and keeps what it is paid in each state. */
  function watched() {
    const paid: number[][] = [];
    const learner: PolicyOptimiser = {
      name: "watched",
      options: { discount: 0.5 },
      unit: "updates",
      defaultSteps: 1,
      init: async () => ({ steps: 0 }),
      async update(state, rewards) {
        const all = Float32Array.of(0, 1, 2);
        const [actions, terminated] = [new Int32Array(3), new Uint8Array(3)];
        paid.push([
          ...Array.from(await rewards!({ observations: all, actions, nextObservations: all, terminated })),
        ]);
        (state as { steps: number }).steps += 8;
        return { steps: (state as { steps: number }).steps, return: 7, loss: 1 };
      },
      policy: () => first,
    };
    return { learner, paid };
  }

  it("demonstrations count for their recorded steps, and set the scale by the longest of them", async () => {
    const { learner } = watched();
    const { live } = await create({ learner, demonstrations });
    close(live.expert.features, [1.5 / 2, -3 / 2]);
    expect(live.expert.value).toBeCloseTo((2 * 1.5 + 5) / 2, 9);
    expect(live.scale).toBeCloseTo(3 * 1.5, 9);
    expect(live.discount).toBe(0.5);
    const short = demonstrationsOf([episode([0, 1], 2)], { env: "Fork", ...problem });
    // The model knows larger features than those shown; without it, what was shown sets the scale.
    expect((await create({ learner, demonstrations: short })).live.scale).toBeCloseTo(3, 9);
    const blind = await create({ learner, demonstrations: short }, { ...problem, model: undefined });
    expect(blind.live.scale).toBeCloseTo(1, 9);
    expect((await create({ learner, demonstrations, discount: 0.25 })).live.scale).toBeCloseTo(3.75, 9);
  });

  it("the reward has weights of norm 1, and the response is estimated from its episodes", async () => {
    const { learner, paid } = watched();
    const given = options({ learner, demonstrations, episodes: 2, optimiserUpdates: 3 });
    const responder = await create(given);
    const { response, metrics } = await respond(responder, Float64Array.of(3, -4), given);
    expect(paid).toHaveLength(3);
    close(paid[0], [0, 0.6, 2.4]);
    expect(metrics).toEqual({ learnerSteps: 24, return: 7 });
    // Four steps until the time limit.
    const recorded = 1 + 0.5 + 0.25 + 0.125;
    close(response.features, [recorded, 0]);
    expect(response.value).toBeCloseTo(2 * recorded, 9);
    expect([...response.weights]).toEqual([3, -4]);
    expect(response.choices).toBeUndefined();
    const saved = await loadPolicy(response.policy!).probabilities!(Float32Array.of(0));
    expect([...saved]).toEqual([1, 0]);
  });
});
