/** @file Statistics of returns that a few wild episodes do not decide, with their uncertainty. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";

const requireSome = (what: string, values: ArrayLike<number>): void => {
  if (values.length === 0) throw new UsageError(`${what} of no values`);
};

export function mean(values: ArrayLike<number>): number {
  requireSome("mean", values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Standard deviation of the values themselves (dividing by n). */
export function std(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (x) => (x - centre) ** 2)));
}

/** The q-quantile, linear between the order statistics. */
export function quantile(values: ArrayLike<number>, q: number): number {
  requireSome("quantile", values);
  const sorted = Float64Array.from(values).sort();
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Interquartile mean (Agarwal et al. 2021): the mean of the middle half, with a quarter cut off at each end. */
export function iqm(values: ArrayLike<number>): number {
  requireSome("iqm", values);
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(sorted.length / 4);
  return mean(sorted.subarray(cut, sorted.length - cut));
}

export interface BootstrapOptions {
  rng: Rng;
  /** What to compute of each resample; the mean by default. */
  statistic?: (values: Float64Array) => number;
  resamples?: number;
  confidence?: number;
}

/** Percentile bootstrap interval of a statistic (Efron 1979). */
export function bootstrapInterval(
  values: ArrayLike<number>,
  { rng, statistic = mean, resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): [low: number, high: number] {
  requireSome("bootstrap interval", values);
  const resample = new Float64Array(values.length);
  const estimates = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < resample.length; i++) resample[i] = values[rng.integer(values.length)];
    return statistic(resample);
  });
  return [quantile(estimates, (1 - confidence) / 2), quantile(estimates, (1 + confidence) / 2)];
}
