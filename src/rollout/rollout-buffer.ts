/** @file Collects rollouts of fixed length from a vector environment, for on-policy algorithms such as PPO. */

import { requireSameStep } from "../env/autoreset.js";
import type { VectorEnvironment } from "../env/contracts.js";
import { addRow, type Moments, normalizeRow } from "../env/moments.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import { allocateActions, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { emptyMemory, forgets } from "./recurrent-reset.js";
import type { Transitions } from "./transitions.js";

/** T steps of N environments, step-major: entry (t, i) is at `t * count + i`. Allocated once, refilled in place. */
export interface Rollout {
  /** The number of steps T. */
  readonly steps: number;
  /** The number of environments N. */
  readonly count: number;
  /** `[T, N, w]`: the observations before each action; normalised when a normaliser is used. */
  readonly observations: Float32Array;
  /** `[T, N, k]`, before clipping to the bounds of a box. */
  readonly actions: ActionBatch;
  /** `[T, N]` log-probability (density) of each action when it was taken. */
  readonly logProbs: Float32Array;
  /** `[T, N]` value of the observation before the action. */
  readonly values: Float32Array;
  /** `[T, N]` value of the successor: 0 at termination, the value of the final observation at truncation. */
  readonly nextValues: Float32Array;
  /** `[T, N]`. */
  readonly rewards: Float64Array;
  /** `[T, N]`, 0 or 1. */
  readonly terminated: Uint8Array;
  /** `[T, N]`, 0 or 1. */
  readonly truncated: Uint8Array;
  /** `[T, N]`, 1 at the end of a trial; only of rollouts whose credit passes from episode to episode of a trial. */
  readonly ends?: Uint8Array;
  /** `[T, N]`, 1 for steps that were taken, 0 for padding, which is 0 in all arrays; only of rollouts with padding. */
  readonly weights?: Float32Array;
  /** `[N, m]`: the recurrent state before the first step; empty for policies without memory. */
  memory: Float32Array;
  /** `[T, N]`, 1 where the recurrent state was reset before the step. */
  readonly resets: Uint8Array;
  /** Raw returns of the episodes that ended during this rollout, in order of step, then environment. */
  readonly episodeReturns: number[];
  /** The lengths of these episodes, in steps. */
  readonly episodeLengths: number[];
}

/** The raw observations of a rollout, `[T, N, w]`, never normalised, for sources of rewards such as discriminators. */
export interface RawObservations {
  readonly observations: Float32Array;
  /** The observation after each step; at the end of an episode, its final observation. */
  readonly nextObservations: Float32Array;
}

/** The running episodes, which continue after a rollout: return and length so far of each environment, `[N]`. */
export interface EpisodeTracker {
  readonly returns: Float64Array;
  readonly lengths: Int32Array;
  /** `[N, m]`: the current recurrent state; empty before the first step. */
  memory: Float32Array;
}

/** Standardises observations, with running statistics, for a learning policy. */
export interface ObservationNormaliser {
  /** Moments of all observations acted on so far; updated in every step. */
  moments: Moments;
  clip: number;
}

/**
 * How a trial ends: with the value of its final observation, or as if it were terminal. Inside it, credit passes from
 * an episode to the next.
 */
export type TrialEnd = "bootstrap" | "terminal";

/**
 * A buffer for `steps` steps of every environment of `vector`.
 *
 * @param credit "episode": advantages stop at the end of an episode; "trial": at the end of a trial
 */
export function createRollout(
  vector: Pick<VectorEnvironment, "count" | "observationSpace" | "actionSpace">,
  steps: number,
  credit: "episode" | "trial" = "episode",
): Rollout {
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
    memory: new Float32Array(0),
    resets: new Uint8Array(entries),
    ...(credit === "trial" && { ends: new Uint8Array(entries) }),
    episodeReturns: [],
    episodeLengths: [],
  };
}

/** Allocates arrays for the raw observations of `steps` steps of `vector`. */
export function createRawObservations(vector: VectorEnvironment, steps: number): RawObservations {
  const size = steps * vector.observations.length;
  return { observations: new Float32Array(size), nextObservations: new Float32Array(size) };
}

