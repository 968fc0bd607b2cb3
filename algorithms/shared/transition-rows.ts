/** @file Transitions as the rows that a discriminator draws from: those of the expert, and those of the learner. */

import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import { demonstratedTransitions } from "../../src/datasets/transitions.js";
import type { Rng } from "../../src/random/rng.js";
import type { Transitions } from "../../src/rollout/transitions.js";
import { allocateActions, spaceWidth } from "../../src/spaces/index.js";
import type { ActionBatch } from "../../src/spaces/values.js";
import type { Spaces } from "../imitation/adversarial/scorers.js";

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
  /** `[n]`, 0 or 1: what follows is the absorbing state. */
  nextAbsorbing: Float32Array;
  /** `[n]`: log π(a | s) of the learner; of an absorbing state 0, since there is nothing to choose. */
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

/** Rows to draw from: row i with a probability in proportion to `weights[i]`, and the absorbing state with its own. */
export interface RowSource extends Pick<Rows, "observations" | "actions" | "nextObservations"> {
  readonly count: number;
  readonly terminated: Uint8Array;
  /** `[n]` log π(a | s) of the learner, where it is asked for. */
  logProbs?: Float32Array;
  /** `[n]`; all alike without it. */
  readonly weights?: ArrayLike<number>;
  /** Of the absorbing state, where 1 is the mean weight of a row. */
  readonly absorbingWeight: number;
  /** The row of the step after row i, or −1 where there is none. */
  successor(i: number): number;
}

/**
 * The demonstrated transitions. Where episodes go on in an absorbing state, each that terminated was there once: of an
 * episode of which only some steps are demonstrated, for their share of its steps.
 *
 * @throws UsageError when there are none
 */
export function expertRows(demonstrations: Demonstrations, withAbsorbing: boolean): RowSource {
  const rows = demonstratedTransitions(demonstrations);
  const { count, episodes, weights } = rows;
  let absorbingWeight = 0;
  for (let i = 0; withAbsorbing && i < count; i++) {
    const { terminated, rewards } = demonstrations.trajectories[episodes[i]];
    if (terminated) absorbingWeight += (weights?.[i] ?? 1) / rewards.length;
  }
  const successor = (i: number) => (i + 1 < count && episodes[i + 1] === episodes[i] ? i + 1 : -1);
  return { ...rows, absorbingWeight, successor };
}

/** The learner's transitions, with the absorbing state once for each that terminated. */
export function learnerRows(transitions: Transitions, withAbsorbing: boolean): RowSource {
  const { terminated, truncated, environments = 0 } = transitions;
  const count = terminated.length;
  let ended = 0;
  for (const flag of terminated) ended += flag;
  const goesOn = (i: number) =>
    environments > 0 && !terminated[i] && !truncated?.[i] && i + environments < count;
  return {
    ...transitions,
    count,
    absorbingWeight: withAbsorbing ? ended : 0,
    successor: (i) => (goesOn(i) ? i + environments : -1),
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

/** The rows at which episodes, or what there is of them, start, and every `steps` rows after that. */
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
 * that terminated the window goes on in the absorbing state, where there is one; after any other it is empty.
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
export function copyTransition(source: RowSource, from: number, rows: Rows, to: number): void {
  const { observations, actions, nextObservations } = rows;
  const width = source.observations.length / source.count;
  const actionWidth = source.actions.length / source.count;
  const isAbsorbing = from === source.count;
  for (let j = 0, at = to * width, k = from * width; j < width; j++, at++, k++) {
    observations[at] = isAbsorbing ? 0 : source.observations[k];
    nextObservations[at] = isAbsorbing ? 0 : source.nextObservations[k];
  }
  for (let j = 0, at = to * actionWidth, k = from * actionWidth; j < actionWidth; j++, at++, k++) {
    actions[at] = isAbsorbing ? 0 : source.actions[k];
  }
  rows.absorbing[to] = isAbsorbing ? 1 : 0;
  rows.nextAbsorbing[to] = isAbsorbing || source.terminated[from] ? 1 : 0;
  rows.logProbs[to] = isAbsorbing ? 0 : (source.logProbs?.[from] ?? 0);
}
