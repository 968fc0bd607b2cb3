/**
 * @file Running mean and variance of rows, computed in one pass and mergeable [Chan, Golub & LeVeque 1979, eq. 2.1].
 */

/** Statistics of all rows added so far, per entry; plain data. */
export interface Moments {
  /** The number of rows. */
  count: number;
  /** `[width]` */
  readonly mean: Float64Array;
  /** `[width]`: sums of squared deviations from the mean. */
  readonly squares: Float64Array;
}

/** The moments of zero rows. */
export const createMoments = (width: number): Moments => ({
  count: 0,
  mean: new Float64Array(width),
  squares: new Float64Array(width),
});

/** Adds row `row` of `rows` `[N, width]` [Welford 1962]. */
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

/** Added to variances before the square root, as in Gymnasium. */
const EPSILON = 1e-8;

/** Standard deviation of entry i (divisor: the count); 1 for fewer than two rows, so that division by it is safe. */
export const deviation = (moments: Moments, i: number): number =>
  moments.count < 2 ? 1 : Math.sqrt(moments.squares[i] / moments.count + EPSILON);

/** The factors of (x − mean) × scale `[width]` each: the inputs of programs that standardise rows. */
export function standardisation(moments: Moments): { mean: Float32Array; scale: Float32Array } {
  const width = moments.mean.length;
  const mean = new Float32Array(width);
  const scale = new Float32Array(width);
  // A loop: `from` with a function takes longer than a step of a small network, and policies do this at every step.
  for (let i = 0; i < width; i++) {
    mean[i] = moments.mean[i];
    scale[i] = 1 / deviation(moments, i);
  }
  return { mean, scale };
}

/** Standardises row `row` of `from` `[N, width]`, clips it to [−clip, clip], and writes it to `to`. */
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
