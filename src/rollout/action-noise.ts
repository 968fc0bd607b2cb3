/** @file Random perturbations of actions, to simulate an expert's mistakes in labels or in executed actions. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { describeSpace, type Space, sampleInto, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

export interface ActionNoise {
  /** The probability that an action is replaced by a sample from the whole space. Default 0. */
  chance?: number;
  /** Boxes only: standard deviation of the Gaussian noise on every entry, in the action's unit. Default 0. */
  deviation?: number;
}

/**
 * Noisy copies of the actions `[N, k]`, within the bounds of their space.
 * @throws UsageError when `chance` is not in [0, 1], `deviation` is negative or not finite, or `deviation` is set for
 *   a space that is not a box.
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
    throw new UsageError(`deviation of action noise must be a finite number ≥ 0, not ${deviation}`);
  }
  if (deviation > 0 && space.kind !== "box") {
    throw new UsageError(
      `deviation of action noise needs a box of actions, not ${describeSpace(space)}: use chance`,
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
