/** @file Schedules of hyperparameters: plain functions of a run's progress. */

import { UsageError } from "../errors.js";

/** A value as a function of progress: 0 at the start of the run, 1 at its end, clamped to [0, 1]. */
export type Schedule = (progress: number) => number;

const clamped =
  (schedule: Schedule): Schedule =>
  (progress) =>
    schedule(Math.min(1, Math.max(0, progress)));

/** The same value throughout. */
export const constant =
  (value: number): Schedule =>
  () =>
    value;

/** Linear interpolation between two values. */
export const linear = (from: number, to: number): Schedule => clamped((p) => from * (1 - p) + to * p);

/** Exponential interpolation between two non-zero values of the same sign. Throws UsageError otherwise. */
export function exponential(from: number, to: number): Schedule {
  if (!(from * to > 0)) {
    throw new UsageError(`exponential schedule: ${from} and ${to} must be non-zero and have the same sign`);
  }
  return clamped((p) => from ** (1 - p) * to ** p);
}

/** Half a period of a cosine [Loshchilov & Hutter 2017, eq. 5], without restarts. */
export const cosine = (from: number, to: number): Schedule =>
  clamped((p) => to + ((from - to) * (1 + Math.cos(Math.PI * p))) / 2);

/**
 * Linear interpolation between `[progress, value]` knots in increasing order of progress; constant before the
 * first and after the last. Two knots at the same progress define a jump, with the second value at that progress.
 */
export function piecewise(knots: ReadonlyArray<readonly [progress: number, value: number]>): Schedule {
  if (knots.length === 0)
    throw new UsageError("piecewise schedule: give at least one [progress, value] knot");
  for (let i = 0; i < knots.length; i++) {
    const [progress] = knots[i];
    if (!(progress >= 0 && progress <= 1)) {
      throw new UsageError(`piecewise schedule: knot ${i} is at progress ${progress}, outside [0, 1]`);
    }
    if (i > 0 && progress < knots[i - 1][0]) {
      throw new UsageError(
        `piecewise schedule: knot ${i} at ${progress} comes after one at ${knots[i - 1][0]}`,
      );
    }
  }
  return clamped((p) => {
    const next = knots.findIndex(([progress]) => progress > p);
    if (next === 0) return knots[0][1];
    if (next < 0) return knots[knots.length - 1][1];
    const [[start, from], [end, to]] = [knots[next - 1], knots[next]];
    const share = (p - start) / (end - start);
    return from * (1 - share) + to * share;
  });
}
