/** @file The gradient penalty of a discriminator, and its weight. */

import { describe, expect, it } from "vitest";
import { discriminatorSchema } from "../../../../algorithms/imitation/adversarial/options.js";
import { gradientPenalty, penaltyWeight } from "../../../../algorithms/imitation/adversarial/penalties.js";
import type { Features } from "../../../../algorithms/shared/transition-features.js";
import type * as nn from "../../../../src/nn/index.js";
import { box, discrete, type Space } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";

const options = (given: object) => discriminatorSchema.parse(given);

describe("the weight of the gradient penalty", () => {
  it("defaults to 1 for box observations and to 0.1 for one-hot observations", () => {
    const of = (observationSpace: Space, given = {}) =>
      penaltyWeight({ observationSpace, actionSpace: discrete(2) }, options(given));
    expect(of(box([3], -1, 1))).toBe(1);
    expect(of(discrete(3))).toBe(0.1);
    expect([box([3], -1, 1), discrete(3)].map((space) => of(space, { gradientPenalty: 0 }))).toEqual([0, 0]);
  });
});

describe("the gradient penalty", () => {
  it("is 0 where the gradient norm is 1, and positive where it is 2", () => {
    const slope = (by: number) => {
      const program = t.program({ x: t.float32([3, 1]) }, ({ x }) => {
        const features = { state: x, action: x, next: x };
        const scorer = {
          reads: ["state" as const],
          score: (_: nn.TensorTree, { state }: Features) => t.reshape(t.mul(state, by), [-1]),
        };
        return { penalty: gradientPenalty(scorer, {}, features, features, t.constant([0.5, 0.5, 0.5])) };
      });
      return program.interpret({ x: [1, 2, 3] }).penalty[0];
    };
    expect(slope(1)).toBeCloseTo(0, 8);
    expect(slope(2)).toBeCloseTo(1, 8);
  });

  it("is the mean over the rows with non-zero weight, with windows", () => {
    const program = t.program({ x: t.float32([3, 1]), mask: t.float32([3]) }, ({ x, mask }) => {
      const features = { state: x, action: x, next: x };
      const scorer = {
        reads: ["state" as const],
        // Its slope at x is x.
        score: (_: nn.TensorTree, { state }: Features) => t.reshape(t.mul(t.square(state), 0.5), [-1]),
      };
      const shares = t.constant([0.5, 0.5, 0.5]);
      return {
        all: gradientPenalty(scorer, {}, features, features, shares),
        some: gradientPenalty(scorer, {}, features, features, shares, mask),
      };
    });
    const { all, some } = program.interpret({ x: [1, 2, 6], mask: [1, 1, 0] });
    expect(all[0]).toBeCloseTo(26 / 3, 6);
    expect(some[0]).toBeCloseTo(1 / 2, 6);
  });

  it("is of the whole gradient in what the score reads, at points between learner and expert", () => {
    const inputs = { expert: t.float32([2, 1]), learner: t.float32([2, 1]), shares: t.float32([2]) };
    const program = t.program(inputs, ({ expert, learner, shares }) => {
      const features = (x: t.Tensor) => ({ state: x, action: t.mul(x, 2), next: x });
      const scorer = {
        reads: ["state" as const, "action" as const],
        // At state x and action 2 x the slopes are 3 x and 4 x; what is not read has none, whatever it does.
        score: (_: nn.TensorTree, { state, action, next }: Features) =>
          t.reshape(t.add(t.add(t.mul(t.square(state), 1.5), t.square(action)), t.mul(next, 100)), [-1]),
      };
      return { penalty: gradientPenalty(scorer, {}, features(expert), features(learner), shares) };
    });
    const at = (shares: number[]) =>
      program.interpret({ expert: [2, 10], learner: [6, 20], shares }).penalty[0];
    const mean = (...points: number[]) =>
      points.reduce((sum, x) => sum + (5 * x - 1) ** 2, 0) / points.length;
    expect(at([1, 1])).toBeCloseTo(mean(2, 10), 2);
    expect(at([0, 0])).toBeCloseTo(mean(6, 20), 2);
    expect(at([0.25, 0.5])).toBeCloseTo(mean(5, 15), 2);
  });
});
