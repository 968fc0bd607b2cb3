/** @file The replay buffer of off-policy learners: the most recent transitions, in flat arrays. */

import { requireSameStep } from "../env/autoreset.js";
import type { Snapshotable, VectorEnvironment } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { allocateActions, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";
import type { Transitions } from "./transitions.js";

/** A batch for learning: B transitions over up to n steps. Allocated once, refilled in place. */
export interface TransitionBatch {
  /** `[B, w]`: the observations before the action. */
  readonly observations: Float32Array;
  /** `[B, k]`. */
  readonly actions: ActionBatch;
  /** `[B]`: Σ γ^k r over the steps of the transition. */
  readonly returns: Float32Array;
  /** `[B, w]`: the observation after the last step; at the end of an episode, its final observation. */
  readonly nextObservations: Float32Array;
  /** `[B]`: γ^m after m steps, the weight of the value of `nextObservations`; 0 when the last step terminated. */
  readonly discounts: Float32Array;
  /** `[B]`, 0 or 1: whether the last step terminated. */
  readonly terminated: Uint8Array;
}

/** Allocates a batch of `size` transitions for these spaces. */
export function createTransitionBatch(
  { observationSpace, actionSpace }: Pick<VectorEnvironment, "observationSpace" | "actionSpace">,
  size: number,
): TransitionBatch {
  const width = spaceWidth(observationSpace);
  return {
    observations: new Float32Array(size * width),
    actions: allocateActions(actionSpace, size),
    returns: new Float32Array(size),
    nextObservations: new Float32Array(size * width),
    discounts: new Float32Array(size),
    terminated: new Uint8Array(size),
  };
}

/** B transitions with rewards `[B]`: in order of time for one environment, step by step for several. */
export interface RewardedTransitions extends Omit<Transitions, "environments"> {
  readonly rewards: ArrayLike<number>;
}

export interface NStep {
  /** The number n of steps whose rewards are summed before bootstrapping from a value. */
  nStep: number;
  /** The discount γ. */
  discount: number;
}

/** Values of `ends`: how a step ended its episode. */
const TERMINATED = 1;
const TRUNCATED = 2;

/** The initial number of rows; the arrays double until they reach the capacity. */
const FIRST_ROWS = 1024;

/** The arrays, row by row. */
interface Columns {
  /** `[rows, w]`. */
  observations: Float32Array;
  /** `[rows, w]`. */
  nextObservations: Float32Array;
  /** `[rows, k]`. */
  actions: ActionBatch;
  /** `[rows]`. */
  rewards: Float32Array;
  /** `[rows]`: 0, TERMINATED or TRUNCATED. */
  ends: Uint8Array;
}

/**
 * The last `capacity` transitions of N environments. One step of all environments is stored as N consecutive rows, so
 * the successor of a row is N rows later; the oldest rows are overwritten. Storing a step and drawing a row take
 * constant time; memory grows with the number of stored rows.
 */
export class Replay implements Snapshotable<Tree> {
  /** The largest number of rows, a multiple of the number of environments. */
  readonly capacity: number;
  private readonly count: number;
  private readonly observationWidth: number;
  private readonly actionWidth: number;
  private columns: Columns;
  private stored = 0;
  /** The first row of the next step. */
  private head = 0;

  /**
   * A replay for transitions of `vector`, from which only the count and the spaces are read.
   *
   * @throws UsageError when `capacity` is less than one step of the vector, or the vector has no same-step autoreset.
   */
  constructor(
    vector: Pick<VectorEnvironment, "id" | "count" | "observationSpace" | "actionSpace" | "autoreset">,
    capacity: number,
  ) {
    requireSameStep(vector);
    this.count = vector.count;
    this.capacity = capacity - (capacity % vector.count);
    if (!(this.capacity >= vector.count)) {
      throw new UsageError(`a replay of ${capacity} transitions cannot hold a step of ${vector.count}`);
    }
    this.observationWidth = spaceWidth(vector.observationSpace);
    this.actionWidth = allocateActions(vector.actionSpace, 1).length;
    this.columns = {
      observations: new Float32Array(0),
      nextObservations: new Float32Array(0),
      actions: allocateActions(vector.actionSpace, 0),
      rewards: new Float32Array(0),
      ends: new Uint8Array(0),
    };
  }

  /** The number of stored transitions. */
  get size(): number {
    return this.stored;
  }

  /** Steps `vector` with `actions` and stores the transitions. */
  step(vector: VectorEnvironment, actions: ActionBatch): void {
    const { head, count, observationWidth: width } = this;
    this.reserve(head + count);
    const { columns } = this;
    columns.observations.set(vector.observations, head * width);
    columns.actions.set(actions, head * this.actionWidth);

    vector.step(actions);
    columns.rewards.set(vector.rewards, head);
    columns.nextObservations.set(vector.observations, head * width);
    for (let i = 0; i < count; i++) {
      const end = vector.terminated[i] ? TERMINATED : vector.truncated[i] ? TRUNCATED : 0;
      columns.ends[head + i] = end;
      if (end) copyRow(vector.finalObservations, i, columns.nextObservations, head + i, width);
    }
    this.advance(head + count);
  }

  /**
   * Stores transitions from another source, for example demonstrations: all, or those in a range.
   *
   * @throws UsageError when their number is not a multiple of the number of environments.
   */
  add(
    { observations, actions, rewards, nextObservations, terminated, truncated }: RewardedTransitions,
    from = 0,
    to = rewards.length,
  ): void {
    const { count, observationWidth: width, actionWidth } = this;
    if ((to - from) % count !== 0) {
      throw new UsageError(
        `${to - from} transitions are not whole steps of ${count} environments: give a multiple of ${count}`,
      );
    }
    for (let i = from; i < to; i++) {
      const row = this.head + ((i - from) % count);
      this.reserve(row + 1);
      const { columns } = this;
      copyRow(observations, i, columns.observations, row, width);
      copyRow(nextObservations, i, columns.nextObservations, row, width);
      copyRow(actions, i, columns.actions, row, actionWidth);
      columns.rewards[row] = rewards[i];
      columns.ends[row] = terminated[i] ? TERMINATED : truncated?.[i] ? TRUNCATED : 0;
      if ((i - from) % count === count - 1) this.advance(row + 1);
    }
  }

  /** Fills `rows` with rows drawn uniformly, with replacement. */
  sample(rows: Int32Array, rng: Rng): Int32Array {
    for (let i = 0; i < rows.length; i++) rows[i] = rng.integer(this.stored);
    return rows;
  }

  /**
   * Writes the transitions that start at `rows` into `batch`, from its row `at` on. Rewards are summed over `nStep`
   * steps, or over fewer when the episode ends earlier or later steps are not stored yet.
   */
  gather(rows: Int32Array, { nStep, discount }: NStep, batch: TransitionBatch, at = 0): void {
    const { observationWidth: width, actionWidth, columns } = this;
    const { rewards, ends } = columns;
    for (let k = 0, i = at; k < rows.length; k++, i++) {
      let row = rows[k];
      copyRow(columns.observations, row, batch.observations, i, width);
      copyRow(columns.actions, row, batch.actions, i, actionWidth);
      let sum = rewards[row];
      let weight = discount;
      for (let n = 1; n < nStep && ends[row] === 0; n++) {
        const next = this.successor(row);
        if (next < 0) break;
        row = next;
        sum += weight * rewards[row];
        weight *= discount;
      }
      batch.returns[i] = sum;
      const terminated = ends[row] === TERMINATED;
      batch.terminated[i] = Number(terminated);
      batch.discounts[i] = terminated ? 0 : weight;
      copyRow(columns.nextObservations, row, batch.nextObservations, i, width);
    }
  }

  /** The filled rows, as views of the live arrays; `snapshot` copies them. */
  getState(): Tree {
    const { stored, head, observationWidth, actionWidth, columns } = this;
    return {
      stored,
      head,
      observations: columns.observations.subarray(0, stored * observationWidth),
      nextObservations: columns.nextObservations.subarray(0, stored * observationWidth),
      actions: columns.actions.subarray(0, stored * actionWidth),
      rewards: columns.rewards.subarray(0, stored),
      ends: columns.ends.subarray(0, stored),
    };
  }

  setState(state: Tree): void {
    const { stored, head, ...columns } = state as unknown as Columns & { stored: number; head: number };
    this.columns = this.extend(columns, stored);
    this.stored = stored;
    this.head = head;
  }

  /** The row of the same environment's next step, or −1 when it is not stored yet. */
  private successor(row: number): number {
    const next = (row + this.count) % this.capacity;
    return next - (next % this.count) === this.head ? -1 : next;
  }

  /** Records that the rows before `end` are filled. */
  private advance(end: number): void {
    this.head = end % this.capacity;
    this.stored = Math.max(this.stored, end);
  }

  /** Grows the arrays to at least `rows` rows. */
  private reserve(rows: number): void {
    if (rows <= this.columns.rewards.length) return;
    const doubled = Math.max(FIRST_ROWS, 2 * this.columns.rewards.length, rows);
    this.columns = this.extend(this.columns, Math.min(doubled, this.capacity));
  }

  /** Copies of the columns with space for `rows` rows. */
  private extend(columns: Columns, rows: number): Columns {
    return {
      observations: extended(columns.observations, rows * this.observationWidth),
      nextObservations: extended(columns.nextObservations, rows * this.observationWidth),
      actions: extended(columns.actions, rows * this.actionWidth),
      rewards: extended(columns.rewards, rows),
      ends: extended(columns.ends, rows),
    };
  }
}

/** A copy of `array` with length `length`. */
function extended<T extends Float32Array | Int32Array | Uint8Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  return larger;
}

function copyRow(
  from: Float32Array | Int32Array,
  row: number,
  to: Float32Array | Int32Array,
  at: number,
  width: number,
): void {
  for (let k = 0, source = row * width, target = at * width; k < width; k++)
    to[target + k] = from[source + k];
}
