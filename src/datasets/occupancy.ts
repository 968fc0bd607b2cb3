/** @file The empirical occupancy measure of demonstrations in a tabular model. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import type { Demonstration } from "./demonstrations.js";
import { demonstratedSteps, nonEmptyEpisodes, sharedOut } from "./transitions.js";

/** Maps observations to the states of a model. */
export interface StateIndex {
  /**
   * The states `[T]` of observation rows `[T, width]`. @throws UsageError for a row that is not the observation of a
   * state
   */
  statesOf(observations: Float32Array): Int32Array;
}

/** @throws UsageError when two states have the same observation and so cannot be distinguished. */
export function stateIndex({ states, observations }: TabularModel): StateIndex {
  const width = observations.length / states;
  const keyOf = (rows: Float32Array, i: number) => rows.subarray(i * width, (i + 1) * width).join();
  const found = new Map<string, number>();
  for (let s = 0; s < states; s++) {
    const key = keyOf(observations, s);
    const other = found.get(key);
    if (other !== undefined) {
      throw new UsageError(
        `states ${other} and ${s} have the same observation, [${key}], so demonstrations cannot distinguish them`,
      );
    }
    found.set(key, s);
  }
  return {
    statesOf: (rows) =>
      Int32Array.from({ length: rows.length / width }, (_, i) => {
        const state = found.get(keyOf(rows, i));
        if (state === undefined)
          throw new UsageError(`observation [${keyOf(rows, i)}] does not belong to a state`);
        return state;
      }),
  };
}

/**
 * The weighted mean over episodes of (1 − γ) Σₜ γᵗ 1[sₜ = s, aₜ = a], `[states × actions]`, in the convention of
 * `stateActionOccupancy`: the remaining weight of a terminated episode is on its terminal state and the first action.
 * The unknown steps after a truncation, or between the steps of a subsampled episode, are represented by the
 * demonstrated steps, which share their weight.
 *
 * @throws UsageError for an observation that belongs to no state, states with the same observation, or demonstrations
 *   without demonstrated steps.
 */
export function demonstratedOccupancy(
  model: TabularModel,
  trajectories: readonly Demonstration[],
): Float64Array {
  const { states, actions, discount } = model;
  const index = stateIndex(model);
  const occupancy = new Float64Array(states * actions);
  const nonEmpty = nonEmptyEpisodes(trajectories);
  if (nonEmpty.length === 0)
    throw new UsageError("the demonstrations have no demonstrated steps, or only weights of 0");
  const total = nonEmpty.reduce((sum, { weight = 1 }) => sum + weight, 0);
  for (const trajectory of nonEmpty) {
    const { observations, actions: chosen, terminated, weight = 1 } = trajectory;
    const visited = index.statesOf(observations);
    const share = weight / total;
    const left = terminated ? discount ** chosen.length : 0;
    const steps = demonstratedSteps(trajectory);
    const weights = sharedOut(share * (1 - left), steps, discount);
    for (const [i, t] of steps.entries()) occupancy[visited[t] * actions + chosen[t]] += weights[i];
    occupancy[visited[chosen.length] * actions] += share * left;
  }
  return occupancy;
}
