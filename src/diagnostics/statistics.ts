/** @file Statistics of returns and of runs: robust aggregates and bootstrap intervals. */

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

/** The q-quantile, with linear interpolation between order statistics. */
export function quantile(values: ArrayLike<number>, q: number): number {
  requireSome("quantile", values);
  const sorted = Float64Array.from(values).sort();
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Interquartile mean [Agarwal et al. 2021]: the mean without the lowest and the highest quarter. */
export function iqm(values: ArrayLike<number>): number {
  requireSome("iqm", values);
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(sorted.length / 4);
  return mean(sorted.subarray(cut, sorted.length - cut));
}

export interface ResamplingOptions {
  rng: Rng;
  resamples?: number;
  confidence?: number;
}

export interface BootstrapOptions extends ResamplingOptions {
  /** The statistic of each resample. Default: the mean. */
  statistic?: (values: Float64Array) => number;
}

/** Percentile bootstrap interval of a statistic [Efron 1979]. */
export function bootstrapInterval(
  values: ArrayLike<number>,
  { statistic = mean, ...options }: BootstrapOptions,
): [low: number, high: number] {
  return stratifiedBootstrapInterval([values], {
    ...options,
    statistic: ([resample]) => statistic(resample),
  });
}

/**
 * The least number of runs with an interquartile mean and an interval. With 3 runs the one is the plain mean, and the
 * other is from the lowest to the highest: each of the two is all of a resample in 1 of 27.
 */
export const LEAST_RUNS = 5;

/** A statistic of independent runs, with its interval from {@link LEAST_RUNS} runs on. */
export interface RunsEstimate {
  value: number;
  low?: number;
  high?: number;
}

/**
 * The mean (or another statistic) of independent runs, such as seeds, with its 95 % percentile bootstrap interval if
 * there are at least {@link LEAST_RUNS} runs. With few runs it is too narrow: of normal scores it holds the true mean in
 * 85 of 100 cases with 5 runs, in 90 with 10 and in 93 with 20.
 */
export function estimateOfRuns(scores: ArrayLike<number>, options: BootstrapOptions): RunsEstimate {
  const { statistic = mean } = options;
  const value = statistic(Float64Array.from(scores));
  if (scores.length < LEAST_RUNS) return { value };
  const [low, high] = bootstrapInterval(scores, options);
  return { value, low, high };
}

export interface StratifiedBootstrapOptions extends ResamplingOptions {
  /** The statistic of each resample, whose strata have the sizes of the original. */
  statistic: (strata: Float64Array[]) => number;
}

/**
 * Percentile bootstrap interval of a statistic of several samples (strata), each resampled separately: for example the
 * runs of each task, for an aggregate over tasks [Agarwal et al. 2021, §4.1], or two groups, for their difference.
 */
export function stratifiedBootstrapInterval(
  strata: readonly ArrayLike<number>[],
  { rng, statistic, resamples = 2000, confidence = 0.95 }: StratifiedBootstrapOptions,
): [low: number, high: number] {
  for (const values of strata) requireSome("bootstrap interval", values);
  const drawn = strata.map((values) => new Float64Array(values.length));
  const estimates = Float64Array.from({ length: resamples }, () => {
    for (const [k, values] of strata.entries()) {
      for (let i = 0; i < values.length; i++) drawn[k][i] = values[rng.integer(values.length)];
    }
    return statistic(drawn);
  });
  return [quantile(estimates, (1 - confidence) / 2), quantile(estimates, (1 + confidence) / 2)];
}

/**
 * The probability that a run of the first algorithm has a higher score than a run of the second on the same task,
 * with ties counted half, averaged over tasks [Agarwal et al. 2021, §4.3]. On one task, this is the Mann–Whitney U
 * divided by its largest value.
 *
 * @param first one array of scores per task.
 * @param second one array of scores per task, for the same tasks.
 */
export function probabilityOfImprovement(
  first: readonly ArrayLike<number>[],
  second: readonly ArrayLike<number>[],
): number {
  if (first.length !== second.length) {
    throw new UsageError(`probability of improvement: ${first.length} tasks against ${second.length}`);
  }
  const wins = first.map((scores, task) =>
    mean(
      Array.from(scores, (x) => mean(Array.from(second[task], (y) => (x > y ? 1 : 0) + (x === y ? 0.5 : 0)))),
    ),
  );
  return mean(wins);
}
