/** @file Observation statistics: policies trained on normalised observations store them and never update them. */

import { deviation, type Moments, normalizeRow } from "../env/moments.js";
import { UsageError } from "../errors.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import type { PolicyData } from "./contract.js";

/** Statistics by which observations are standardised to mean 0 and variance 1 before the networks. */
export interface ObservationStatistics {
  moments: Moments;
  /** The largest absolute value of a standardised observation; larger values are clipped. */
  clip: number;
}

/** The standardised observations `[N, w]`, in a new array. */
export function normaliseRows(
  { moments, clip }: ObservationStatistics,
  observations: Float32Array,
): Float32Array {
  const seen = new Float32Array(observations.length);
  const rows = observations.length / moments.mean.length;
  for (let row = 0; row < rows; row++) normalizeRow(moments, clip, observations, seen, row);
  return seen;
}

/** {@link normaliseRows} as a tensor expression; the statistics are constants. */
export function normalisedRows(statistics: ObservationStatistics, observations: Tensor): Tensor {
  const { mean, deviation, clip } = standardisation(statistics);
  const vector = (values: readonly number[], name: string) =>
    t.constant(Float32Array.from(values), [values.length], "float32", `observations.${name}`);
  const centred = t.sub(observations, vector(mean, "mean"));
  return t.clip(t.div(centred, vector(deviation, "deviation")), -clip, clip);
}

/** The numbers of {@link normaliseRows}: a standardised observation is (o − mean) / deviation, at most `clip`. */
export const standardisation = ({ moments, clip }: ObservationStatistics) => ({
  mean: Array.from(moments.mean),
  deviation: Array.from(moments.mean, (_, i) => deviation(moments, i)),
  clip,
});

const NAMES = ["mean", "squares"] as const;
const arrayName = (name: (typeof NAMES)[number]) => `observations.${name}`;

/** The statistics as arrays of a policy's data; count and clip belong in the settings. */
export const statisticsToArrays = ({ moments }: ObservationStatistics): PolicyData["arrays"] =>
  Object.fromEntries(
    NAMES.map((name) => [arrayName(name), { shape: [moments[name].length], data: moments[name] }]),
  );

/**
 * The statistics from the arrays of a policy's data, and the remaining arrays.
 *
 * @throws UsageError when the statistics are missing or have another width
 */
export function statisticsFromArrays(
  arrays: PolicyData["arrays"],
  width: number,
  { count, clip }: { count: number; clip: number },
): { statistics: ObservationStatistics; others: PolicyData["arrays"] } {
  const others = { ...arrays };
  const [mean, squares] = NAMES.map((name) => {
    const data = arrays[arrayName(name)]?.data;
    if (!(data instanceof Float64Array) || data.length !== width) {
      throw new UsageError(`${arrayName(name)} is missing or does not fit observations of ${width} numbers`);
    }
    delete others[arrayName(name)];
    return data;
  });
  return { statistics: { moments: { count, mean, squares }, clip }, others };
}
