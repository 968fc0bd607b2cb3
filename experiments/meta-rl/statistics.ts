/** @file Intervals of means over seeds and tasks, and of differences of two methods on the same seeds and tasks. */

import { createRng, mean } from "../../index.js";
import { nmi } from "../../src/diagnostics/clustering.js";
import type { Estimate } from "../../src/diagnostics/sampled.js";
import { quantile } from "../../src/diagnostics/statistics.js";

const RESAMPLES = 2000;

/**
 * The mean over seeds and tasks with its 95 % bootstrap interval. Each resample draws seeds, and then tasks of each drawn
 * seed, so that the interval covers how much a method depends on its seed.
 *
 * @param values `[seeds][tasks]`
 */
export function estimate(values: readonly (readonly number[])[]): Estimate {
  const rng = createRng("interval");
  const means = Array.from({ length: RESAMPLES }, () => {
    const seeds = values.map(() => rng.integer(values.length));
    let sum = 0;
    for (const seed of seeds) {
      const tasks = values[seed];
      let total = 0;
      for (let k = 0; k < tasks.length; k++) total += tasks[rng.integer(tasks.length)];
      sum += total / tasks.length;
    }
    return sum / seeds.length;
  });
  return {
    value: mean(values.map((tasks) => mean(tasks))),
    low: quantile(means, 0.025),
    high: quantile(means, 0.975),
  };
}

/** The difference of two methods on the same seeds and tasks, `[seeds][tasks]` each. */
export const difference = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): Estimate =>
  estimate(a.map((tasks, seed) => tasks.map((value, k) => value - b[seed][k])));

/** The least number of seeds of which a difference may be called shown. */
const LEAST_SEEDS = 3;

/** The rule: a difference is shown if its interval excludes 0, and there are at least {@link LEAST_SEEDS} seeds. */
export function verdict({ low, high }: Estimate, seeds: number): string {
  if (seeds < LEAST_SEEDS) return `not shown: ${seeds} ${seeds === 1 ? "seed" : "seeds"}`;
  return low > 0 || high < 0 ? "shown" : "not shown at this budget";
}

/** The mean agreement of random labels with the clusters of `trials` tasks in equal shares. */
export function randomNmi(clusters: number, trials: number): number {
  const rng = createRng("random labels");
  const truth = Array.from({ length: trials }, (_, k) => k % clusters);
  return mean(
    Array.from({ length: 400 }, () =>
      nmi(
        truth,
        truth.map(() => rng.integer(clusters)),
      ),
    ),
  );
}
