/** @file A model from a user is refused with the place of its fault, before anything is computed. */

import { describe, expect, it } from "vitest";
import { adaptEnvironment } from "../../src/env/adapter.js";
import {
  environmentModel,
  requireDiscount,
  requireModel,
  requireModelSize,
} from "../../src/env/check-model.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import {
  evaluatePolicy,
  finiteHorizonValueIteration,
  occupancy,
  policyIteration,
  softFiniteHorizon,
  softValueIteration,
  tabularModel,
  trajectoryDistribution,
  valueIteration,
} from "../../src/mdp/index.js";
import { discrete } from "../../src/spaces/index.js";

/** Two states, two actions: action 0 stays, action 1 goes to state 1, which is terminal. */
const handMade = (changes: Partial<TabularModel> = {}): TabularModel => ({
  states: 2,
  actions: 2,
  rowStart: Int32Array.of(0, 1, 2, 3, 4),
  next: Int32Array.of(0, 1, 1, 1),
  probability: Float64Array.of(1, 1, 1, 1),
  reward: Float64Array.of(0, 1, 0, 0),
  initial: Float64Array.of(1, 0),
  terminal: Uint8Array.of(0, 1),
  discount: 0.9,
  observations: Float32Array.of(0, 1),
  ...changes,
});

const faults: [string, Partial<TabularModel>, RegExp][] = [
  [
    "a next state out of range",
    { next: Int32Array.of(0, 2, 1, 1) },
    /state 0, action 1: next state 2 is not in 0 … 1/,
  ],
  ["a negative next state", { next: Int32Array.of(-1, 1, 1, 1) }, /state 0, action 0: next state -1/],
  [
    "a probability of NaN",
    { probability: Float64Array.of(Number.NaN, 1, 1, 1) },
    /action 0: probability NaN/,
  ],
  ["a negative probability", { probability: Float64Array.of(-1, 1, 1, 1) }, /action 0: probability -1/],
  [
    "probabilities of another sum",
    { probability: Float64Array.of(1, 0.5, 1, 1) },
    /action 1: .* sum to 0.5, not 1/,
  ],
  [
    "a reward of NaN",
    { reward: Float64Array.of(0, Number.NaN, 0, 0) },
    /state 0, action 1: the reward is NaN/,
  ],
  ["an infinite reward", { reward: Float64Array.of(0, Infinity, 0, 0) }, /the reward is Infinity/],
  ["too few rewards", { reward: Float64Array.of(0, 1) }, /reward must have 4 entries, not 2/],
  ["too few starts of rows", { rowStart: Int32Array.of(0, 1, 2) }, /rowStart must have 5 entries, not 3/],
  [
    "a pair without outcomes",
    { rowStart: Int32Array.of(0, 1, 1, 3, 4) },
    /state 0, action 1: it has no outcomes/,
  ],
  [
    "rows in decreasing order",
    { rowStart: Int32Array.of(0, 1, 0, 3, 4) },
    /it has no outcomes: rowStart goes from 1 to 0/,
  ],
  [
    "an initial distribution of sum 2",
    { initial: Float64Array.of(1, 1) },
    /initial must be probabilities .* sum to 2/,
  ],
  [
    "a terminal state that is left",
    { next: Int32Array.of(0, 1, 0, 1) },
    /state 1, action 0: the state is terminal/,
  ],
  ["no states", { states: 0 }, /states must be at least 1 and an integer, not 0/],
  ["observations of no width", { observations: new Float32Array(3) }, /observations have 3 numbers/],
];

