/** @file What behaviour cloning fits: counts, standardised observations, and losses of held-out episodes. */

import { describe, expect, it } from "vitest";
import { type FitOptions, fitOf } from "../../../../algorithms/imitation/cloning/fit.js";
import type { SequenceClonerState } from "../../../../algorithms/imitation/cloning/sequences.js";
import { type Demonstrations, demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import type { Problem } from "../../../../src/env/contracts.js";
import { deviation } from "../../../../src/env/moments.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";
import { table } from "../../../support/imitation.js";

const spaces = { observationSpace: box([1], -1000, 1000), actionSpace: discrete(2) };
const problem = { id: "Line", ...spaces } as Problem;
const options: FitOptions = { ...table, hidden: [3], normaliseObservations: false, sequenceLength: 4 };

const shown = (...observed: number[][]): Demonstrations =>
  demonstrationsOf(
    observed.map((observations) => ({
      observations: Float32Array.from(observations),
      actions: Int32Array.from({ length: observations.length - 1 }, (_, t) => t % 2),
      rewards: new Float64Array(observations.length - 1),
      terminated: true,
      truncated: false,
    })),
    { env: "Line", ...spaces },
  );

// The last observation of an episode has no action, and does not count.
const train = shown([100, 104, 900], [102, 102, 102, 900]);
const heldOut = shown([100, 110, 500], [103, 900]);
/** By the mean and the deviation of the five observations of `train` that have an action. */
const [mean, spread] = [102, Math.sqrt((4 + 4) / 5)];
const standardised = (data: Demonstrations): Demonstrations => ({
  ...data,
  trajectories: data.trajectories.map((trajectory) => ({
    ...trajectory,
    observations: trajectory.observations.map((x) => Math.max(-10, Math.min(10, (x - mean) / spread))),
  })),
});

describe.each([
  ["without memory", {}],
  ["with memory", { recurrentUnits: 3 }],
])("a fit %s", (_, memory) => {
  const fitted = (given: Partial<FitOptions>, parts = { train, heldOut }) =>
    fitOf(problem, { ...options, ...memory, ...given }, parts);

  it("counts the pairs, and has statistics and held-out losses only where they are asked for", () => {
    const plain = fitted({}, { train } as never);
    expect(plain.count).toBe(5);
    expect(plain.statistics).toBeUndefined();
    expect(plain.heldOutLoss).toBeUndefined();
    expect(plain.settings.recurrentUnits).toBe("recurrentUnits" in memory ? 3 : undefined);
    const { moments, clip } = fitted({ normaliseObservations: true }).statistics!;
    expect([moments.count, moments.mean[0], clip]).toEqual([5, mean, 10]);
    expect(deviation(moments, 0)).toBeCloseTo(spread, 3);
    const named = { ...problem, id: "Squares", observationSpace: discrete(3) };
    expect(() => fitOf(named, { ...options, ...memory, normaliseObservations: true }, { train })).toThrow(
      "normaliseObservations needs box observations; those of Squares",
    );
    const places = demonstrationsOf(
      [
        {
          observations: Float32Array.of(0, 2),
          actions: Int32Array.of(1),
          rewards: new Float64Array(1),
          terminated: true,
          truncated: false,
        },
      ],
      { env: "Squares", observationSpace: discrete(3), actionSpace: discrete(2) },
    );
    expect(fitOf(named, { ...options, ...memory }, { train: places }).count).toBe(1);
  });

  it("standardises all episodes by the observations to learn from", async () => {
    const [given, done] = [
      fitted({ normaliseObservations: true }),
      fitted({}, { train: standardised(train), heldOut: standardised(heldOut) }),
    ];
    const losses = [];
    for (const one of [given, done, fitted({})]) {
      const state = one.start(createRng(0));
      state.parameters = createRng("weights").fillNormal(state.parameters);
      const before = await one.heldOutLoss!(state);
      const { loss, steps } = await one.train(state, 3);
      expect(steps).toBe(3);
      losses.push([before, loss, await one.heldOutLoss!(state as SequenceClonerState)]);
    }
    for (const [i, x] of losses[0].entries()) {
      expect(x).toBeCloseTo(losses[1][i], 2);
      expect(Math.abs(x - losses[2][i])).toBeGreaterThan(0.02);
    }
    expect(losses[0][2]).not.toBe(losses[0][0]);
  });
});
