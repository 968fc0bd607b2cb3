/** @file Labelled state–action pairs: what supervised imitation learns from. */

import type { Spaces } from "../../src/data/demonstrations.js";
import { UsageError } from "../../src/errors.js";
import type { ActionBatch } from "../../src/rollout/contracts.js";
import type { Trajectory } from "../../src/rollout/trajectory.js";
import { allocateActions, spaceWidth } from "../../src/spaces/index.js";

/** `count` pairs, row by row; the arrays may have room for more. */
export interface LabelledPairs {
  count: number;
  /** `[capacity, w]`. */
  observations: Float32Array;
  /** `[capacity, k]`. */
  actions: ActionBatch;
}

/** No pairs, with room for `capacity`. */
export function createPairs({ observationSpace, actionSpace }: Spaces, capacity: number): LabelledPairs {
  return {
    count: 0,
    observations: new Float32Array(capacity * spaceWidth(observationSpace)),
    actions: allocateActions(actionSpace, capacity),
  };
}

/** Appends rows, which must fit the pairs' widths; there must be room. */
export function appendPairs(
  pairs: LabelledPairs,
  observations: Float32Array,
  actions: ActionBatch,
  rows: number,
): void {
  const width = observations.length / rows;
  pairs.observations.set(observations, pairs.count * width);
  pairs.actions.set(actions, pairs.count * (actions.length / rows));
  pairs.count += rows;
}

/** Every state–action pair of the trajectories; the last observation of each has no action and is left out. */
export function pairsOf(
  trajectories: readonly Trajectory[],
  spaces: Spaces,
  extraCapacity = 0,
): LabelledPairs {
  const total = trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
  if (total === 0) throw new UsageError("there are no demonstrated actions to learn from");
  const pairs = createPairs(spaces, total + extraCapacity);
  const width = spaceWidth(spaces.observationSpace);
  for (const { observations, actions, rewards } of trajectories) {
    const steps = rewards.length;
    if (steps > 0) appendPairs(pairs, observations.subarray(0, steps * width), actions, steps);
  }
  return pairs;
}
