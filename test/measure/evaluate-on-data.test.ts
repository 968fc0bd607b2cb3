/** @file Measures of a policy on recorded pairs, against sums by hand. */

import { describe, expect, it } from "vitest";
import { bc } from "../../algorithms/index.js";
import { demonstrationsOf, evaluateOnData, train, UsageError, weighted } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { box, discrete } from "../../src/spaces/index.js";

const episode = (observations: number[], actions: Int32Array | Float32Array) => ({
  observations: Float32Array.from(observations),
  actions,
  rewards: new Float64Array(observations.length - 1),
  terminated: true,
  truncated: false,
});
const line = { env: "data:line", observationSpace: box([1], -9, 9), actionSpace: discrete(2) };
const data = demonstrationsOf(
  [episode([-1, 1, 2, 0], Int32Array.of(0, 1, 0)), episode([-2, 0], Int32Array.of(0))],
  line,
);

/** Prefers the sign of the observation, with probability 0.8. */
const bySign = {
  observationSpace: line.observationSpace,
  actionSpace: line.actionSpace,
  act: async (rows: Float32Array) => ({ actions: Int32Array.from(rows, (x) => Number(x > 0)) }),
  logProb: async (rows: Float32Array, actions: Int32Array) =>
    Float32Array.from(rows, (x, i) => Math.log(Number(x > 0) === actions[i] ? 0.8 : 0.2)),
} as unknown as Policy;

describe("evaluateOnData", () => {
  it("gives the likelihood and the accuracy of the recorded actions, by the weights of episodes", async () => {
    const found = await evaluateOnData(bySign, data);
    const [right, wrong] = [Math.log(0.8), Math.log(0.2)];
    expect(found).toMatchObject({ accuracy: 0.75, episodes: 2, pairs: 4 });
    expect(found.logLikelihood).toBeCloseTo((3 * right + wrong) / 4, 5);
    const [low, high] = found.intervals.accuracy!;
    expect(low).toBeCloseTo(2 / 3);
    expect(high).toBe(1);
    const doubled = await evaluateOnData(bySign, weighted(data, [1, 3]));
    expect(doubled.accuracy).toBeCloseTo(5 / 6);
    expect(await evaluateOnData(bySign, data)).toEqual(found);
  });

  it("gives the root mean square distance in a box", async () => {
    const spaces = { ...line, actionSpace: box([2], -9, 9) };
    const pairs = demonstrationsOf([episode([0, 0, 0], Float32Array.of(3, 4, 0, 0))], spaces);
    const still = {
      ...spaces,
      act: async (rows: Float32Array) => ({ actions: new Float32Array(2 * rows.length) }),
      logProb: async (rows: Float32Array) => new Float32Array(rows.length),
    } as unknown as Policy;
    expect((await evaluateOnData(still, pairs)).actionError).toBeCloseTo(Math.sqrt(25 / 2));
  });

  it("shows a policy with memory each episode from its start, whatever the lengths", async () => {
    /** The action is whether the sum of the observations so far is above 0; rows come in any order. */
    const summing = {
      ...bySign,
      act: async (rows: Float32Array, { state }: { state?: Float32Array }) => {
        const sums = Float32Array.from(rows, (x, i) => x + (state?.[i] ?? 0));
        return { actions: Int32Array.from(sums, (x) => Number(x > 0)), state: sums };
      },
    } as unknown as Policy;
    const sums = demonstrationsOf(
      [
        episode([-2, 0], Int32Array.of(0)),
        episode([-1, 3, -1, 0], Int32Array.of(0, 1, 1)),
        episode([1, -3, 0], Int32Array.of(1, 0)),
      ],
      line,
    );
    expect((await evaluateOnData(summing, sums)).accuracy).toBe(1);
  });

  it("is that of bc's own loss on the episodes that it holds out", async () => {
    const many = demonstrationsOf(
      Array.from({ length: 6 }, (_, i) => episode([i, -i, 1, 0], Int32Array.of(i % 2, 1, 0))),
      line,
    );
    const algorithm = bc({ demonstrations: many, heldOut: 0.5, epochs: 3, hidden: [4] });
    const { evaluations, metrics } = await train.run(algorithm, { evaluate: { every: 1 } });
    expect(evaluations).toHaveLength(metrics.length);
    for (const [i, row] of evaluations.entries()) {
      expect(row).toMatchObject({ episodes: 3, pairs: 9 });
      expect(row.logLikelihood).toBeCloseTo(-metrics[i].heldOutLoss, 4);
    }
  });

  it("refuses other spaces, and data without pairs", async () => {
    const other = { ...data, actionSpace: discrete(3) };
    await expect(evaluateOnData(bySign, other)).rejects.toThrow(
      "Discrete(2), but the data of data:line have Discrete(3)",
    );
    await expect(evaluateOnData(bySign, { ...data, trajectories: [] })).rejects.toThrow(UsageError);
  });
});
