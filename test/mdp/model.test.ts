/** @file Tabular models: their layout, and refused input. */

import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import {
  deterministicTable,
  expectedRewards,
  greedyTable,
  policyTable,
  randomModel,
  rewardRange,
  type TabularModelOptions,
  tabularModel,
  uniformTable,
} from "../../src/mdp/index.js";
import { largestValue } from "../../src/mdp/model.js";
import { createRng } from "../../src/random/rng.js";
import { corridorOptions } from "./random.js";

const coin: TabularModelOptions = {
  states: 2,
  actions: 1,
  discount: 0.5,
  initial: 0,
  transitions: () => [
    { next: 0, probability: 0.25, reward: 4 },
    { next: 1, probability: 0.75, reward: -2 },
  ],
};

describe("tabularModel", () => {
  it("stores the outcomes of all pairs contiguously", () => {
    const model = tabularModel(coin);
    expect(model.rowStart).toEqual(Int32Array.of(0, 2, 4));
    expect(model.next).toEqual(Int32Array.of(0, 1, 0, 1));
    expect(model.probability).toEqual(Float64Array.of(0.25, 0.75, 0.25, 0.75));
    expect(expectedRewards(model)).toEqual(Float64Array.of(-0.5, -0.5));
    expect(rewardRange(model)).toEqual({ min: -2, max: 4 });
    expect(model.observations).toEqual(Float32Array.of(0, 1));
  });

  it("accepts a list of transitions in any order", () => {
    const transitions = [1, 0].flatMap((state) =>
      [1, 0].map((next) => ({
        state,
        action: 0,
        next,
        probability: next ? 0.75 : 0.25,
        reward: next ? -2 : 4,
      })),
    );
    const model = tabularModel({ ...coin, transitions });
    expect(expectedRewards(model)).toEqual(expectedRewards(tabularModel(coin)));
  });

  it("makes terminal states absorbing with reward 0, whatever the input", () => {
    const model = tabularModel(corridorOptions(3, 0.9));
    expect([model.next.at(-2), model.next.at(-1)]).toEqual([2, 2]);
    expect(Array.from(expectedRewards(model))).toEqual([-1, -1, -1, -1, 0, 0]);
    expect(rewardRange(model).max).toBe(0);
  });

  it("drops outcomes of probability 0, and normalises rounding errors", () => {
    const transitions = () => [
      { next: 0, probability: Math.fround(0.1) },
      { next: 1, probability: Math.fround(0.9) },
      { next: 1, probability: 0, reward: 99 },
    ];
    const model = tabularModel({ ...coin, transitions });
    expect(model.next).toHaveLength(4);
    expect(model.probability[0] + model.probability[1]).toBe(1);
    expect(rewardRange(model).max).toBe(0);
  });

  it("takes transitions of several states and actions in any order", () => {
    const transitions = [
      { state: 1, action: 1, next: 0, probability: 1, reward: 4 },
      { state: 0, action: 1, next: 1, probability: 1, reward: 2 },
      { state: 1, action: 0, next: 1, probability: 1, reward: 3 },
      { state: 0, action: 0, next: 0, probability: 1, reward: 1 },
    ];
    const model = tabularModel({ states: 2, actions: 2, discount: 0.5, initial: 0, transitions });
    expect([...model.next]).toEqual([0, 1, 1, 0]);
    expect([...model.reward]).toEqual([1, 2, 3, 4]);
  });

  const outcome = { next: 0, probability: 1, reward: 0 };
  const only = (change: Partial<typeof outcome>) => ({ transitions: () => [{ ...outcome, ...change }] });
  it.each<[string, Partial<TabularModelOptions>, RegExp]>([
    ["probabilities that do not sum to 1", only({ probability: 0.9 }), /state 0, action 0: .* sum to 0.9/],
    ["a next state out of range", only({ next: 2 }), /state 0, action 0: next state 2 is not in 0 … 1/],
    ["a next state below 0", only({ next: -1 }), /next state -1 is not in 0 … 1/],
    ["a next state between two", only({ next: 0.5 }), /next state 0.5 is not in 0 … 1/],
    ["a negative probability", only({ probability: -1 }), /probability -1 of state 0/],
    ["a reward that is no number", only({ reward: Number.NaN }), /reward NaN of state 0 is not finite/],
    ["a pair without outcomes", { transitions: [] }, /state 0, action 0: .* sum to 0/],
    [
      "a transition from a state that the model does not have",
      { transitions: [{ state: 7, action: 0, next: 0, probability: 1 }] },
      /state 7 by action 0: the model has \d+ states/,
    ],
    [
      "a transition of an unknown pair",
      { transitions: [{ state: 0, action: 1, next: 0, probability: 1 }] },
      /state 0 by action 1/,
    ],
    ["a discount of 1", { discount: 1 }, /discount must be in \[0, 1\), not 1/],
    ["no states", { states: 0 }, /states must be at least 1/],
    ["no actions", { actions: 0 }, /actions must be at least 1/],
    ["an initial state out of range", { initial: 2 }, /initial state 2/],
    ["an initial distribution that is none", { initial: [0.5, 0.6] }, /sum to 1; they sum to 1.1/],
    ["an initial distribution of the wrong length", { initial: [1] }, /initial must have 2 entries, not 1/],
    ["a terminal state out of range", { terminal: [5] }, /terminal state 5/],
    [
      "ragged observations",
      { observations: new Float32Array(3) },
      /3 entries, which is not a multiple of the 2 states/,
    ],
  ])("refuses %s", (_, change, message) => {
    const build = () => tabularModel({ ...coin, ...change });
    expect(build).toThrow(UsageError);
    expect(build).toThrow(message);
  });
});

