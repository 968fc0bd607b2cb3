/** @file The fixed point of a contraction: plain iteration, accelerated but never worse than it is by much. */

import { AndersonMemory } from "./anderson.js";

/** Rounding is only estimated: near it, so many steps without progress end the iteration as well. */
const PATIENCE = 100;
const NEAR_NOISE = 1000;

/** G(x) and the residual G(x) − x. */
export interface Evaluation {
  image: Float64Array;
  residual: Float64Array;
  /** The residual's norm. */
  size: number;
}

export interface FixedPointOptions {
  /** Factor c < 1 by which the map brings any two points closer in `norm`. */
  contraction: number;
  /** Stop when |G(x) − x| is at most this. */
  target: number;
  norm: (x: Float64Array) => number;
  /** Relative rounding error of applying the map: a residual of so much of |x| is noise, and ends the iteration. */
  rounding: number;
  /** Give up after so many applications of the map; none by default. */
  maxIterations?: number;
  /** The point to try after an evaluation; by default one extrapolated from the last few (Anderson 1965). */
  propose?: (evaluation: Evaluation) => Float64Array;
}

export interface FixedPoint {
  /** G(x) for the last x. */
  point: Float64Array;
  /** Applications of the map. */
  iterations: number;
}

/**
 * Iterates x ← G(x) from `start` until |G(x) − x| ≤ `target`, or until rounding keeps it from getting smaller.
 *
 * Every next x is first a proposal. Plain iteration from x₀ has a residual of at most cᵏ|G(x₀) − x₀| after k steps; a
 * proposal may be above that by 2 / (1 − c) and is otherwise thrown away for the plain iterate. This keeps the limit
 * and the geometric rate of plain iteration whatever is proposed; and the factor is the one by which exact policy
 * iteration can overshoot, so that good proposals pass: its errors fall by c a step, an error is at most
 * residual / (1 − c), and a residual at most twice the error.
 *
 * @param apply writes G(x) into its second argument.
 */
export function fixedPoint(
  apply: (x: Float64Array, into: Float64Array) => void,
  start: Float64Array,
  options: FixedPointOptions,
): FixedPoint {
  const { contraction, target, norm, rounding, maxIterations = Infinity } = options;
  const { propose = anderson(start.length) } = options;
  const blank = (): Evaluation => ({
    image: new Float64Array(start.length),
    residual: new Float64Array(start.length),
    size: 0,
  });
  let iterations = 0;
  const evaluate = (x: Float64Array, into: Evaluation): void => {
    const { image, residual } = into;
    apply(x, image);
    for (let i = 0; i < x.length; i++) residual[i] = image[i] - x[i];
    into.size = norm(residual);
    iterations++;
  };

  let [current, next] = [blank(), blank()];
  evaluate(start, current);
  let allowed = (2 / (1 - contraction)) * current.size;
  let best = current.size;
  let sinceBest = 0;
  while (current.size > target && iterations < maxIterations) {
    const noise = rounding * norm(current.image);
    if (current.size <= noise || (sinceBest > PATIENCE && best <= NEAR_NOISE * noise)) break;
    allowed *= contraction;
    evaluate(propose(current), next);
    if (!(next.size <= allowed)) evaluate(current.image, next);
    [current, next] = [next, current];
    sinceBest = current.size < best ? 0 : sinceBest + 1;
    best = Math.min(best, current.size);
  }
  return { point: current.image, iterations };
}

/** Proposals by Anderson acceleration. */
function anderson(n: number): (evaluation: Evaluation) => Float64Array {
  const memory = new AndersonMemory(n);
  const out = new Float64Array(n);
  return (evaluation) => {
    memory.push(evaluation);
    memory.extrapolate(evaluation, out);
    return out;
  };
}
