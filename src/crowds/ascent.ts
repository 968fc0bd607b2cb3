/** @file Ascent of a smooth function by L-BFGS with a line search, in place: the M steps of models with features. */

/** Steps and changes of the gradient from which the curvature is estimated. */
const MEMORY = 8;
const MOST_HALVINGS = 30;
/** Share of the linear increase that a step must reach [Armijo 1966]. */
const SUFFICIENT = 1e-4;

/**
 * Takes up to `steps` quasi-Newton steps [Nocedal & Wright 2006, algorithm 7.4] from `point`, which is changed in place
 * and never made worse. It ends where no step increases the value.
 *
 * @param smooth the value at a point; its gradient is written into the second argument
 * @returns the value at the end
 */
export function ascend(
  point: Float64Array,
  smooth: (point: Float64Array, gradient: Float64Array) => number,
  steps: number,
): number {
  const n = point.length;
  let gradient = new Float64Array(n);
  let value = smooth(point, gradient);
  const past: { step: Float64Array; change: Float64Array; rho: number }[] = [];
  for (let step = 0; step < steps; step++) {
    const direction = uphill(gradient, past);
    const slope = dot(direction, gradient);
    if (!(slope > 1e-14 * (1 + Math.abs(value)))) break;
    let rate = past.length === 0 ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(n);
    const slopes = new Float64Array(n);
    let found = Number.NEGATIVE_INFINITY;
    let halving = 0;
    for (; halving < MOST_HALVINGS; halving++, rate /= 2) {
      for (let i = 0; i < n; i++) next[i] = point[i] + rate * direction[i];
      found = smooth(next, slopes);
      if (found >= value + SUFFICIENT * rate * slope) break;
    }
    if (halving === MOST_HALVINGS) break;
    const moved = next.map((x, i) => x - point[i]);
    const change = gradient.map((g, i) => g - slopes[i]);
    const curvature = dot(moved, change);
    if (curvature > 1e-12) {
      past.push({ step: moved, change, rho: 1 / curvature });
      if (past.length > MEMORY) past.shift();
    }
    point.set(next);
    gradient = slopes;
    value = found;
  }
  return value;
}

function uphill(
  gradient: Float64Array,
  past: readonly { step: Float64Array; change: Float64Array; rho: number }[],
): Float64Array {
  const direction = gradient.slice();
  const alphas: number[] = [];
  for (const { step, change, rho } of past.toReversed()) {
    const alpha = rho * dot(step, direction);
    alphas.push(alpha);
    for (let i = 0; i < direction.length; i++) direction[i] -= alpha * change[i];
  }
  const last = past.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.change, last.change));
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  }
  for (const { step, change, rho } of past) {
    const beta = rho * dot(change, direction);
    const alpha = alphas.pop()!;
    for (let i = 0; i < direction.length; i++) direction[i] += (alpha - beta) * step[i];
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