describe("requireModel", () => {
  it("accepts a valid model, and one that only replaces the rewards", () => {
    const model = handMade();
    requireModel(model);
    requireModel({ ...model, reward: Float64Array.of(5, 5, 5, 5) });
    expect(() => requireModel({ ...model, reward: Float64Array.of(5, 5, 5, Number.NaN) })).toThrow(
      /action 1: .* NaN/,
    );
  });

  it.each(faults)("refuses %s", (_, changes, message) => {
    expect(() => requireModel(handMade(changes))).toThrow(UsageError);
    expect(() => requireModel(handMade(changes))).toThrow(message);
  });

  const planners: [string, (model: TabularModel) => unknown][] = [
    ["valueIteration", valueIteration],
    ["policyIteration", policyIteration],
    ["softValueIteration", softValueIteration],
    ["evaluatePolicy", (model) => evaluatePolicy(model, new Float64Array(4).fill(0.5))],
    ["occupancy", (model) => occupancy(model, new Float64Array(4).fill(0.5))],
    ["finiteHorizonValueIteration", (model) => finiteHorizonValueIteration(model, { horizon: 3 })],
    ["softFiniteHorizon", (model) => softFiniteHorizon(model, { horizon: 3 })],
    ["trajectoryDistribution", (model) => trajectoryDistribution(model, { horizon: 3 })],
  ];

  it.each(planners)("is called by %s", (_, solve) => {
    solve(handMade());
    for (const changes of [faults[0][1], faults[2][1], faults[5][1]]) {
      expect(() => solve(handMade(changes))).toThrow(UsageError);
    }
  });

  it.each(planners.slice(0, 5))("refuses a discount of 1 without a horizon in %s", (_, solve) => {
    for (const discount of [1, -0.1, Number.NaN]) {
      expect(() => solve(handMade({ discount }))).toThrow(/discount must be in \[0, 1\)/);
    }
  });

  it.each(
    planners.filter(([name]) => name !== "occupancy"),
  )("refuses rewards that overflow in %s", (_, solve) => {
    const loop = (reward: number) =>
      handMade({ terminal: new Uint8Array(2), reward: new Float64Array(4).fill(reward), discount: 0.99 });
    solve(loop(10));
    expect(() => solve(loop(1e308))).toThrow(/rewards down/);
  });
});

describe("environmentModel", () => {
  const spaces = { id: "Mine", observationSpace: discrete(2), actionSpace: discrete(2) };

  it("names the environment, and checks that the model belongs to its spaces", () => {
    expect(environmentModel(spaces, handMade()).states).toBe(2);
    const check =
      (space: object, changes = {}) =>
      () =>
        environmentModel({ ...spaces, ...space }, handMade(changes));
    expect(check({ actionSpace: discrete(3) })).toThrow(
      "Mine: model(): it has 2 actions, but the actions are Discrete(3)",
    );
    expect(check({}, { observations: new Float32Array(4) })).toThrow(/2 numbers per state/);
    expect(check({}, { discount: 1 })).toThrow(/Mine: model\(\): discount/);
    expect(check({}, { reward: Float64Array.of(0, 1, 0, 7) })).toThrow(
      /state 1 is terminal, so its reward must be 0, not 7/,
    );
  });

  it("checks the model of a user-defined environment", () => {
    const environment = adaptEnvironment({
      ...spaces,
      reset: () => 0,
      step: () => [0, 0, true, false, {}],
      model: () => handMade({ next: Int32Array.of(0, 2, 1, 1) }),
    });
    expect(() => environment.model!()).toThrow(
      "Mine: model(): state 0, action 1: next state 2 is not in 0 … 1",
    );
  });
});

describe("the size of a model", () => {
  it("is refused before memory is allocated", () => {
    expect(() => requireModelSize("mine", 1e9, 4)).toThrow(
      "mine: 1000000000 states × 4 actions are 4000000000 pairs",
    );
    const options = { actions: 1, transitions: () => [], initial: 0, discount: 0.9 };
    expect(() => tabularModel({ ...options, states: 1e9 })).toThrow(UsageError);
    expect(() => requireModel(handMade({ states: 2 ** 31 }))).toThrow(/at most/);
  });
});

describe("requireDiscount", () => {
  it("accepts [0, 1) only", () => {
    requireDiscount(0);
    requireDiscount(0.999);
    expect(() => requireDiscount(1)).toThrow(UsageError);
  });
});
