/**
 * @file Demonstrations as visits of a model's transitions: terminations, time limits, and transitions missing from the
 * model.
 */

import { describe, expect, it } from "vitest";
import { demonstratedVisits, expectedVisits } from "../../../../algorithms/irl/shared/demonstrated-visits.js";
import { demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import { discrete } from "../../../../src/spaces/index.js";
import { walk } from "../../../support/walk.js";

describe("demonstratedVisits", () => {
  const header = { env: "Walk", observationSpace: discrete(3), actionSpace: discrete(2) };
  const episode = (path: number[], terminated: boolean) => ({
    observations: Float32Array.from(path),
    actions: Int32Array.from(path.slice(1), (s, t) => s - path[t]),
    rewards: Float64Array.from(path.slice(1), (s, t) => s - path[t]),
    terminated,
    truncated: !terminated,
  });

  it("keeps the mass of terminated episodes in their last state, and drops the mass of truncated ones", () => {
    const shown = demonstratedVisits(
      walk,
      demonstrationsOf([episode([0, 1, 2], true), episode([0, 0], false)], header),
      {
        discount: 0.5,
      },
    );
    // By pairs: staying in 0 once, going on from 0 once, from 1 at time 1.
    const taken = Float64Array.from({ length: 6 }, (_, pair) =>
      shown.visits.subarray(walk.rowStart[pair], walk.rowStart[pair + 1]).reduce((a, b) => a + b, 0),
    );
    expect([...taken]).toEqual([0.5, 0.5, 0, 0.25, 0, 0]);
    expect(shown.value).toBe(0.5 + 0.25);
    expect(shown.entries).toEqual([
      { time: 0, state: 0, mass: 0.5 },
      { time: 0, state: 0, mass: 0.5 },
      { time: 1, state: 0, mass: -0.5 },
    ]);
  });

  it("refuses steps and terminations that the model does not have", () => {
    const of = (path: number[], terminated: boolean) => () =>
      demonstratedVisits(
        walk,
        demonstrationsOf([{ ...episode(path, terminated), actions: Int32Array.of(1) }], header),
        {
          discount: 0.5,
        },
      );
    expect(of([0, 2], true)).toThrow(
      /step 0 goes from state 0 by action 1 to state 2, which has probability 0/,
    );
    expect(of([0, 1], true)).toThrow(/episode 0 ends in state 1, which is not terminal/);
  });

  it("treats an episode that reaches a terminal state as ended, with the flag or without it", () => {
    for (const tails of ["cut", "scaled"] as const) {
      const of = (terminated: boolean) =>
        demonstratedVisits(walk, demonstrationsOf([episode([0, 1, 2], terminated)], header), {
          discount: 0.5,
          tails,
        });
      expect(of(false)).toEqual(of(true));
    }
  });
});

describe("expectedVisits", () => {
  it("lists the steps only with a horizon, where they depend on the time", () => {
    const uniform = new Float64Array(6).fill(0.5);
    const endless = expectedVisits(walk, uniform, { discount: 0.5 });
    expect(Object.values(endless.steps).map(({ length }) => length)).toEqual([0, 0, 0]);
    const { steps, visits } = expectedVisits(walk, uniform, { discount: 0.5, horizon: 3 });
    const summed = new Float64Array(visits.length);
    for (const [i, e] of steps.transition.entries()) summed[e] += steps.weight[i];
    expect(summed).toEqual(visits);
    expect(Math.max(...steps.time)).toBe(2);
  });

  it("has the visits and the value of a policy by hand, with and without a horizon", () => {
    // From each state one goes on with probability ½: in state 0 at time t with 2⁻ᵗ, in state 1 with t 2⁻ᵗ.
    const uniform = new Float64Array(6).fill(0.5);
    const sums = (at: (t: number) => number, steps: number) => {
      let sum = 0;
      for (let t = 0; t < steps; t++) sum += 0.5 ** t * at(t);
      return sum;
    };
    for (const horizon of [undefined, 3]) {
      const steps = horizon ?? 60;
      const [first, second] = [sums((t) => 0.5 ** t, steps), sums((t) => t * 0.5 ** t, steps)];
      const { visits, value, entries } = expectedVisits(walk, uniform, { discount: 0.5, horizon });
      const taken = Array.from({ length: 4 }, (_, pair) =>
        visits.subarray(walk.rowStart[pair], walk.rowStart[pair + 1]).reduce((a, b) => a + b, 0),
      );
      for (const [pair, x] of [first, first, second, second].entries()) {
        expect(taken[pair]).toBeCloseTo(x / 2, 8);
      }
      // A step on pays 1.
      expect(value).toBeCloseTo((first + second) / 2, 8);
      expect(entries).toEqual([{ time: 0, state: 0, mass: 1 }]);
    }
  });
});
