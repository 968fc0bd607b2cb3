/** @file TD3 with behaviour cloning: the policy's loss against its formula, and its limits. */

import { describe, expect, it } from "vitest";
import { policyLoss } from "../../../algorithms/offline/td3bc.js";
import * as t from "../../../src/tensor/index.js";

const size = 3;
const [values, actions, taken] = [
  [2, -4, 6],
  [0.5, -0.5, 0.2, 0, -1, 1],
  [0.1, -0.5, 0.4, 0.6, -1, 0.5],
];

const loss = (alpha: number, q = values) =>
  t
    .program(
      { value: t.float32([size]), action: t.float32([size, 2]), taken: t.float32([size, 2]) },
      (given) => {
        const { actorLoss, reported } = policyLoss(given.value, given.action, given.taken, alpha);
        const [byValue, byAction] = t.grad(actorLoss, [given.value, given.action]);
        return { actorLoss, ...reported, byValue, byAction };
      },
    )
    .interpret({ value: q, action: actions, taken });

describe("the loss of td3bc's policy", () => {
  it("is E (μ − a)² − λ E Q with λ = α / E |Q|, which has no gradient", () => {
    const { actorLoss, cloning, weight, byValue, byAction } = loss(2.5);
    const squares = actions.map((action, k) => (action - taken[k]) ** 2);
    const error = squares.reduce((a, b) => a + b) / 6;
    // E |Q| = (2 + 4 + 6) / 3 = 4.
    expect(weight[0]).toBeCloseTo(2.5 / 4, 12);
    expect(cloning[0]).toBeCloseTo(error, 12);
    expect(actorLoss[0]).toBeCloseTo(error - (2.5 / 4) * (4 / 3), 12);
    for (const slope of byValue) expect(slope).toBeCloseTo(-2.5 / 4 / 3, 12);
    for (const [k, slope] of byAction.entries()) expect(slope).toBeCloseTo((actions[k] - taken[k]) / 3, 12);
  });

  it("is cloning alone while all values are 0", () => {
    const { actorLoss, cloning, weight } = loss(2.5, [0, 0, 0]);
    expect([actorLoss[0], weight[0]]).toEqual([cloning[0], 0]);
  });

  it("does not depend on the scale of the rewards, and is cloning alone with α = 0", () => {
    const scaled = loss(
      2.5,
      values.map((q) => 1000 * q),
    );
    expect(scaled.actorLoss[0]).toBeCloseTo(loss(2.5).actorLoss[0], 9);
    const { actorLoss, cloning, byValue } = loss(0);
    expect(actorLoss[0]).toBe(cloning[0]);
    expect(Math.max(...Array.from(byValue, Math.abs))).toBe(0);
  });
});
