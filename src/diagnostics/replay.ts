/** @file What a policy would have done in the states of other episodes. */

import type { ActOptions, Policy } from "../policies/contract.js";
import type { Trajectory } from "../rollout/trajectory.js";
import { allocateActions, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

/**
 * The actions of `policy` in every state of the trajectories that an action was taken in: one `[T, k]` a trajectory.
 * The episodes are gone through in step, so that a recurrent policy remembers each.
 */
export async function replay(
  policy: Policy,
  trajectories: readonly Trajectory[],
  options: Pick<ActOptions, "rng" | "deterministic">,
): Promise<ActionBatch[]> {
  const width = spaceWidth(policy.observationSpace);
  const actionWidth = spaceWidth(policy.actionSpace);
  const lengths = trajectories.map(({ rewards }) => rewards.length);
  const replayed = lengths.map((length) => allocateActions(policy.actionSpace, length));
  const observations = new Float32Array(trajectories.length * width);
  let state: Float32Array | undefined;
  for (let t = 0; t < Math.max(...lengths); t++) {
    for (const [i, trajectory] of trajectories.entries()) {
      if (t < lengths[i])
        observations.set(trajectory.observations.subarray(t * width, (t + 1) * width), i * width);
    }
    const result = await policy.act(observations, { ...options, state });
    state = result.state;
    for (const [i, length] of lengths.entries()) {
      if (t >= length) continue;
      replayed[i].set(result.actions.subarray(i * actionWidth, (i + 1) * actionWidth), t * actionWidth);
    }
  }
  return replayed;
}
