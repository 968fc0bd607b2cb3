/** @file Policies of models whose terminal states look like states in play. */

import "../../envs/index.js";
import { describe, expect, it } from "vitest";
import { policyIteration, valueIteration } from "../../algorithms/index.js";
import { evaluate } from "../../src/measure/evaluate.js";
import { policyOfModel } from "../../src/policies/index.js";
import { train } from "../../src/runs/train.js";
import { discrete } from "../../src/spaces/index.js";
import { walk } from "../support/walk.js";

/** The walk with a terminal state that looks like state 0. */
const model = { ...walk, observations: Float32Array.of(0, 1, 0) };

describe("policyOfModel", () => {
  it("acts in a terminal state as in the non-terminal state with the same observation", async () => {
    const policy = policyOfModel(model, [0, 1, 0, 1, 1, 0], discrete(2));
    expect([...(await policy.probabilities(Float32Array.of(0, 1)))]).toEqual([0, 1, 0, 1]);
  });

  it("refuses non-terminal states with equal observations and different actions", () => {
    const alike = { ...model, observations: Float32Array.of(0, 0, 1) };
    expect(() => policyOfModel(alike, [0, 1, 1, 0, 1, 0], discrete(2))).toThrow(
      /states 0 and 1 have the same/,
    );
  });

  it("works with exact methods in blackjack, where terminal and non-terminal hands have equal observations", async () => {
    const policy = await train(valueIteration(), { env: "Blackjack-v1" });
    expect((await train(policyIteration(), { env: "Blackjack-v1" })).toData()).toEqual(policy.toData());
    // Optimal play loses about 4.7 % of the stakes.
    const { mean } = await evaluate(policy, { env: "Blackjack-v1", episodes: 20_000, seed: 1 });
    expect(mean).toBeGreaterThan(-0.07);
    expect(mean).toBeLessThan(-0.02);
  });
});
