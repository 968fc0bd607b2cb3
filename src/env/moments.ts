/** @file Running mean and variance of rows, in one pass and mergeable (Chan, Golub & LeVeque 1979, eq. 2.1). */

/** Of all rows seen so far, entry by entry; plain data. */
export interface Moments {
  /** Rows seen. */
  count: number;
  /** `[width]` */
  readonly mean: Float64Array;
  /** `[width]`: sums of squared deviations from the mean. */
  readonly squares: Float64Array;
}

/** Of no rows. */
export const createMoments = (width: number): Moments => ({
  count: 0,
  mean: new Float64Array(width),
  squares: new Float64Array(width),
});

/** Takes in row `row` of `rows` `[N, width]` (Welford 1962). */
export function addRow(moments: Moments, rows: ArrayLike<number>, row = 0): void {
  const { mean, squares } = moments;
  const width = mean.length;
  const count = ++moments.count;
  for (let i = 0, at = row * width; i < width; i++, at++) {
    const off = rows[at] - mean[i];
    mean[i] += off / count;
    squares[i] += off * (rows[at] - mean[i]);
  }
}

/** Keeps the square root away from 0, as in Gymnasium. */
const EPSILON = 1e-8;

/** Standard deviation of entry i, dividing by the count; 1 before two rows were seen, so that dividing by it is safe. */
export const deviation = (moments: Moments, i: number): number =>
  moments.count < 2 ? 1 : Math.sqrt(moments.squares[i] / moments.count + EPSILON);

/** Row `row` of `from` `[N, width]` with mean 0 and variance 1, at most `clip` in absolute value, written to `to`. */
export function normalizeRow(
  moments: Moments,
  clip: number,
  from: Float32Array,
  to: Float32Array,
  row: number,
): void {
  const { mean } = moments;
  for (let i = 0, at = row * mean.length; i < mean.length; i++, at++) {
    to[at] = Math.max(-clip, Math.min(clip, (from[at] - mean[i]) / deviation(moments, i)));
  }
}