/** A rollout as transitions, in the same order. The arrays are shared with the rollout, which reuses them. */
export const transitionsOf = (
  { count, actions, terminated, truncated }: Rollout,
  rawObservations: RawObservations,
): Transitions => ({ ...rawObservations, actions, terminated, truncated, environments: count });

/** Trackers at the start of an episode, for `count` environments. */
export function createEpisodeTracker(count: number): EpisodeTracker {
  return { returns: new Float64Array(count), lengths: new Int32Array(count), memory: new Float32Array(0) };
}

/**
 * Steps every environment of `vector` through `rollout.steps` steps of `policy` and fills `rollout` in place.
 * Values that the policy returns with its actions are used; otherwise all values are computed in one batch at the end,
 * which is fastest. The successor's value of a step is the value of the next observation or, after a truncation, of
 * the final observation.
 *
 * With a `normaliser`, the rollout contains normalised observations, and the policy acts on them. Final observations
 * are normalised with the statistics of the step that reached them.
 *
 * With `rawObservations`, the raw observations are stored there.
 *
 * In a rollout with credit by trials, the successor of an episode's last step is the first observation of the next
 * episode; `trialEnd` says what follows the last step of the trial.
 *
 * The recurrent state continues from the last rollout. It is reset at the end of an episode or, in a task family, of
 * a trial.
 *
 * @throws Error when the policy returns no values or log-probabilities: learning from rollouts needs a critic.
 * @throws UsageError when the vector has no same-step autoreset.
 */
export async function collectRollout(
  policy: Policy,
  vector: VectorEnvironment,
  rollout: Rollout,
  tracker: EpisodeTracker,
  rng: Rng,
  normaliser?: ObservationNormaliser,
  rawObservations?: RawObservations,
  trialEnd: TrialEnd = "bootstrap",
): Promise<void> {
  const { steps, count, observations, resets } = rollout;
  requireSameStep(vector);
  if (!policy.value) throw new Error("a rollout needs a policy with values: this one has no critic");
  rollout.episodeReturns.length = 0;
  rollout.episodeLengths.length = 0;
  rollout.memory = tracker.memory.slice();
  resets.fill(0);
  const width = vector.observations.length;
  const truncations: Truncations = { entries: [], observations: [], memory: [] };
  let valued = false;

  for (let t = 0; t < steps; t++) {
    const start = t * count;
    const seen = observations.subarray(t * width, (t + 1) * width);
    show(vector, seen, normaliser);
    rawObservations?.observations.set(vector.observations, t * width);
    const result = await policy.act(seen, { rng, state: orUndefined(tracker.memory) });
    const { actions, unclipped = actions, logProbs, values, state } = result;
    if (!logProbs) throw new Error("a rollout needs a policy whose act gives logProbs");
    rollout.actions.set(unclipped, t * actions.length);
    rollout.logProbs.set(logProbs, start);
    if (values) rollout.values.set(values, start);
    valued = values !== undefined;

    vector.step(actions);
    rollout.rewards.set(vector.rewards, start);
    rollout.terminated.set(vector.terminated, start);
    rollout.truncated.set(vector.truncated, start);
    if (rollout.ends) for (let i = 0; i < count; i++) rollout.ends[start + i] = Number(forgets(vector, i));
    if (rawObservations) keepFollowing(rawObservations, t * width, vector);
    if (trackEpisodes(tracker, vector, rollout)) keepTruncated(truncations, start, vector, normaliser, state);
    if (!state) continue;
    if (rollout.memory.length === 0) rollout.memory = new Float32Array(state.length);
    emptyMemory(state, vector);
    tracker.memory = state;
    if (t + 1 < steps) {
      for (let i = 0; i < count; i++) resets[start + count + i] = forgets(vector, i) ? 1 : 0;
    }
  }

  const last = normalised(vector.observations, normaliser);
  const rows = joined([...(valued ? [] : [observations]), last, ...truncations.observations]);
  const found = await policy.value(rows, orUndefined(joined([tracker.memory, ...truncations.memory])));
  if (!valued) rollout.values.set(found.subarray(0, steps * count));
  followValues(rollout, truncations, valued ? found : found.subarray(steps * count), trialEnd);
}

