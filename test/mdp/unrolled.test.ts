/** @file A model unrolled over time: its states, its clock and what continues without one. */

import { expect, it } from "vitest";
import type { TabularModel } from "../../src/env/contracts.js";
import {
  evaluatePolicy,
  finiteHorizonValueIteration,
  policyReturn,
  randomModel,
  stateActionOccupancy,
} from "../../src/mdp/index.js";
import { summedOverTime, unrolled } from "../../src/mdp/unrolled.js";
import { createRng } from "../../src/random/rng.js";
import { randomTable } from "./random.js";

const model = randomModel(createRng("unrolled"), {
  states: 5,
  actions: 2,
  branching: 3,
  discount: 0.8,
  terminals: 1,
});
const returnOf = (of: TabularModel, table: Float64Array) => policyReturn(of, evaluatePolicy(of, table));
const rowOf = ({ rowStart, next, probability, reward }: TabularModel, pair: number) => {
  const part = (array: ArrayLike<number>) => Array.from(array).slice(rowStart[pair], rowStart[pair + 1]);
  return { next: part(next), probability: part(probability), reward: part(reward) };
};
const TIMES = 4;
const long = unrolled(model, TIMES);

it("has the transitions of the model, to the next time, and the last time for ever", () => {
  expect(long.states).toBe(20);
  expect(long.rowStart).toHaveLength(41);
  for (let t = 0; t < TIMES; t++) {
    for (let pair = 0; pair < 10; pair++) {
      const s = Math.floor(pair / 2);
      const then = model.terminal[s] ? t : Math.min(t + 1, TIMES - 1);
      const own = rowOf(model, pair);
      const later = rowOf(long, 10 * t + pair);
      expect(later).toEqual({ ...own, next: own.next.map((next) => 5 * then + next) });
    }
    expect([...long.terminal.subarray(5 * t, 5 * t + 5)]).toEqual([...model.terminal]);
    expect([...long.initial.subarray(5 * t, 5 * t + 5)]).toEqual(
      t === 0 ? [...model.initial] : [0, 0, 0, 0, 0],
    );
  }
});

it("gives a policy that ignores the time its return and its visits", () => {
  const table = randomTable(model, createRng("policy"));
  const repeated = new Float64Array(TIMES * table.length);
  for (let t = 0; t < TIMES; t++) repeated.set(table, t * table.length);
  expect(returnOf(long, repeated)).toBeCloseTo(returnOf(model, table), 9);
  const visits = stateActionOccupancy(long, repeated);
  const states = summedOverTime(
    Float64Array.from({ length: 20 }, (_, s) => visits[2 * s] + visits[2 * s + 1]),
    5,
  );
  const own = stateActionOccupancy(model, table);
  for (let s = 0; s < 5; s++) expect(states[s]).toBeCloseTo(own[2 * s] + own[2 * s + 1], 9);
});

it("makes the best policy of a horizon stationary", () => {
  // Only the first three steps are rewarded: what follows is worth nothing.
  const { values, policy } = finiteHorizonValueIteration(model, { horizon: 3, discount: 0.8 });
  const short = { ...long, reward: long.reward.slice() };
  short.reward.fill(0, short.rowStart[30]);
  const all = new Float64Array(40).fill(0.5);
  all.set(policy.subarray(0, 30));
  expect(returnOf(short, all)).toBeCloseTo(policyReturn(model, values.subarray(0, 5)), 9);
});
