/**
 * @file Transitions of the expert and of the learner as rows to draw minibatches from, without copying demonstrations.
 */

import type { Demonstrations, Spaces } from "../../src/datasets/demonstrations.js";
import { countPairs, demonstratedSteps, pairWeights } from "../../src/datasets/transitions.js";
import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";
import type { Transitions } from "../../src/rollout/transitions.js";
import { allocateActions, spaceWidth } from "../../src/spaces/index.js";
import type { ActionBatch } from "../../src/spaces/values.js";

/** Arrays with one row for each transition. Observation and action are 0 in a row of the absorbing state. */
export interface Rows {
  /** Observations `[n, w]`. */
  observations: Float32Array;
  /** Actions `[n, k]`. */
  actions: ActionBatch;
  /** Successor observations `[n, w]`. */
  nextObservations: Float32Array;
  /** `[n]`: 1 where the state is the absorbing state, else 0. */
  absorbing: Float32Array;
  /** `[n]`: 1 where the successor is the absorbing state, else 0. */
  nextAbsorbing: Float32Array;
  /** `[n]`: log π(a | s) of the learner; 0 in the absorbing state, which has no actions. */
  logProbs: Float32Array;
}

/** Zeroed arrays for `count` rows. */
export function createRows({ observationSpace, actionSpace }: Spaces, count: number): Rows {
  const width = spaceWidth(observationSpace);
  return {
    observations: new Float32Array(count * width),
    actions: allocateActions(actionSpace, count),
    nextObservations: new Float32Array(count * width),
    absorbing: new Float32Array(count),
    nextAbsorbing: new Float32Array(count),
    logProbs: new Float32Array(count),
  };
}

/** Arrays that hold transitions: row j of each belongs to the same transition. */
export type Block = Pick<Rows, "observations" | "actions" | "nextObservations">;

/** Rows to draw from. Row i and the absorbing state are drawn in proportion to `weights[i]` and `absorbingWeight`. */
export interface RowSource {
  readonly count: number;
  /** The arrays that hold row i, not copied. */
  block(i: number): Block;
  /** The position of row i in its block. */
  index(i: number): number;
  readonly terminated: Uint8Array;
  /** `[n]`: log π(a | s) of the learner, for discriminators that read it. */
  logProbs?: Float32Array;
  /** `[n]`; absent where all are equal. */
  readonly weights?: ArrayLike<number>;
  /** The absorbing state's weight, relative to a mean weight of 1 of the rows. */
  readonly absorbingWeight: number;
  /** The row of the step that follows row i, or −1 without one. */
  successor(i: number): number;
}

/**
 * The demonstrated transitions. With the absorbing state, each terminated episode visits it once, in a subsampled
 * episode times the fraction of its steps that are demonstrated.
 *
 * @throws UsageError when no action is demonstrated
 */
export function expertRows(demonstrations: Demonstrations, withAbsorbing: boolean): RowSource {
  const { env, trajectories, observationSpace } = demonstrations;
  const count = countPairs(trajectories);
  if (count === 0) throw new UsageError(`the demonstrations of ${env} have no action to learn from`);
  const width = spaceWidth(observationSpace);
  const blocks = trajectories.map(
    ({ observations, actions }): Block => ({
      observations,
      actions,
      nextObservations: observations.subarray(width),
    }),
  );
  const weights = pairWeights(trajectories);
  const [episodes, steps] = [new Int32Array(count), new Int32Array(count)];
  const terminated = new Uint8Array(count);
  let [row, absorbingWeight] = [0, 0];
  for (const [episode, trajectory] of trajectories.entries()) {
    const length = trajectory.rewards.length;
    for (const step of demonstratedSteps(trajectory)) {
      episodes[row] = episode;
      steps[row] = step;
      terminated[row] = Number(trajectory.terminated && step === length - 1);
      if (withAbsorbing && trajectory.terminated) absorbingWeight += (weights?.[row] ?? 1) / length;
      row++;
    }
  }
  return {
    count,
    block: (i) => blocks[episodes[i]],
    index: (i) => steps[i],
    terminated,
    ...(weights && { weights }),
    absorbingWeight,
    successor: (i) => (i + 1 < count && episodes[i + 1] === episodes[i] ? i + 1 : -1),
  };
}

