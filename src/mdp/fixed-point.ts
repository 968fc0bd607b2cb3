/** @file The fixed point of a contraction, by accelerated iteration with the convergence rate of plain iteration. */

import { AndersonMemory } from "./anderson.js";
import { requireFinite } from "./model.js";

/** The iteration also ends after this many steps without progress, because rounding errors are only estimated. */
const PATIENCE = 100;
const NEAR_NOISE = 1000;

/** G(x) and the residual G(x) − x. */
export interface Evaluation {
  image: Float64Array;
  residual: Float64Array;
  /** The norm of the residual. */
  size: number;
}

export interface FixedPointOptions {
  /** The contraction factor c < 1 of the map in `norm`. */
  contraction: number;
  /** Stop when |G(x) − x| is at most this. */
  target: number;
  norm: (x: Float64Array) => number;
  /** Relative rounding error of the map. A residual below this fraction of |x| is noise and ends the iteration. */
  rounding: number;
  /** The largest number of applications of the map. Default: unlimited. */
  maxIterations?: number;
  /** The next point to try after an evaluation. Default: extrapolated from the last few [Anderson 1965]. */
  propose?: (evaluation: Evaluation) => Float64Array;
  /** Arrays of an earlier call to use again, whose result they overwrite. Default: new ones. */
  workspace?: Workspace;
}

/** The arrays of an iteration over points of n numbers. */
export class Workspace {
  readonly current: Evaluation;
  readonly next: Evaluation;
  readonly proposal: Float64Array;
  readonly memory: AndersonMemory;

  constructor(n: number) {
    const blank = () => ({ image: new Float64Array(n), residual: new Float64Array(n), size: 0 });
    [this.current, this.next] = [blank(), blank()];
    this.proposal = new Float64Array(n);
    this.memory = new AndersonMemory(n);
  }
}

export interface FixedPoint {
  /** G(x) at the last x. */
  point: Float64Array;
  /** The number of applications of the map. */
  iterations: number;
}

/**
 * Iterates x ← G(x) from `start` until |G(x) − x| ≤ `target`, until rounding errors prevent a smaller residual, or
 * until plain iteration would have reached the target long ago.
 *
 * The next x is a proposal if that is good enough, else the plain iterate G(x). Plain iteration from x₀ has a residual
 * of at most cᵏ|G(x₀) − x₀| after k steps. A proposal is accepted if its residual is at most 2 / (1 − c) times that
 * bound. The limit and the geometric rate are therefore those of plain iteration for any proposals. The factor
 * 2 / (1 − c) admits the iterates of exact policy iteration: their errors shrink by c per step, an error is at most
 * residual / (1 − c), and a residual is at most twice the error.
 *
 * @param apply writes G(x) into its second argument.
 * @throws Error when a residual is not finite.
 */
export function fixedPoint(
  apply: (x: Float64Array, into: Float64Array) => void,
  start: Float64Array,
  options: FixedPointOptions,
): FixedPoint {
  const { contraction, target, norm, rounding, maxIterations = Infinity } = options;
  const { workspace = new Workspace(start.length) } = options;
  const { propose = anderson(workspace) } = options;
  let iterations = 0;
  const evaluate = (x: Float64Array, into: Evaluation): void => {
    const { image, residual } = into;
    apply(x, image);
    for (let i = 0; i < x.length; i++) residual[i] = image[i] - x[i];
    into.size = norm(residual);
    iterations++;
  };

  let { current, next } = workspace;
  evaluate(start, current);
  requireFinite([current.size]);
  let allowed = (2 / (1 - contraction)) * current.size;
  let best = current.size;
  let sinceBest = 0;
  /** Steps since plain iteration would have reached the target. */
  let overdue = 0;
  while (current.size > target && iterations < maxIterations) {
    const noise = rounding * norm(current.image);
    if (current.size <= noise || (sinceBest > PATIENCE && best <= NEAR_NOISE * noise)) break;
    if (allowed <= target && overdue++ > PATIENCE) break;
    allowed *= contraction;
    evaluate(propose(current), next);
    if (!(next.size <= allowed)) evaluate(current.image, next);
    [current, next] = [next, current];
    requireFinite([current.size]);
    sinceBest = current.size < best ? 0 : sinceBest + 1;
    best = Math.min(best, current.size);
  }
  return { point: current.image, iterations };
}

/** Proposals by Anderson acceleration. */
function anderson({ memory, proposal }: Workspace): (evaluation: Evaluation) => Float64Array {
  memory.clear();
  return (evaluation) => {
    memory.push(evaluation);
    memory.extrapolate(evaluation, proposal);
    return proposal;
  };
}
