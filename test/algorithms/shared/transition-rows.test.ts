/** @file Transitions as rows to sample: the absorbing state, weights, windows. */

import { describe, expect, it } from "vitest";
import {
  copyRows,
  createRows,
  drawRows,
  drawWindows,
  expertRows,
  learnerRows,
  windowStarts,
} from "../../../algorithms/shared/transition-rows.js";
import { subsample, weighted } from "../../../src/datasets/demonstration-tools.js";
import { demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import { createRng } from "../../../src/random/rng.js";
import type { Trajectory } from "../../../src/rollout/trajectory.js";
import { box, discrete } from "../../../src/spaces/index.js";

/** Episodes whose observation is 10 × episode + step, with action = step. */
function numbered(lengths: number[], terminated: boolean[]) {
  const trajectories = lengths.map(
    (steps, episode): Trajectory => ({
      observations: Float32Array.from({ length: steps + 1 }, (_, i) => 10 * episode + i),
      actions: Int32Array.from({ length: steps }, (_, i) => i),
      rewards: new Float64Array(steps),
      terminated: terminated[episode],
      truncated: !terminated[episode],
    }),
  );
  return demonstrationsOf(trajectories, {
    env: "Numbers-v0",
    observationSpace: box([1], 0, 1000),
    actionSpace: discrete(10),
  });
}

describe("rows", () => {
  const spaces = { observationSpace: box([1], 0, 1000), actionSpace: discrete(10) };

  it("of the expert contain the absorbing state once per terminated episode, in proportion", () => {
    const demonstrations = numbered([4, 6, 5], [true, false, true]);
    expect(expertRows(demonstrations, true).absorbingWeight).toBeCloseTo(2, 12);
    expect(expertRows(demonstrations, false).absorbingWeight).toBe(0);
    const some = subsample(demonstrations, { every: 2, rng: createRng(1) });
    const kept = some.trajectories.map(({ steps }) => steps!.length);
    expect(expertRows(some, true).absorbingWeight).toBeCloseTo(kept[0] / 4 + kept[2] / 5, 12);
  });

  it("are sampled in proportion to their weights", () => {
    const source = expertRows(weighted(numbered([2, 2], [false, false]), [1, 3]), true);
    const rows = createRows(spaces, 8000);
    drawRows(source, rows, createRng(0));
    const second = rows.observations.filter((x) => x >= 10).length / 8000;
    expect(second).toBeGreaterThan(0.73);
    expect(second).toBeLessThan(0.77);
  });

  it("of the learner contain the absorbing state for each termination, with only its flag set", () => {
    const source = learnerRows(
      {
        observations: Float32Array.of(1, 2, 3),
        nextObservations: Float32Array.of(2, 3, 4),
        actions: Int32Array.of(7, 8, 9),
        terminated: Uint8Array.of(0, 0, 1),
      },
      true,
    );
    const rows = createRows(spaces, 4000);
    drawRows(source, rows, createRng(0));
    let absorbing = 0;
    for (let i = 0; i < 4000; i++) {
      if (rows.absorbing[i]) {
        absorbing++;
        expect([rows.observations[i], rows.actions[i], rows.nextAbsorbing[i]]).toEqual([0, 0, 1]);
      } else expect(rows.nextAbsorbing[i]).toBe(rows.observations[i] === 3 ? 1 : 0);
    }
    expect(absorbing / 4000).toBeGreaterThan(0.22);
    expect(absorbing / 4000).toBeLessThan(0.28);
  });

  it("form windows that start with episodes, continue them, and end in the absorbing state or in padding", () => {
    const source = expertRows(numbered([5, 2], [true, false]), true);
    expect(Array.from(windowStarts(source, 3))).toEqual([0, 3, 5]);
    const rows = createRows(spaces, 300);
    const masks = new Float32Array(300);
    drawWindows(source, 3, rows, masks, createRng(0), true);
    const seen = new Set<string>();
    for (let k = 0; k < 300; k += 3) {
      const shown = [0, 1, 2].map((j) =>
        masks[k + j] === 0 ? "nothing" : rows.absorbing[k + j] ? "absorbing" : rows.observations[k + j],
      );
      seen.add(shown.join(" "));
    }
    expect([...seen].sort()).toEqual(["0 1 2", "10 11 nothing", "3 4 absorbing"]);
  });

  it("of a rollout are ordered environment by environment", () => {
    const transitions = {
      observations: Float32Array.of(0, 10, 1, 11, 2, 12),
      nextObservations: Float32Array.of(1, 11, 2, 12, 3, 13),
      actions: new Int32Array(6),
      terminated: Uint8Array.of(0, 0, 1, 0, 0, 0),
      truncated: new Uint8Array(6),
      environments: 2,
    };
    const { successor } = learnerRows(transitions, true);
    expect([0, 1, 2, 3, 4, 5].map(successor)).toEqual([2, 3, -1, 5, -1, -1]);
  });

  it("of several numbers keep each observation with its action, what follows and its density", () => {
    const wide = { observationSpace: box([2], -999, 999), actionSpace: box([3], -999, 999) };
    // Step t of episode e has the numbers 100 e + 10 t, … in its observation and in its action.
    const numbers = (e: number, steps: number, width: number) =>
      Float32Array.from(
        { length: steps * width },
        (_, k) => 100 * e + 10 * Math.floor(k / width) + (k % width),
      );
    const shown = demonstrationsOf(
      [3, 2].map((steps, e) => ({
        observations: numbers(e, steps + 1, 2),
        actions: numbers(e, steps, 3),
        rewards: new Float64Array(steps),
        terminated: e === 1,
        truncated: e === 0,
      })),
      { env: "Wide-v0", ...wide },
    );
    const source = expertRows(shown, true);
    source.logProbs = Float32Array.of(-1, -2, -3, -4, -5);
    const firsts = [0, 10, 20, 100, 110];
    for (const [from, to] of [
      [0, 6],
      [3, 5],
    ]) {
      const rows = copyRows(wide, source, from, to);
      for (let i = from; i < to; i++) {
        const at = i - from;
        const isAbsorbing = i === 5;
        const row = (x: ArrayLike<number>, width: number) =>
          Array.from({ length: width }, (_, j) => x[at * width + j]);
        const of = (first: number, width: number) =>
          Array.from({ length: width }, (_, j) => (isAbsorbing ? 0 : first + j));
        expect(row(rows.observations, 2)).toEqual(of(firsts[i], 2));
        expect(row(rows.nextObservations, 2)).toEqual(of(firsts[i] + 10, 2));
        expect(row(rows.actions, 3)).toEqual(of(firsts[i], 3));
        expect(rows.logProbs[at]).toBe(isAbsorbing ? 0 : -i - 1);
        expect([rows.absorbing[at], rows.nextAbsorbing[at]]).toEqual([Number(isAbsorbing), Number(i >= 4)]);
      }
    }
  });

  it("of no demonstrated action are refused", () => {
    const { trajectories, ...rest } = numbered([2], [true]);
    const silent = trajectories.map((trajectory) => ({ ...trajectory, steps: new Int32Array(0) }));
    expect(() => expertRows({ ...rest, trajectories: silent }, true)).toThrow(
      "the demonstrations of Numbers-v0 have no action to learn from",
    );
  });
});
