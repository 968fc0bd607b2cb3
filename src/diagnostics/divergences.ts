/**
 * @file Divergences between distributions over a finite set, given as arrays of probabilities, and their derivatives.
 */

/** Total variation ½ Σ |p − q|, in [0, 1]. */
export function totalVariation(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += Math.abs(p[i] - q[i]);
  return sum / 2;
}

/** KL(p ‖ q) = Σ p log(p / q) in nats; Infinity when p has mass where q has none. */
export function kullbackLeibler(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i] > 0) sum += p[i] * Math.log(p[i] / q[i]);
  // By rounding, a sum of 0 can be slightly negative.
  return Math.max(0, sum);
}

/** Jensen–Shannon divergence in nats, in [0, log 2]. */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>): number {
  const middle = Float64Array.from({ length: p.length }, (_, i) => (p[i] + q[i]) / 2);
  return (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)) / 2;
}

/** The divergences D(p ‖ q) that can be minimised between an expert p and a learner q. */
export const divergenceKinds = ["kl", "reverse-kl", "js", "tv"] as const;
export type DivergenceKind = (typeof divergenceKinds)[number];

/** D(p ‖ q): KL(p ‖ q), KL(q ‖ p), Jensen–Shannon or total variation. */
export function divergence(kind: DivergenceKind, p: ArrayLike<number>, q: ArrayLike<number>): number {
  switch (kind) {
    case "kl":
      return kullbackLeibler(p, q);
    case "reverse-kl":
      return kullbackLeibler(q, p);
    case "js":
      return jensenShannon(p, q);
    case "tv":
      return totalVariation(p, q);
  }
}

/**
 * ∂D / ∂q at one point with the masses p and q (for total variation, a subgradient). As for any f-divergence, it
 * depends only on the ratio u = p / q: for D = Σ q f(p / q) it is f(u) − u f′(u).
 */
export function divergenceSlope(kind: DivergenceKind, p: number, q: number): number {
  switch (kind) {
    case "kl":
      return p === 0 ? 0 : -p / q;
    case "reverse-kl":
      return q === 0 ? -Infinity : Math.log(q / p) + 1;
    case "js":
      return q === 0 ? (p === 0 ? 0 : -Infinity) : Math.log((2 * q) / (p + q)) / 2;
    case "tv":
      return Math.sign(q - p) / 2;
  }
}
