/**
 * @file Optimisers of a likelihood in float64: quasi-Newton steps for concave, exact likelihoods, Adam for others.
 *
 * OWL-QN [Andrew & Gao 2007] is L-BFGS [Nocedal 1980] [Nocedal & Wright 2006, algorithm 7.4] with steps that stay in
 * one orthant. It supports an L1 penalty, and sets weights to exactly 0. Without the penalty it is L-BFGS.
 *
 * These steps do not use `src/learning/trainer.ts`, which takes many minibatch steps on one loss. Here a round takes
 * one step, its gradient comes from dynamic programming or from a varying number of episodes, and line searches and the
 * L1 penalty need float64.
 */

import { addScaled, dot, norm1, norm2 } from "./vectors.js";

/** Number of pairs (step, change of the gradient) from which the inverse Hessian is estimated. */
const MEMORY = 12;
/** Fraction of the linear decrease that a step must reach [Armijo 1966]. */
const SUFFICIENT = 1e-4;
const MOST_HALVINGS = 30;

export interface QuasiNewtonState {
  point: Float64Array;
  /** Gradient of the smooth part at `point`. */
  gradient: Float64Array;
  /** Value at `point`, including the penalty. */
  objective: number;
  steps: Float64Array[];
  changes: Float64Array[];
  /** No step decreases the objective: `point` is the minimum up to rounding. */
  settled: boolean;
}

/** A smooth convex function and its gradient. */
export type Smooth = (point: Float64Array) => Promise<{ value: number; gradient: Float64Array }>;

export async function startQuasiNewton(
  point: Float64Array,
  smooth: Smooth,
  l1: number,
): Promise<QuasiNewtonState> {
  const { value, gradient } = await smooth(point);
  return { point, gradient, objective: value + l1 * norm1(point), steps: [], changes: [], settled: false };
}

/** One step down `smooth + l1 · |x|₁`, in place: backtracking line search along the quasi-Newton direction. */
export async function quasiNewtonStep(state: QuasiNewtonState, smooth: Smooth, l1: number): Promise<void> {
  const { point, gradient, objective, steps, changes } = state;
  const slope = pseudoGradient(point, gradient, l1);
  const direction = descent(slope, steps, changes);
  if (l1 > 0) for (let i = 0; i < slope.length; i++) if (direction[i] * slope[i] >= 0) direction[i] = 0;
  let rate = steps.length === 0 ? 1 / Math.max(norm2(slope), Number.MIN_VALUE) : 1;
  for (let halving = 0; halving < MOST_HALVINGS; halving++, rate /= 2) {
    const next = point.map((x, i) => {
      const moved = x + rate * direction[i];
      const orthant = x !== 0 ? x : -slope[i];
      return l1 > 0 && moved * orthant <= 0 ? 0 : moved;
    });
    const step = next.map((x, i) => x - point[i]);
    const expected = dot(slope, step);
    if (!(expected < 0)) break;
    const found = await smooth(next);
    const reached = found.value + l1 * norm1(next);
    if (!(reached <= objective + SUFFICIENT * expected)) continue;
    const change = found.gradient.map((g, i) => g - gradient[i]);
    if (dot(step, change) > 1e-12 * norm2(step) * norm2(change)) {
      steps.push(step);
      changes.push(change);
      if (steps.length > MEMORY) {
        steps.shift();
        changes.shift();
      }
    }
    Object.assign(state, { point: next, gradient: found.gradient, objective: reached });
    return;
  }
  // The curvature pairs may be inaccurate: drop them. A second failure, without them, ends the minimisation.
  if (steps.length > 0) {
    steps.length = 0;
    changes.length = 0;
  } else state.settled = true;
}

/** The subgradient of smallest norm [Andrew & Gao 2007, eq. 4]. */
export function pseudoGradient(point: Float64Array, gradient: Float64Array, l1: number): Float64Array {
  return gradient.map((g, i) => {
    if (point[i] !== 0) return g + l1 * Math.sign(point[i]);
    return Math.sign(g) * Math.max(0, Math.abs(g) - l1);
  });
}

/** −H · slope by the two-loop recursion [Nocedal & Wright 2006, algorithm 7.4]. */
function descent(slope: Float64Array, steps: Float64Array[], changes: Float64Array[]): Float64Array {
  const direction = slope.map((x) => -x);
  const last = steps.length - 1;
  const weights = new Float64Array(steps.length);
  for (let k = last; k >= 0; k--) {
    weights[k] = dot(steps[k], direction) / dot(steps[k], changes[k]);
    addScaled(direction, changes[k], -weights[k]);
  }
  if (last >= 0) {
    const scale = dot(steps[last], changes[last]) / dot(changes[last], changes[last]);
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  }
  for (let k = 0; k <= last; k++) {
    addScaled(direction, steps[k], weights[k] - dot(changes[k], direction) / dot(steps[k], changes[k]));
  }
  return direction;
}

export interface AdamState {
  point: Float64Array;
  first: Float64Array;
  second: Float64Array;
  steps: number;
}

export const startAdam = (point: Float64Array): AdamState => ({
  point,
  first: new Float64Array(point.length),
  second: new Float64Array(point.length),
  steps: 0,
});

/**
 * One step of Adam [Kingma & Ba 2015, algorithm 1] down `gradient`, in place, then the proximal step of the L1 penalty:
 * weights shrink by `rate · l1` and stop at 0.
 */
export function adamStep(state: AdamState, gradient: Float64Array, rate: number, l1 = 0): void {
  const { first, second } = state;
  state.steps++;
  const [correctFirst, correctSecond] = [1 - 0.9 ** state.steps, 1 - 0.999 ** state.steps];
  state.point = state.point.map((x, i) => {
    first[i] = 0.9 * first[i] + 0.1 * gradient[i];
    second[i] = 0.999 * second[i] + 0.001 * gradient[i] ** 2;
    const moved = x - (rate * (first[i] / correctFirst)) / (Math.sqrt(second[i] / correctSecond) + 1e-8);
    return Math.sign(moved) * Math.max(0, Math.abs(moved) - rate * l1);
  });
}
