/** @file Distances between distributions over a finite set, given as arrays of probabilities. */

/** Total variation ½ Σ |p − q|, in [0, 1]. */
export function totalVariation(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += Math.abs(p[i] - q[i]);
  return sum / 2;
}

/** KL(p ‖ q) = Σ p log(p / q) in nats; Infinity where p has mass that q has not. */
export function kullbackLeibler(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i] > 0) sum += p[i] * Math.log(p[i] / q[i]);
  // Rounding can leave a sum of 0 a little below it.
  return Math.max(0, sum);
}

/** Jensen–Shannon divergence in nats, in [0, log 2]. */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>): number {
  const middle = Float64Array.from({ length: p.length }, (_, i) => (p[i] + q[i]) / 2);
  return (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)) / 2;
}
