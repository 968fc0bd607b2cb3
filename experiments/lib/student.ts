/** @file Intervals of means by Student's t, for differences that are paired by seed. */

import { mean } from "../../index.js";

/** Quantiles of order 0.975 of Student's t distribution with 1, 2, … degrees of freedom. */
const QUANTILES = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093],
];

/** The mean of two values or more, with its 95 % interval. */
export function studentInterval(values: readonly number[]) {
  const n = values.length;
  const value = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (n - 1));
  const margin = ((QUANTILES[n - 2] ?? 1.96) * deviation) / Math.sqrt(n);
  return { value, margin, low: value - margin, high: value + margin };
}
