/**
 * @file Prioritised replay, proportional variant [Schaul et al. 2016, §3.3–3.4]: samples rows of a replay by priority
 * and computes their importance weights.
 */

import type { Snapshotable } from "../env/contracts.js";
import type { Rng } from "../random/rng.js";
import type { Tree } from "../state/snapshot.js";

/**
 * A binary tree of sums over weights ≥ 0. Changing a weight, and finding the weight at a given cumulative sum, take
 * O(log n). Every node is computed as the sum of its two children, so the tree depends only on the weights, not on
 * the order of updates.
 */
export class SumTree {
  /** The number of leaves, a power of two. */
  private readonly leaves: number;
  /** Node k has the children 2k and 2k + 1; the root is 1, and weight i is node `leaves + i`. */
  private readonly nodes: Float64Array;

  /** @param size the number of weights; all start at 0 */
  constructor(readonly size: number) {
    this.leaves = 1 << (32 - Math.clz32(size - 1));
    this.nodes = new Float64Array(2 * this.leaves);
  }

  get total(): number {
    return this.nodes[1];
  }

  get(i: number): number {
    return this.nodes[this.leaves + i];
  }

  set(i: number, weight: number): void {
    const { nodes } = this;
    let k = this.leaves + i;
    nodes[k] = weight;
    for (k >>= 1; k >= 1; k >>= 1) nodes[k] = nodes[2 * k] + nodes[2 * k + 1];
  }

  /** The index i whose interval of cumulative weights contains `mass`, in [0, total); never an i of weight 0. */
  find(mass: number): number {
    const { nodes, leaves } = this;
    let left = mass;
    let k = 1;
    while (k < leaves) {
      k *= 2;
      // By rounding, `mass` can exceed the last weight: never descend into a subtree of sum 0.
      if (left < nodes[k] || nodes[k + 1] === 0) continue;
      left -= nodes[k];
      k++;
    }
    return k - leaves;
  }

  /** The first `count` weights, as a view. */
  first(count: number): Float64Array {
    return this.nodes.subarray(this.leaves, this.leaves + count);
  }

  /** Sets the first weights to `weights` and all others to 0. */
  fill(weights: Float64Array): void {
    const { nodes, leaves } = this;
    nodes.fill(0, leaves);
    nodes.set(weights, leaves);
    for (let k = leaves - 1; k >= 1; k--) nodes[k] = nodes[2 * k] + nodes[2 * k + 1];
  }
}

/** Added to every error, so that rows with error 0 can still be drawn (ε in the paper). */
const SMALLEST_ERROR = 1e-6;

/** Sampling probabilities of the rows of a replay: P(i) = p_i^α / Σ_j p_j^α with p = |error| + ε (eq. 1). */
export class Priorities implements Snapshotable<Tree> {
  /** p^α of each row. */
  private readonly tree: SumTree;
  private stored = 0;
  /** The highest p^α so far: the initial priority of new rows. */
  private highest = 1;

  /**
   * @param capacity the number of rows of the replay
   * @param exponent α: the influence of priorities; 0 samples uniformly
   */
  constructor(
    capacity: number,
    private readonly exponent: number,
  ) {
    this.tree = new SumTree(capacity);
  }

  /** Gives rows `start`, …, `start + count − 1`, which were just written, the initial priority. */
  add(start: number, count: number): void {
    for (let i = start; i < start + count; i++) this.tree.set(i, this.highest);
    this.stored = Math.max(this.stored, start + count);
  }

  /** Fills `rows` with rows drawn by priority: one from each of B equal intervals of the total (app. B.2.1). */
  sample(rows: Int32Array, rng: Rng): Int32Array {
    const stretch = this.tree.total / rows.length;
    for (let i = 0; i < rows.length; i++) rows[i] = this.tree.find((i + rng.uniform()) * stretch);
    return rows;
  }

  /**
   * Fills `weights` with the importance weights of `rows`, (1 / N / P(i))^β, scaled so that the largest is 1 (§3.4).
   * They equal (min_j p_j^α / p_i^α)^β.
   *
   * @param exponent β: the degree of bias correction; 1 corrects the bias completely
   */
  weigh(rows: Int32Array, exponent: number, weights: Float32Array): Float32Array {
    let smallest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rows.length; i++) smallest = Math.min(smallest, this.tree.get(rows[i]));
    for (let i = 0; i < rows.length; i++) weights[i] = (smallest / this.tree.get(rows[i])) ** exponent;
    return weights;
  }

  /** Sets the priorities of `rows` from their errors. */
  update(rows: Int32Array, errors: Float32Array): void {
    for (let i = 0; i < rows.length; i++) {
      const priority = (Math.abs(errors[i]) + SMALLEST_ERROR) ** this.exponent;
      this.tree.set(rows[i], priority);
      this.highest = Math.max(this.highest, priority);
    }
  }

  /** Views of the live arrays; `snapshot` copies them. */
  getState(): Tree {
    return { priorities: this.tree.first(this.stored), highest: this.highest };
  }

  setState(state: Tree): void {
    const { priorities, highest } = state as { priorities: Float64Array; highest: number };
    this.tree.fill(priorities);
    this.stored = priorities.length;
    this.highest = highest;
  }
}
