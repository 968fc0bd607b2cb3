/**
 * @file Prioritised replay (Schaul, Quan, Antonoglou & Silver 2016, "Prioritized Experience Replay", §3.3–3.4, the
 * proportional variant): which rows of a replay to draw, and how to weigh them.
 */

import type { Snapshotable } from "../env/contracts.js";
import type { Rng } from "../random/rng.js";
import type { Tree } from "../state/snapshot.js";

/**
 * Weights ≥ 0 under a binary tree of their sums: changing one and finding the one at a given cumulative weight take
 * O(log n). Every sum is that of its two children, so the tree is a function of its weights, not of their history.
 */
export class SumTree {
  /** A power of two. */
  private readonly leaves: number;
  /** Node k has the children 2k and 2k + 1; the root is 1, and weight i is node `leaves + i`. */
  private readonly nodes: Float64Array;

  /** @param size how many weights, all 0 */
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

  /** The i whose stretch of the cumulative weights holds `mass`, in [0, total); never one of weight 0. */
  find(mass: number): number {
    const { nodes, leaves } = this;
    let left = mass;
    let k = 1;
    while (k < leaves) {
      k *= 2;
      // Rounding can push the mass past the last weight: what is empty is not entered.
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

  /** Makes these the first weights and all others 0. */
  fill(weights: Float64Array): void {
    const { nodes, leaves } = this;
    nodes.fill(0, leaves);
    nodes.set(weights, leaves);
    for (let k = leaves - 1; k >= 1; k--) nodes[k] = nodes[2 * k] + nodes[2 * k + 1];
  }
}

/** Keeps every row within reach, though its error be 0 (the paper's ε). */
const SMALLEST_ERROR = 1e-6;

/** A priority for each row of a replay: P(i) = p_i^α / Σ_j p_j^α with p = |error| + ε (eq. 1). */
export class Priorities implements Snapshotable<Tree> {
  /** p^α of each row. */
  private readonly tree: SumTree;
  private stored = 0;
  /** The highest p^α so far: what a row gets that has not been learnt from yet. */
  private highest = 1;

  /**
   * @param capacity rows of the replay
   * @param exponent α: how much priorities count; 0 draws uniformly
   */
  constructor(
    capacity: number,
    private readonly exponent: number,
  ) {
    this.tree = new SumTree(capacity);
  }

  /** Rows `start`, …, `start + count − 1` have been written. */
  add(start: number, count: number): void {
    for (let i = start; i < start + count; i++) this.tree.set(i, this.highest);
    this.stored = Math.max(this.stored, start + count);
  }

  /** Fills `rows` with rows drawn by priority: one from each of equal stretches of the total (appendix B.2.1). */
  sample(rows: Int32Array, rng: Rng): Int32Array {
    const stretch = this.tree.total / rows.length;
    for (let i = 0; i < rows.length; i++) rows[i] = this.tree.find((i + rng.uniform()) * stretch);
    return rows;
  }

  /**
   * Fills `weights` with the importance weights of `rows`, (1 / N / P(i))^β, scaled so that the largest is 1 (§3.4):
   * that is (min_j p_j^α / p_i^α)^β.
   *
   * @param exponent β: how much of the bias is corrected; 1 is all of it
   */
  weigh(rows: Int32Array, exponent: number, weights: Float32Array): Float32Array {
    let smallest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rows.length; i++) smallest = Math.min(smallest, this.tree.get(rows[i]));
    for (let i = 0; i < rows.length; i++) weights[i] = (smallest / this.tree.get(rows[i])) ** exponent;
    return weights;
  }

  /** The rows' errors have been found to be these. */
  update(rows: Int32Array, errors: Float32Array): void {
    for (let i = 0; i < rows.length; i++) {
      const priority = (Math.abs(errors[i]) + SMALLEST_ERROR) ** this.exponent;
      this.tree.set(rows[i], priority);
      this.highest = Math.max(this.highest, priority);
    }
  }

  /** A view of what is live: `snapshot` copies it. */
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