describe("largestValue", () => {
  const model = tabularModel(coin);

  it("is (max |r| + bonus) / (1 − γ)", () => {
    expect(largestValue(model, Float64Array.of(1, -3))).toBe(6);
    expect(largestValue(model, Float64Array.of(1, -3), 2)).toBe(10);
  });

  it("refuses values whose differences and extrapolations are not finite", () => {
    const most = Number.MAX_VALUE / 64;
    expect(largestValue(model, Float64Array.of(most / 2))).toBe(most);
    expect(() => largestValue(model, Float64Array.of(most / 1.9))).toThrow(/scale the rewards down/);
    expect(() => largestValue({ ...model, discount: 1 }, Float64Array.of(1))).toThrow(UsageError);
  });
});

describe("randomModel", () => {
  const options = { states: 6, actions: 3, branching: 2, discount: 0.9, terminals: 2 };

  it("depends only on the random stream", () => {
    expect(randomModel(createRng(1), options)).toEqual(randomModel(createRng(1), options));
    expect(randomModel(createRng(1), options)).not.toEqual(randomModel(createRng(2), options));
  });

  it("starts in non-terminal states, and has rewards in [−1, 1]", () => {
    const model = randomModel(createRng(1), options);
    expect(Array.from(model.terminal)).toEqual([0, 0, 0, 0, 1, 1]);
    expect(model.initial[4] + model.initial[5]).toBe(0);
    const { min, max } = rewardRange(model);
    expect(min).toBeGreaterThan(-1);
    expect(max).toBeLessThan(1);
  });

  it("has probabilities by break points that are uniform on [0, 1]", () => {
    const { probability } = randomModel(createRng(1), {
      states: 500,
      actions: 8,
      branching: 2,
      discount: 0.9,
    });
    // The share of two parts that are below a tenth is a tenth, within three standard errors.
    const small = probability.filter((p) => p < 0.1).length / probability.length;
    expect(Math.abs(small - 0.1)).toBeLessThan(3 * Math.sqrt(0.09 / 4000));
  });

  it("refuses a model of terminal states only, and one of too many outcomes", () => {
    expect(() => randomModel(createRng(1), { ...options, terminals: 6 })).toThrow(UsageError);
    expect(() => randomModel(createRng(1), { ...options, branching: 2 ** 40 })).toThrow(/with branching/);
  });
});

describe("policy tables", () => {
  const size = { states: 2, actions: 3 };

  it("choose the first of several best actions", () => {
    expect(greedyTable(size, [1, 5, 5, 0, 0, 0])).toEqual(Float64Array.of(0, 1, 0, 1, 0, 0));
  });

  it("hold a distribution in every state", () => {
    expect(uniformTable(size)).toEqual(new Float64Array(6).fill(1 / 3));
    expect(deterministicTable(size, [2, 0])).toEqual(Float64Array.of(0, 0, 1, 1, 0, 0));
    expect(policyTable(size, Float32Array.of(0.1, 0.2, 0.7, 1, 0, 0))).not.toContain(Math.fround(0.1));
  });

  it("are refused when they are not distributions", () => {
    expect(() => deterministicTable(size, [3, 0])).toThrow(/state 0: action 3 is not in 0 … 2/);
    expect(() => policyTable(size, [1, 0, 0])).toThrow(/3 numbers for 2 states × 3 actions = 6/);
    expect(() => policyTable(size, [1, 0, 0, 0.5, 0.4, 0])).toThrow(/state 1: .* are not a distribution/);
    expect(() => policyTable(size, [2, -1, 0, 1, 0, 0])).toThrow(/state 0/);
  });
});
