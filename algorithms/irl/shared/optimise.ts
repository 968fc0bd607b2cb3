/**
 * @file Going up a likelihood: quasi-Newton steps where it is concave and exact, Adam where it is not.
 *
 * OWL-QN (Andrew & Gao 2007, "Scalable training of L1-regularized log-linear models") is L-BFGS (Nocedal 1980; Nocedal &
 * Wright 2006, algorithm 7.4) that keeps to one orthant a step, so that it also minimises with an L1 penalty, and sets
 * weights to 0 exactly. Without the penalty it is L-BFGS.
 */

/** Pairs of steps and changes of slope that curvature is known from. */
const MEMORY = 12;
/** Part of the expected decrease that a step must bring (Armijo 1966). */
const SUFFICIENT = 1e-4;
const MOST_HALVINGS = 30;

export interface QuasiNewtonState {
  point: Float64Array;
  /** Of the smooth part, at `point`. */
  gradient: Float64Array;
  /** With the penalty. */
  objective: number;
  steps: Float64Array[];
  changes: Float64Array[];
  /** No step goes down any further: this is the minimum, as far as rounding lets it be seen. */
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

/** One step down `smooth + l1 · |x|₁`, in place. */
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
  // A bad memory may be why: the next step forgets it, and only one that also fails is the end.
  if (steps.length > 0) {
    steps.length = 0;
    changes.length = 0;
  } else state.settled = true;
}

/** The subgradient of smallest size (Andrew & Gao 2007, eq. 4). */
export function pseudoGradient(point: Float64Array, gradient: Float64Array, l1: number): Float64Array {
  return gradient.map((g, i) => {
    if (point[i] !== 0) return g + l1 * Math.sign(point[i]);
    return Math.sign(g) * Math.max(0, Math.abs(g) - l1);
  });
}

/** −H · slope by the two-loop recursion. */
function descent(slope: Float64Array, steps: Float64Array[], changes: Float64Array[]): Float64Array {
  const direction = slope.map((x) => -x);
  const last = steps.length - 1;
  const weights = new Float64Array(steps.length);
  for (let k = last; k >= 0; k--) {
    weights[k] = dot(steps[k], direction) / dot(steps[k], changes[k]);
    add(direction, changes[k], -weights[k]);
  }
  if (last >= 0) {
    const scale = dot(steps[last], changes[last]) / dot(changes[last], changes[last]);
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  }
  for (let k = 0; k <= last; k++) {
    add(direction, steps[k], weights[k] - dot(changes[k], direction) / dot(steps[k], changes[k]));
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
 * One step of Adam (Kingma & Ba 2015, algorithm 1) down `gradient`, in place; then weights shrink towards 0 by
 * `rate · l1` and stop there (the proximal step of the penalty).
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

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const norm2 = (x: Float64Array): number => Math.sqrt(dot(x, x));

/** x / |x|, or 0. */
export function unit(x: Float64Array): Float64Array {
  const length = norm2(x);
  return length > 0 ? x.map((value) => value / length) : x;
}

const norm1 = (x: Float64Array): number => x.reduce((sum, value) => sum + Math.abs(value), 0);

function add(into: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < into.length; i++) into[i] += factor * x[i];
}
