/** @file A learner's distance from its expert during training: agreement with `compare`, and its schedule. */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, valueIteration } from "../../algorithms/index.js";
import { collect, compare, type Demonstrations, distanceFrom, evaluate, train } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";

const env = "FrozenLake-v1";
const rng = createRng("test");
let expert: Policy;
let demonstrations: Demonstrations;
let random: Policy;
beforeAll(async () => {
  expert = await train(valueIteration(), { env });
  demonstrations = await collect(expert, { env, episodes: 30, seed: 0, deterministic: true });
  random = new UniformPolicy(expert.observationSpace, expert.actionSpace);
});

describe("the distance from an expert", () => {
  it("is 0 for the expert itself", async () => {
    const measure = await distanceFrom(expert, { env, episodes: 200 });
    const numbers = await measure(expert, rng);
    expect(numbers).toMatchObject({ disagreement: 0, exactGap: 0, epsilon: 0, bound: 0, totalVariation: 0 });
    expect(numbers.score).toBeCloseTo(1, 0);
    expect(numbers.gap).toBeCloseTo(0, 1);
  });

  it("equals compare's on the exact model", async () => {
    const clone = await train(bc({ demonstrations, hidden: [], epochs: 1 }), { env, seed: 0 });
    const { exact } = await compare(expert, clone, { env, sampled: false });
    const { exactGap, epsilon, bound, totalVariation } = await (await distanceFrom(expert, { env }))(
      clone,
      rng,
    );
    expect({ exactGap, epsilon, bound }).toEqual({
      exactGap: exact!.gap,
      epsilon: exact!.epsilon,
      bound: exact!.bound,
    });
    expect(totalVariation).toBe(exact!.occupancy.totalVariation);
    expect(exactGap).toBeGreaterThan(0.01);
  });

  it("is measured in returns and in actions, from demonstrations", async () => {
    const measure = await distanceFrom(demonstrations, { env, episodes: 300 });
    const [own, other] = [await measure(expert, rng), await measure(random, rng)];
    expect(own.disagreement).toBe(0);
    const { mean } = await evaluate(expert, { env, episodes: 1000, seed: 3 });
    expect(own.gap).toBeCloseTo(demonstrations.provenance.expertReturn - mean, 0);
    expect(own.score).toBeGreaterThan(0.7);
    expect(other.score).toBeLessThan(0.2);
    expect(other.disagreement).toBeGreaterThan(0.4);
    expect(Object.keys(own)).toEqual(["gap", "score", "disagreement", "diagnosticSteps"]);
  });

  it("ends with the reason of its signal", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const measure = await distanceFrom(expert, { env, episodes: 200, signal });
    await expect(measure(random, rng)).rejects.toThrow("enough");
  });

  it("has no returns if the return of the demonstrations is unknown", async () => {
    const provenance = { ...demonstrations.provenance, expertReturn: Number.NaN };
    const measure = await distanceFrom({ ...demonstrations, provenance }, { env });
    expect(Object.keys(await measure(expert, rng))).toEqual(["disagreement", "diagnosticSteps"]);
  });

  it("decreases as a clone learns", async () => {
    const measure = await distanceFrom(expert, { env });
    const algorithm = bc({ demonstrations, hidden: [], learningRate: 0.003, epochs: 20 });
    const { evaluations } = await train.run(algorithm, { env, seed: 0, diagnose: { every: 1, measure } });
    expect(evaluations).toHaveLength(20);
    expect(evaluations[0].disagreement).toBeGreaterThan(0.05);
    expect(evaluations[19].disagreement).toBe(0);
  });

  it("refuses demonstrations that do not fit their spaces", async () => {
    const [first] = demonstrations.trajectories;
    const odd = {
      ...demonstrations,
      trajectories: [{ ...first, rewards: first.rewards.map(() => Number.NaN) }],
    };
    await expect(distanceFrom(odd, { env })).rejects.toThrow("episode 0: step 0: the reward is NaN");
  });

  it("refuses an expert of another environment", async () => {
    for (const other of [expert, demonstrations]) {
      await expect(distanceFrom(other, { env: "CartPole-v1" })).rejects.toThrow(
        /the expert has observations Discrete\(16\), but CartPole-v1 has/,
      );
    }
  });
});
