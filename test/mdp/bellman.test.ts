/** @file Backups by hand: action values, advantages, and means under a policy. */

import { expect, it } from "vitest";
import { actionValues, advantage, averageActions } from "../../src/mdp/bellman.js";
import { tabularModel } from "../../src/mdp/index.js";

/** Three actions: to stay, to step on with reward 1, and a bet on both with reward 2; state 2 is terminal. γ = 0.5. */
const model = tabularModel({
  states: 3,
  actions: 3,
  discount: 0.5,
  initial: 0,
  terminal: [2],
  transitions: (s, a) =>
    a < 2
      ? [{ next: s + a, probability: 1, reward: a }]
      : [
          { next: s, probability: 0.25, reward: 2 },
          { next: s + 1, probability: 0.75, reward: 2 },
        ],
});
const values = Float64Array.of(4, 8, 0);
const q = [2, 5, 2 + 0.5 * (0.25 * 4 + 0.75 * 8), 4, 1, 2 + 0.5 * 0.25 * 8, 0, 0, 0];

it("Q(s, a) is the reward and the discounted value of what follows", () => {
  for (const [pair, x] of actionValues(model, values).entries()) expect(x).toBeCloseTo(q[pair], 12);
});

it("A(s, a) is Q(s, a) − V(s)", () => {
  for (const [pair, x] of advantage(model, values).entries()) {
    expect(x).toBeCloseTo(q[pair] - values[Math.floor(pair / 3)], 12);
  }
});

it("V(s) is the mean of Q(s, ·) under a policy", () => {
  const policy = Float64Array.of(0.5, 0.25, 0.25, 0, 0.5, 0.5, 1, 0, 0);
  const found = averageActions(model, policy, Float64Array.from(q));
  for (const [s, x] of found.entries()) {
    const expected = [0, 1, 2].reduce((sum, a) => sum + policy[3 * s + a] * q[3 * s + a], 0);
    expect(x).toBeCloseTo(expected, 12);
  }
});
