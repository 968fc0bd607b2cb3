/** @file Labelled state–action pairs, the training data of supervised imitation. */

import type { Demonstration, Spaces } from "../../src/datasets/demonstrations.js";
import { countPairs, demonstratedRuns, pairWeights } from "../../src/datasets/transitions.js";
import { addRow, createMoments } from "../../src/env/moments.js";
import { UsageError } from "../../src/errors.js";
import type { ObservationStatistics } from "../../src/policies/statistics.js";
import {
  type ActionScaling,
  actionScaling,
  allocateActions,
  isBound,
  spaceWidth,
} from "../../src/spaces/index.js";
import type { ActionBatch } from "../../src/spaces/values.js";
import { NORMALISED_CLIP } from "./networks.js";

/** `count` pairs, row by row; the arrays may have room for more. */
export interface LabelledPairs {
  count: number;
  /** Observations `[capacity, w]`. */
  observations: Float32Array;
  /** Actions `[capacity, k]`. */
  actions: ActionBatch;
  /** Weights `[capacity]`, of mean 1 over the demonstrated pairs; absent where all are equal. */
  weights?: Float32Array;
}

/** An empty set of pairs with room for `capacity`. */
export function createPairs({ observationSpace, actionSpace }: Spaces, capacity: number): LabelledPairs {
  return {
    count: 0,
    observations: new Float32Array(capacity * spaceWidth(observationSpace)),
    actions: allocateActions(actionSpace, capacity),
  };
}

/** Appends rows with weight 1. The rows must have the pairs' widths, and the capacity must suffice. */
export function appendPairs(
  pairs: LabelledPairs,
  observations: Float32Array,
  actions: ActionBatch,
  rows: number,
): void {
  const width = observations.length / rows;
  pairs.observations.set(observations, pairs.count * width);
  pairs.actions.set(actions, pairs.count * (actions.length / rows));
  pairs.weights?.fill(1, pairs.count, pairs.count + rows);
  pairs.count += rows;
}

/** The demonstrated state–action pairs. The last observation of each trajectory has no action and is left out. */
export function pairsOf(
  trajectories: readonly Demonstration[],
  spaces: Spaces,
  extraCapacity = 0,
): LabelledPairs {
  const total = countPairs(trajectories);
  if (total === 0) throw new UsageError("there are no demonstrated actions to learn from");
  const pairs = createPairs(spaces, total + extraCapacity);
  const [width, actionWidth] = [spaceWidth(spaces.observationSpace), spaceWidth(spaces.actionSpace)];
  for (const trajectory of trajectories) {
    const { observations, actions } = trajectory;
    for (const [from, to] of demonstratedRuns(trajectory)) {
      pairs.observations.set(observations.subarray(from * width, to * width), pairs.count * width);
      pairs.actions.set(actions.subarray(from * actionWidth, to * actionWidth), pairs.count * actionWidth);
      pairs.count += to - from;
    }
  }
  const weights = pairWeights(trajectories);
  if (!weights) return pairs;
  const all = new Float32Array(total + extraCapacity);
  all.set(weights);
  return { ...pairs, weights: all };
}

/** Mean and deviation of the observations of pairs. */
export function statisticsOf(
  { observations, count }: LabelledPairs,
  { observationSpace }: Spaces,
): ObservationStatistics {
  const moments = createMoments(spaceWidth(observationSpace));
  for (let pair = 0; pair < count; pair++) addRow(moments, observations, pair);
  return { moments, clip: NORMALISED_CLIP };
}

/** Smallest deviation of an action relative to its mean that is not rounding. */
const LEAST_DEVIATION = 1e-6;

/**
 * The scaling of a box's actions: by bounds where an entry has both, and otherwise by the mean and the deviation of the
 * pairs, so that learning does not depend on the units of actions. `undefined` for other spaces.
 */
export function scalingOf(
  { count, actions, weights }: LabelledPairs,
  { actionSpace }: Pick<Spaces, "actionSpace">,
): ActionScaling | undefined {
  const byBounds = actionScaling(actionSpace);
  if (actionSpace.kind !== "box") return byBounds;
  const { low, high } = actionSpace;
  if (low.every((bound, i) => isBound(bound) && isBound(high[i]))) return byBounds;
  const mean = (of: (pair: number) => number) => {
    let [sum, total] = [0, 0];
    for (let pair = 0; pair < count; pair++) {
      const weight = weights?.[pair] ?? 1;
      sum += weight * of(pair);
      total += weight;
    }
    return sum / total;
  };
  const entries = low.map((bound, i) => {
    if (isBound(bound) && isBound(high[i])) return [byBounds?.centre[i] ?? 0, byBounds?.halfWidth[i] ?? 1];
    const action = (pair: number) => actions[pair * low.length + i];
    const centre = mean(action);
    const deviation = Math.sqrt(mean((pair) => (action(pair) - centre) ** 2));
    return [centre, deviation > LEAST_DEVIATION * Math.abs(centre) ? deviation : 1];
  });
  return { centre: entries.map(([centre]) => centre), halfWidth: entries.map(([, half]) => half) };
}
