/** @file Noise in actions: what an expert's slips are made of, in the labels or in what is carried out. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { describeSpace, type Space, sampleInto, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

export interface ActionNoise {
  /** The probability that an action is replaced by one drawn from the whole space; 0 without it. */
  chance?: number;
  /** Boxes only: standard deviation of the Gaussian noise on every entry, in the action's own unit; 0 without it. */
  deviation?: number;
}

/**
 * Noisy copies of the actions `[N, k]`, within the bounds of their space.
 *
 * @throws UsageError when `chance` is no probability, or `deviation` is negative or meant for a space without one.
 */
export function noisyActions(
  space: Space,
  actions: ActionBatch,
  { chance = 0, deviation = 0 }: ActionNoise,
  rng: Rng,
): ActionBatch {
  if (!(chance >= 0 && chance <= 1))
    throw new UsageError(`chance of action noise must be from 0 to 1, not ${chance}`);
  if (!(deviation >= 0 && deviation < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`deviation of action noise must be a finite number from 0 on, not ${deviation}`);
  }
  if (deviation > 0 && space.kind !== "box") {
    throw new UsageError(
      `a deviation of action noise needs a box of actions, not ${describeSpace(space)}: use chance`,
    );
  }
  const noisy = actions.slice();
  const width = spaceWidth(space);
  for (let at = 0; at < noisy.length; at += width) {
    if (chance > 0 && rng.uniform() < chance) sampleInto(space, rng, noisy, at);
    if (deviation === 0 || space.kind !== "box") continue;
    for (let j = 0; j < width; j++) {
      const moved = noisy[at + j] + deviation * rng.normal();
      noisy[at + j] = Math.min(Math.max(moved, space.low[j]), space.high[j]);
    }
  }
  return noisy;
}