/** Stores the successor observations of the last step, for every environment. */
function keepFollowing(
  { nextObservations }: RawObservations,
  start: number,
  vector: VectorEnvironment,
): void {
  const { count, observations, finalObservations, terminated, truncated } = vector;
  const width = observations.length / count;
  nextObservations.set(observations, start);
  for (let i = 0; i < count; i++) {
    if (!terminated[i] && !truncated[i]) continue;
    for (let j = i * width; j < (i + 1) * width; j++) nextObservations[start + j] = finalObservations[j];
  }
}

/** The recurrent state to pass to the policy: undefined for policies without memory. */
const orUndefined = (memory: Float32Array) => (memory.length > 0 ? memory : undefined);

/** The final observations and recurrent states of truncated episodes, one row each. */
interface Truncations {
  /** The entries of the rollout whose next values are the values of these observations. */
  entries: number[];
  observations: Float32Array[];
  memory: Float32Array[];
}

function keepTruncated(
  truncations: Truncations,
  start: number,
  vector: VectorEnvironment,
  normaliser?: ObservationNormaliser,
  state?: Float32Array,
): void {
  const final = normalised(vector.finalObservations, normaliser);
  const row = (array: Float32Array, i: number) => {
    const width = array.length / vector.count;
    return array.slice(i * width, (i + 1) * width);
  };
  for (let i = 0; i < vector.count; i++) {
    if (!vector.truncated[i] || vector.terminated[i]) continue;
    truncations.entries.push(start + i);
    truncations.observations.push(row(final, i));
    if (state) truncations.memory.push(row(state, i));
  }
}

/**
 * Fills in `nextValues`; `beyond` holds the values of the observations after the last step, then of the truncations.
 */
function followValues(
  rollout: Rollout,
  { entries }: Truncations,
  beyond: Float32Array,
  trialEnd: TrialEnd,
): void {
  const { steps, count, values, nextValues, terminated, ends } = rollout;
  nextValues.set(values.subarray(count));
  nextValues.set(beyond.subarray(0, count), (steps - 1) * count);
  for (const [k, entry] of entries.entries()) {
    if (!ends || ends[entry]) nextValues[entry] = beyond[count + k];
  }
  for (let k = 0; k < nextValues.length; k++) {
    const nothingFollows = ends ? ends[k] && (terminated[k] || trialEnd === "terminal") : terminated[k];
    if (nothingFollows) nextValues[k] = 0;
  }
}

/** Writes the current observations of `vector` to `out`, after updating the normaliser with them. */
function show(vector: VectorEnvironment, out: Float32Array, normaliser?: ObservationNormaliser): void {
  if (!normaliser) {
    out.set(vector.observations);
    return;
  }
  for (let i = 0; i < vector.count; i++) addRow(normaliser.moments, vector.observations, i);
  for (let i = 0; i < vector.count; i++) {
    normalizeRow(normaliser.moments, normaliser.clip, vector.observations, out, i);
  }
}

/** Observations normalised with the current statistics. */
function normalised(observations: Float32Array, normaliser?: ObservationNormaliser): Float32Array {
  if (!normaliser) return observations;
  const { moments, clip } = normaliser;
  const out = new Float32Array(observations.length);
  const rows = observations.length / moments.mean.length;
  for (let i = 0; i < rows; i++) normalizeRow(moments, clip, observations, out, i);
  return out;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/**
 * Counts the last step and adds the episodes that it ended to `finished`. Returns whether an episode was truncated
 * without termination.
 */
export function trackEpisodes(
  tracker: EpisodeTracker,
  vector: VectorEnvironment,
  finished: Pick<Rollout, "episodeReturns" | "episodeLengths">,
): boolean {
  let needsValue = false;
  for (let i = 0; i < vector.count; i++) {
    tracker.returns[i] += vector.rewards[i];
    tracker.lengths[i]++;
    if (!vector.terminated[i] && !vector.truncated[i]) continue;
    needsValue ||= !vector.terminated[i];
    finished.episodeReturns.push(tracker.returns[i]);
    finished.episodeLengths.push(tracker.lengths[i]);
    tracker.returns[i] = 0;
    tracker.lengths[i] = 0;
  }
  return needsValue;
}
