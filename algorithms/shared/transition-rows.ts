/** @file Transitions as rows to draw from: those of the expert, read where the demonstrations hold them, and the learner's. */

import type { Demonstrations, Spaces } from "../../src/datasets/demonstrations.js";
import { countPairs, demonstratedSteps, pairWeights } from "../../src/datasets/transitions.js";
import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";
import type { Transitions } from "../../src/rollout/transitions.js";
import { allocateActions, spaceWidth } from "../../src/spaces/index.js";
import type { ActionBatch } from "../../src/spaces/values.js";

/** Arrays with a row a transition. A row of the absorbing state has zeros for an observation and an action. */
export interface Rows {
  /** `[n, w]`. */
  observations: Float32Array;
  /** `[n, k]`. */
  actions: ActionBatch;
  /** `[n, w]`. */
  nextObservations: Float32Array;
  /** `[n]`, 0 or 1: the state is the absorbing one. */
  absorbing: Float32Array;
  /** `[n]`, 0 or 1: the successor is the absorbing state. */
  nextAbsorbing: Float32Array;
  /** `[n]`: log π(a | s) of the learner; 0 in the absorbing state, where there is nothing to choose. */
  logProbs: Float32Array;
}

/** Room for `count` rows. */
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

/** Arrays whose row j, in each of them, belongs to one transition. */
export type Block = Pick<Rows, "observations" | "actions" | "nextObservations">;

/** Rows to draw from: row i with a probability in proportion to `weights[i]`, and the absorbing state with its own. */
export interface RowSource {
  readonly count: number;
  /** The arrays that hold row i. They are not copied. */
  block(i: number): Block;
  /** The place of row i in its block. */
  index(i: number): number;
  readonly terminated: Uint8Array;
  /** `[n]` log π(a | s) of the learner, where the discriminator needs it. */
  logProbs?: Float32Array;
  /** `[n]`; all equal without it. */
  readonly weights?: ArrayLike<number>;
  /** The absorbing state's weight, where the mean weight of a row is 1. */
  readonly absorbingWeight: number;
  /** The row of the step after row i, or −1 where there is none. */
  successor(i: number): number;
}

/**
 * The demonstrated transitions. With the absorbing state, each episode that terminated visits it once; a subsampled
 * episode counts by the share of its steps that are demonstrated.
 *
 * @throws UsageError when there are none
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

/** The learner's transitions, with the absorbing state once for each that terminated. */
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

/** Draws indices of rows with replacement; the number of rows stands for the absorbing state. */
function rowDrawer(
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

/** The rows at which episodes, or their recorded parts, start, and every `steps` rows after that. */
export function windowStarts({ count, successor }: RowSource, steps: number): Int32Array {
  const place = new Int32Array(count);
  const starts: number[] = [];
  // A row comes before its successor, so its place in its window is known by then.
  for (let i = 0; i < count; i++) {
    if (place[i] % steps === 0) starts.push(i);
    const next = successor(i);
    if (next >= 0) place[next] = place[i] + 1;
  }
  return Int32Array.from(starts);
}

/**
 * Fills `rows` with windows of `steps` rows each, and `masks` `[n]` with 1 for the rows that count. After an episode
 * that terminated the window continues in the absorbing state, where there is one; after any other it is empty.
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

/** Writes row `from` of `source` to row `to`; beyond the last one is the absorbing state, which leads to itself. */
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

/** A copy of the rows from `from` up to `to`; `count + 1` includes the absorbing state. */
export function copyRows(spaces: Spaces, source: RowSource, from: number, to: number): Rows {
  const rows = createRows(spaces, to - from);
  for (let i = from; i < to; i++) copyTransition(source, i, rows, i - from);
  return rows;
}
