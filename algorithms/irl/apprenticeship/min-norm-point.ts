/**
 * @file The point of a polytope nearest to the origin [Wolfe 1976]: the small
 * quadratic program of max-margin apprenticeship learning.
 *
 * Wolfe's active-set method needs no constraint matrix and ends after finitely many steps with the exact solution. It
 * returns the convex combination, which is the mixture of policies. The tests check the Karush–Kuhn–Tucker conditions.
 */

import { eliminate } from "../../../src/mdp/eliminate.js";
import { dot } from "../shared/vectors.js";

export interface NearestPoint {
  /** Weights `[n]` of the given points, ≥ 0, of sum 1, most of them 0: the solution as a convex combination. */
  weights: Float64Array;
  point: Float64Array;
}

/** Tolerance of the optimality condition, relative to the largest squared norm, and of weights. */
const TOLERANCE = 1e-12;

/** Rounding errors can undo the progress of a round, so their number is limited. */
const MOST_ROUNDS = 10_000;

/** Minimises |Σ λᵢ pᵢ|² over λ ≥ 0, Σ λᵢ = 1, for at least one point. */
export function minNormPoint(points: readonly Float64Array[]): NearestPoint {
  const squares = points.map((p) => dot(p, p));
  const slack = TOLERANCE * Math.max(...squares);
  // The corral: affinely independent points whose positive combination is the current point.
  let corral = [squares.indexOf(Math.min(...squares))];
  let weights = [1];
  let point = Float64Array.from(points[corral[0]]);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const heights = points.map((p) => dot(p, point));
    const lowest = heights.indexOf(Math.min(...heights));
    // Optimal if no point lies on the origin's side of the plane through the current point.
    if (heights[lowest] >= dot(point, point) - slack || corral.includes(lowest)) break;
    const before = { corral, weights };
    corral = [...corral, lowest];
    weights = [...weights, 0];
    while (corral.includes(lowest)) {
      const target = affineWeights(points, corral);
      if (!target.every(Number.isFinite)) {
        corral = [];
        break;
      }
      if (target.every((v) => v > TOLERANCE)) {
        weights = target;
        break;
      }
      // Move towards the target until a weight reaches 0; that point leaves the corral.
      const reach = Math.min(
        ...target.map((v, i) =>
          v > TOLERANCE ? 1 : weights[i] / Math.max(weights[i] - v, Number.MIN_VALUE),
        ),
      );
      weights = weights.map((w, i) => (1 - reach) * w + reach * target[i]);
      const kept = weights.map((w) => w > TOLERANCE);
      if (kept.every(Boolean)) kept[weights.indexOf(Math.min(...weights))] = false;
      corral = corral.filter((_, i) => kept[i]);
      weights = weights.filter((_, i) => kept[i]);
    }
    if (!corral.includes(lowest)) {
      // The new point differs from one in the corral by rounding only: the distance cannot decrease.
      ({ corral, weights } = before);
      break;
    }
    point = combine(points, corral, weights);
  }
  const all = new Float64Array(points.length);
  const total = weights.reduce((sum, w) => sum + w, 0);
  for (const [i, k] of corral.entries()) all[k] = weights[i] / total;
  return { weights: all, point };
}

/** Weights, of any sign and of sum 1, of the point nearest to the origin in the affine hull of the corral. */
function affineWeights(points: readonly Float64Array[], corral: readonly number[]): number[] {
  const n = corral.length;
  const matrix = new Float64Array(n * n);
  // (PPᵀ + c 11ᵀ) u = 1, and u scaled to sum 1 [Wolfe 1976, §4]; c brings the two terms to one scale.
  const scale = Math.max(...corral.map((k) => dot(points[k], points[k])), Number.MIN_VALUE);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix[i * n + j] = dot(points[corral[i]], points[corral[j]]) / scale + 1;
  }
  const u = new Float64Array(n).fill(1);
  eliminate(matrix, u);
  const total = u.reduce((sum, x) => sum + x, 0);
  return Array.from(u, (x) => x / total);
}

function combine(
  points: readonly Float64Array[],
  corral: readonly number[],
  weights: readonly number[],
): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(points[0].length);
  for (const [i, k] of corral.entries()) {
    for (let j = 0; j < sum.length; j++) sum[j] += weights[i] * points[k][j];
  }
  return sum;
}
