/**
 * @file The model of comparisons of [Bradley & Terry 1952]: P(i is better than j) = σ(s_i − s_j), its loss for segments
 * with learnt rewards [Christiano et al. 2017, §2.2.3] [N §3.5, eq. 68], and the strengths of items in closed form.
 */

import { UsageError } from "../../src/errors.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";

/** The largest difference of returns that has a gradient: beyond it float32 knows no other probability than 0 or 1. */
const LARGEST = 50;

/**
 * −[μ log p + (1 − μ) log(1 − p)], elementwise, of p = ε / 2 + (1 − ε) σ(Δ): the loss of comparisons.
 *
 * @param differences Δ, the return of the left segment minus that of the right one, in units of the temperature
 * @param targets μ: 1 where left was chosen, 0 where right was, ½ for "equal"
 * @param lapse ε, the probability of an answer without a look: half of these are mistakes
 */
export function comparisonLoss(differences: Tensor, targets: Tensor, lapse = 0): Tensor {
  const x = t.clip(differences, -LARGEST, LARGEST);
  if (lapse === 0) {
    // −log σ(x) = softplus(−x), and −log(1 − σ(x)) = softplus(x).
    return t.add(t.mul(targets, t.softplus(t.neg(x))), t.mul(t.sub(1, targets), t.softplus(x)));
  }
  const log = (p: Tensor) => t.log(t.add(t.mul(p, 1 - lapse), lapse / 2));
  const [left, right] = [log(t.sigmoid(x)), log(t.sigmoid(t.neg(x)))];
  return t.neg(t.add(t.mul(targets, left), t.mul(t.sub(1, targets), right)));
}

/** Iterations, and the largest change of a strength at which they end. */
const [MOST_ITERATIONS, SMALLEST_CHANGE] = [100_000, 1e-12];

/**
 * The strengths s `[n]` of items, of mean 0, that maximise the likelihood of the comparisons, by the MM algorithm
 * [Hunter 2004, eq. 3]. A tie counts as half a win of both.
 *
 * @param wins `[n][n]`: how often item i was chosen over item j
 * @throws UsageError when the maximum is infinite: one group of items was never beaten by the others, or never compared
 * with them [Ford 1957]
 */
export function bradleyTerry(wins: readonly (readonly number[])[]): Float64Array {
  const n = wins.length;
  requireWins(wins);
  requireConnected(wins);
  const total = wins.map((row) => row.reduce((sum, x) => sum + x, 0));
  let weights = new Float64Array(n).fill(1);
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const next = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) if (j !== i) sum += (wins[i][j] + wins[j][i]) / (weights[i] + weights[j]);
      next[i] = total[i] / sum;
    }
    const scale = Math.exp(next.reduce((sum, x) => sum + Math.log(x), 0) / n);
    let change = 0;
    for (let i = 0; i < n; i++) {
      next[i] /= scale;
      change = Math.max(change, Math.abs(Math.log(next[i] / weights[i])));
    }
    weights = next;
    if (change < SMALLEST_CHANGE) break;
  }
  return weights.map(Math.log);
}

function requireWins(wins: readonly (readonly number[])[]): void {
  const n = wins.length;
  if (n < 2) throw new UsageError(`bradleyTerry: there must be two items or more, not ${n}`);
  for (const [i, row] of wins.entries()) {
    if (row.length !== n) throw new UsageError(`bradleyTerry: row ${i} has ${row.length} entries, not ${n}`);
    for (const [j, x] of row.entries()) {
      if (x >= 0 && Number.isFinite(x) && (i !== j || x === 0)) continue;
      const right = i === j ? "0: no item is compared with itself" : "a number, at least 0";
      throw new UsageError(`bradleyTerry: entry [${i}][${j}] is ${x}; it must be ${right}`);
    }
  }
}

/** Requires that every item reaches every other along wins. */
function requireConnected(wins: readonly (readonly number[])[]): void {
  for (const [way, isWon] of [
    ["has not won against", (i: number, j: number) => wins[i][j] > 0],
    ["has not lost against", (i: number, j: number) => wins[j][i] > 0],
  ] as const) {
    const reached = new Set([0]);
    for (const i of reached) for (let j = 0; j < wins.length; j++) if (isWon(i, j)) reached.add(j);
    const other = wins.findIndex((_, j) => !reached.has(j));
    if (other < 0) continue;
    throw new UsageError(
      `bradleyTerry: the strengths have no finite maximum: item 0, and what it leads to, ${way} item ${other}; ` +
        "compare more, or add a fraction of a win to every pair",
    );
  }
}
