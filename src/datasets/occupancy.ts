/** @file Occupancy measures as demonstrations show them: where on a tabular model somebody was, and what they did. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import type { Demonstration } from "./demonstrations.js";
import { demonstratedSteps, nonEmptyEpisodes, sharedOut } from "./transitions.js";

/** Finds states of a model by their observations. */
export interface StateIndex {
  /** The states of observation rows `[T, width]`, `[T]`. @throws UsageError for a row of no state */
  statesOf(observations: Float32Array): Int32Array;
}

/** @throws UsageError when two states look alike: then observations do not say which it is. */
export function stateIndex({ states, observations }: TabularModel): StateIndex {
  const width = observations.length / states;
  const keyOf = (rows: Float32Array, i: number) => rows.subarray(i * width, (i + 1) * width).join();
  const found = new Map<string, number>();
  for (let s = 0; s < states; s++) {
    const key = keyOf(observations, s);
    const other = found.get(key);
    if (other !== undefined) {
      throw new UsageError(
        `states ${other} and ${s} look alike, [${key}]: demonstrations do not say which they were in`,
      );
    }
    found.set(key, s);
  }
  return {
    statesOf: (rows) =>
      Int32Array.from({ length: rows.length / width }, (_, i) => {
        const state = found.get(keyOf(rows, i));
        if (state === undefined) throw new UsageError(`observation [${keyOf(rows, i)}] is of no state`);
        return state;
      }),
  };
}

/**
 * The mean over episodes, by their weights, of (1 − γ) Σₜ γᵗ 1[sₜ = s, aₜ = a], `[states × actions]`, as
 * `stateActionOccupancy` counts: an episode that has ended stays where it ended, on the first action, with all the weight
 * that is left. What would have followed a truncated episode is unknown, and so is what is left out of a subsampled one:
 * the steps that are demonstrated stand for it.
 *
 * @throws UsageError for an observation of no state, states that look alike, or no demonstrated step.
 */
export function demonstratedOccupancy(
  model: TabularModel,
  trajectories: readonly Demonstration[],
): Float64Array {
  const { states, actions, discount } = model;
  const index = stateIndex(model);
  const occupancy = new Float64Array(states * actions);
  const speaking = nonEmptyEpisodes(trajectories);
  if (speaking.length === 0) throw new UsageError("there are no demonstrated actions to learn from");
  const total = speaking.reduce((sum, { weight = 1 }) => sum + weight, 0);
  for (const trajectory of speaking) {
    const { observations, actions: chosen, terminated, weight = 1 } = trajectory;
    const visited = index.statesOf(observations);
    const share = weight / total;
    const left = terminated ? discount ** chosen.length : 0;
    const shown = demonstratedSteps(trajectory);
    const worths = sharedOut(share * (1 - left), shown, discount);
    for (const [i, t] of shown.entries()) occupancy[visited[t] * actions + chosen[t]] += worths[i];
    occupancy[visited[chosen.length] * actions] += share * left;
  }
  return occupancy;
}
