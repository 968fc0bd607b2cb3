/** @file Visits of pairs: sums over outcomes, their spread, and the score of the actions. */

import { expect, it } from "vitest";
import { actionScore, pairVisits, spreadPairs } from "../../../../algorithms/irl/max-causal-ent-irl/pairs.js";
import { tabularModel } from "../../../../src/mdp/index.js";

/** Each pair leads to the next state with 0.75, and stays with 0.25. */
const model = tabularModel({
  states: 3,
  actions: 2,
  discount: 0.9,
  initial: 0,
  transitions: (s) => [
    { next: (s + 1) % 3, probability: 0.75 },
    { next: s, probability: 0.25 },
  ],
});

it("visits of a pair are those of all its outcomes", () => {
  const visits = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  expect([...pairVisits(model, visits)]).toEqual([3, 7, 11, 15, 19, 23]);
});

it("spread pairs have the probabilities of their outcomes", () => {
  const spread = spreadPairs(model, Float64Array.of(4, 0, 8, 0, 0, 12));
  expect([...spread].filter((_, e) => model.probability[e] === 0.75)).toEqual([3, 0, 6, 0, 0, 9]);
  expect([...spread].filter((_, e) => model.probability[e] === 0.25)).toEqual([1, 0, 2, 0, 0, 3]);
});

it("the score is n(s, a) − n(s) π(a | s), and 0 in states without a visit", () => {
  const policy = Float64Array.of(0.25, 0.75, 0.5, 0.5, 0.1, 0.9);
  const score = actionScore(model, Float64Array.of(3, 1, 0, 0, 0, 10), policy);
  for (const [pair, x] of [3 - 1, 1 - 3, 0, 0, -1, 1].entries()) expect(score[pair]).toBeCloseTo(x, 12);
});
