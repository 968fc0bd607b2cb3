/** @file Rollouts of fixed length from a vector environment: what PPO and its kin learn from. */

import type { Rng } from "../random/rng.js";
import { allocateActions, spaceWidth } from "../spaces/index.js";
import { requireSameStep } from "./autoreset.js";
import type { ActionBatch, Policy, VectorEnvironment } from "./contracts.js";

/** T steps of N environments, step-major: entry (t, i) is at `t * count + i`. Allocated once, refilled in place. */
export interface Rollout {
  /** T. */
  readonly steps: number;
  /** N. */
  readonly count: number;
  /** `[T, N, w]`: what was acted on. */
  readonly observations: Float32Array;
  /** `[T, N, k]`. */
  readonly actions: ActionBatch;
  /** `[T, N]` log-probability (density) of each action when it was taken. */
  readonly logProbs: Float32Array;
  /** `[T, N]` value of the observation acted on. */
  readonly values: Float32Array;
  /** `[T, N]` value of the observation that truly followed: 0 at termination, the final observation's at truncation. */
  readonly nextValues: Float32Array;
  /** `[T, N]`. */
  readonly rewards: Float64Array;
  /** `[T, N]`, 0 or 1. */
  readonly terminated: Uint8Array;
  /** `[T, N]`, 0 or 1. */
  readonly truncated: Uint8Array;
  /** Raw returns of the episodes that ended during this rollout, in order of step, then environment. */
  readonly episodeReturns: number[];
  /** Their lengths, in steps. */
  readonly episodeLengths: number[];
}

/** Return and length so far of the running episode of each environment, `[N]`: they outlive a rollout. */
export interface EpisodeTracker {
  readonly returns: Float64Array;
  readonly lengths: Int32Array;
}

/** A buffer for `steps` steps of every environment of `vector`. */
export function createRollout(vector: VectorEnvironment, steps: number): Rollout {
  const entries = steps * vector.count;
  return {
    steps,
    count: vector.count,
    observations: new Float32Array(entries * spaceWidth(vector.observationSpace)),
    actions: allocateActions(vector.actionSpace, entries),
    logProbs: new Float32Array(entries),
    values: new Float32Array(entries),
    nextValues: new Float32Array(entries),
    rewards: new Float64Array(entries),
    terminated: new Uint8Array(entries),
    truncated: new Uint8Array(entries),
    episodeReturns: [],
    episodeLengths: [],
  };
}

/** Trackers at the start of an episode, for `count` environments. */
export function createEpisodeTracker(count: number): EpisodeTracker {
  return { returns: new Float64Array(count), lengths: new Int32Array(count) };
}

/**
 * Steps every environment of `vector` through `rollout.steps` steps of `policy` and fills `rollout` in place.
 * The policy is asked once a step; the value of what followed a step is the one it gives with the next action, except
 * after a truncation, where the final observations are valued on their own.
 *
 * @throws when the policy gives no values or log-probabilities: only a policy with a critic can be learnt from here.
 * @throws UsageError when the vector has no same-step autoreset.
 */
export async function collectRollout(
  policy: Policy,
  vector: VectorEnvironment,
  rollout: Rollout,
  tracker: EpisodeTracker,
  rng: Rng,
): Promise<void> {
  const { steps, count, nextValues, terminated, truncated } = rollout;
  requireSameStep(vector);
  if (!policy.value) throw new Error("a rollout needs a policy with values: this one has no critic");
  rollout.episodeReturns.length = 0;
  rollout.episodeLengths.length = 0;

  for (let t = 0; t < steps; t++) {
    const start = t * count;
    const { actions, logProbs, values } = await policy.act(vector.observations, { rng });
    if (!logProbs || !values) throw new Error("a rollout needs a policy whose act gives logProbs and values");
    if (t > 0) valueContinuing(rollout, start - count, values);
    rollout.observations.set(vector.observations, t * vector.observations.length);
    rollout.actions.set(actions, t * actions.length);
    rollout.logProbs.set(logProbs, start);
    rollout.values.set(values, start);

    vector.step(actions);
    rollout.rewards.set(vector.rewards, start);
    terminated.set(vector.terminated, start);
    truncated.set(vector.truncated, start);
    if (track(tracker, vector, rollout)) {
      const finalValues = await policy.value(vector.finalObservations);
      for (let i = 0; i < count; i++) if (vector.truncated[i]) nextValues[start + i] = finalValues[i];
    }
    for (let i = 0; i < count; i++) if (vector.terminated[i]) nextValues[start + i] = 0;
  }
  valueContinuing(rollout, (steps - 1) * count, await policy.value(vector.observations));
}

/** Fills in the next values of the step at `start` for the rows whose episode goes on. */
function valueContinuing(
  { count, nextValues, terminated, truncated }: Rollout,
  start: number,
  values: Float32Array,
) {
  for (let i = 0; i < count; i++) {
    if (!terminated[start + i] && !truncated[start + i]) nextValues[start + i] = values[i];
  }
}

/** Counts the step just made and closes the episodes it ended. Whether some episode was truncated, not terminated. */
function track(tracker: EpisodeTracker, vector: VectorEnvironment, rollout: Rollout): boolean {
  let owed = false;
  for (let i = 0; i < vector.count; i++) {
    tracker.returns[i] += vector.rewards[i];
    tracker.lengths[i]++;
    if (!vector.terminated[i] && !vector.truncated[i]) continue;
    owed ||= !vector.terminated[i];
    rollout.episodeReturns.push(tracker.returns[i]);
    rollout.episodeLengths.push(tracker.lengths[i]);
    tracker.returns[i] = 0;
    tracker.lengths[i] = 0;
  }
  return owed;
}
