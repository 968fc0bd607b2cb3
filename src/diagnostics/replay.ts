/** @file Computes the actions of a policy in the states of recorded episodes. */

import type { ActOptions, Policy } from "../policies/contract.js";
import type { Trajectory } from "../rollout/trajectory.js";
import { createTurns } from "../rollout/turn.js";
import { allocateActions, executedActions, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

/**
 * The actions of `policy`, as they would be executed, in every non-final state of the trajectories: one array `[T, k]` per trajectory. States are
 * visited in order of time, so that recurrent policies have the correct state.
 */
export async function replay(
  policy: Policy,
  trajectories: readonly Trajectory[],
  { signal, ...options }: Pick<ActOptions, "rng" | "deterministic"> & { signal?: AbortSignal },
): Promise<ActionBatch[]> {
  const width = spaceWidth(policy.observationSpace);
  const actionWidth = spaceWidth(policy.actionSpace);
  const lengths = trajectories.map(({ rewards }) => rewards.length);
  const replayed = lengths.map((length) => allocateActions(policy.actionSpace, length));
  const observations = new Float32Array(trajectories.length * width);
  const turn = createTurns(signal);
  let state: Float32Array | undefined;
  for (let t = 0; t < Math.max(...lengths); t++) {
    await turn();
    for (const [i, trajectory] of trajectories.entries()) {
      if (t < lengths[i])
        observations.set(trajectory.observations.subarray(t * width, (t + 1) * width), i * width);
    }
    const result = await policy.act(observations, { ...options, state });
    state = result.state;
    const actions = executedActions(policy.actionSpace, result.actions);
    for (const [i, length] of lengths.entries()) {
      if (t >= length) continue;
      replayed[i].set(actions.subarray(i * actionWidth, (i + 1) * actionWidth), t * actionWidth);
    }
  }
  return replayed;
}
