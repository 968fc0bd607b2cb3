/** @file Arithmetic of vectors in float64. */

/** aᵀb. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** |x|₁ = Σ |xᵢ|. */
export const norm1 = (x: Float64Array): number => x.reduce((sum, value) => sum + Math.abs(value), 0);

/** |x|₂ = √(xᵀx). */
export const norm2 = (x: Float64Array): number => Math.sqrt(dot(x, x));

/** x / |x|₂, or 0 where x is 0. */
export function unit(x: Float64Array): Float64Array {
  const length = norm2(x);
  return length > 0 ? x.map((value) => value / length) : x;
}

/** a − b. */
export const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x - b[i]);

/** sum += factor · x, in place. */
export function addScaled(sum: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] += factor * x[i];
}

/** Σ wᵢ xᵢ, for at least one vector. */
export function mixed(vectors: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  for (const [i, x] of vectors.entries()) if (weights[i] !== 0) addScaled(sum, x, weights[i]);
  return sum;
}