/** The learner's transitions. With the absorbing state, each terminated episode visits it once. */
export function learnerRows(transitions: Transitions, withAbsorbing: boolean): RowSource {
  const { terminated, truncated, environments = 0 } = transitions;
  const count = terminated.length;
  let ended = 0;
  for (const flag of terminated) ended += flag;
  const continues = (i: number) =>
    environments > 0 && !terminated[i] && !truncated?.[i] && i + environments < count;
  return {
    count,
    block: () => transitions,
    index: (i) => i,
    terminated,
    absorbingWeight: withAbsorbing ? ended : 0,
    successor: (i) => (continues(i) ? i + environments : -1),
  };
}

/** Draws row indices with replacement. The index `count` is the absorbing state. */
export function rowDrawer(
  { count, weights, absorbingWeight }: Pick<RowSource, "count" | "weights" | "absorbingWeight">,
  rng: Rng,
): () => number {
  if (!weights) {
    if (absorbingWeight === 0) return () => rng.integer(count);
    return () => Math.min(count, Math.floor(rng.uniform() * (count + absorbingWeight)));
  }
  const sums = new Float64Array(count);
  for (let i = 0, total = 0; i < count; i++) sums[i] = total += weights[i];
  return () => {
    const target = rng.uniform() * (sums[count - 1] + absorbingWeight);
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Fills `rows` with rows drawn from `source`. */
export function drawRows(source: RowSource, rows: Rows, rng: Rng): void {
  const draw = rowDrawer(source, rng);
  for (let i = 0; i < rows.absorbing.length; i++) copyTransition(source, draw(), rows, i);
}

/** The first row of each episode, or of each recorded part of one, and every `steps` rows after it. */
export function windowStarts({ count, successor }: RowSource, steps: number): Int32Array {
  const place = new Int32Array(count);
  const starts: number[] = [];
  // A row precedes its successor, so its position in its window is already known.
  for (let i = 0; i < count; i++) {
    if (place[i] % steps === 0) starts.push(i);
    const next = successor(i);
    if (next >= 0) place[next] = place[i] + 1;
  }
  return Int32Array.from(starts);
}

/**
 * Fills `rows` with windows of `steps` rows each, and `masks` `[n]` with 1 for valid rows and 0 for padding. After a
 * terminated episode the window continues in the absorbing state, if there is one; after any other it is padded.
 */
export function drawWindows(
  source: RowSource,
  steps: number,
  rows: Rows,
  masks: Float32Array,
  rng: Rng,
  withAbsorbing: boolean,
): void {
  const { count, terminated, weights, successor } = source;
  const starts = windowStarts(source, steps);
  const startWeights = weights && Float64Array.from(starts, (i) => weights[i]);
  const draw = rowDrawer({ count: starts.length, weights: startWeights, absorbingWeight: 0 }, rng);
  for (let k = 0; k < masks.length; k += steps) {
    let row = starts[draw()];
    for (let j = 0; j < steps; j++) {
      masks[k + j] = row >= 0 ? 1 : 0;
      copyTransition(source, row >= 0 ? row : count, rows, k + j);
      if (row < 0 || row === count) continue;
      row = withAbsorbing && terminated[row] ? count : successor(row);
    }
  }
}

/** Copies row `from` of `source` to row `to`. Row `count` is the absorbing state, which is its own successor. */
function copyTransition(source: RowSource, from: number, rows: Rows, to: number): void {
  const isAbsorbing = from === source.count;
  const block = isAbsorbing ? undefined : source.block(from);
  const place = isAbsorbing ? 0 : source.index(from);
  const size = rows.absorbing.length;
  const [width, actionWidth] = [rows.observations.length / size, rows.actions.length / size];
  for (let j = 0, at = to * width, k = place * width; j < width; j++, at++, k++) {
    rows.observations[at] = block ? block.observations[k] : 0;
    rows.nextObservations[at] = block ? block.nextObservations[k] : 0;
  }
  for (let j = 0, at = to * actionWidth, k = place * actionWidth; j < actionWidth; j++, at++, k++) {
    rows.actions[at] = block ? block.actions[k] : 0;
  }
  rows.absorbing[to] = isAbsorbing ? 1 : 0;
  rows.nextAbsorbing[to] = isAbsorbing || source.terminated[from] ? 1 : 0;
  rows.logProbs[to] = isAbsorbing ? 0 : (source.logProbs?.[from] ?? 0);
}

/** A copy of the rows `from` to `to` − 1. `to` = `count + 1` includes the absorbing state. */
export function copyRows(spaces: Spaces, source: RowSource, from: number, to: number): Rows {
  const rows = createRows(spaces, to - from);
  for (let i = from; i < to; i++) copyTransition(source, i, rows, i - from);
  return rows;
}
