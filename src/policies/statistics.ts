/** @file What observations have been like: a policy that learnt on normalised ones carries it, and never changes it. */

import { deviation, type Moments, normalizeRow } from "../env/moments.js";
import { UsageError } from "../errors.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import type { PolicyData } from "./contract.js";

/** By which observations are put to mean 0 and variance 1 before the networks see them. */
export interface ObservationStatistics {
  moments: Moments;
  /** Largest absolute value that the networks are shown. */
  clip: number;
}

/** Observations `[N, w]` as the networks see them, in an array of their own. */
export function normaliseRows(
  { moments, clip }: ObservationStatistics,
  observations: Float32Array,
): Float32Array {
  const seen = new Float32Array(observations.length);
  const rows = observations.length / moments.mean.length;
  for (let row = 0; row < rows; row++) normalizeRow(moments, clip, observations, seen, row);
  return seen;
}

/** The same as an expression, with the statistics inside. */
export function normalisedRows({ moments, clip }: ObservationStatistics, observations: Tensor): Tensor {
  const vector = (entry: (i: number) => number) =>
    t.constant(
      Float32Array.from(moments.mean, (_, i) => entry(i)),
      [moments.mean.length],
    );
  const centred = t.sub(
    observations,
    vector((i) => moments.mean[i]),
  );
  const scaled = t.div(
    centred,
    vector((i) => deviation(moments, i)),
  );
  return t.clip(scaled, -clip, clip);
}

const NAMES = ["mean", "squares"] as const;
const arrayName = (name: (typeof NAMES)[number]) => `observations.${name}`;

/** As arrays of a policy's data; the count and the clip belong in its settings. */
export const statisticsToArrays = ({ moments }: ObservationStatistics): PolicyData["arrays"] =>
  Object.fromEntries(
    NAMES.map((name) => [arrayName(name), { shape: [moments[name].length], data: moments[name] }]),
  );

/**
 * Back from a policy's data, and the arrays that are not theirs.
 *
 * @throws UsageError when they are missing or of observations of another width
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
