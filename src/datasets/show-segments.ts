/** @file Segments of policies for comparisons: their episodes cut into pieces, and pieces that start in the same state. */

import type { VectorEnvironment } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { stateOf } from "../people/states.js";
import type { ActOptions, Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import { createRecorder } from "../rollout/trajectory.js";
import { executedActions, sampleInto, spaceWidth } from "../spaces/index.js";
import type { PreferenceSegment } from "./preferences.js";

/** A segment of a policy's episodes, with rewards. */
export type ShownSegment = PreferenceSegment & { readonly rewards: Float64Array };

export interface ShowOptions {
  /** Number of segments. */
  count: number;
  /** L, the steps of a segment that is not terminated. */
  segmentLength: number;
  /** Probability of a random action in place of the policy's. */
  exploration: number;
  /** Whether segments begin with a snapshot of their environment. */
  withSnapshots: boolean;
}

/**
 * Segments of the sampled policy. An episode is cut into segments of L steps from its start on; the last one is kept if
 * the episode terminated, and dropped if a time limit cut it, so that all are equally long or ended.
 *
 * @returns the segments, and the number of environment steps
 */
export async function showSegments(
  policy: Policy,
  environments: VectorEnvironment,
  { count, segmentLength, exploration, withSnapshots }: ShowOptions,
  rng: Rng,
): Promise<{ segments: ShownSegment[]; steps: number }> {
  const { count: rows, observationSpace, actionSpace, observations, finalObservations } = environments;
  const { rewards, terminated, truncated } = environments;
  const actionWidth = spaceWidth(actionSpace);
  const recorders = Array.from({ length: rows }, () => createRecorder(observationSpace, actionSpace));
  const snapshots = Array.from<ReturnType<typeof stateOf>>({ length: rows });
  const segments: ShownSegment[] = [];
  let steps = 0;
  while (segments.length < count) {
    if (withSnapshots && recorders.some((recorder) => recorder.steps === 0)) {
      const all = environments.getState();
      for (const [i, recorder] of recorders.entries()) {
        if (recorder.steps === 0) snapshots[i] = stateOf(all, i, rows);
      }
    }
    const chosen = executedActions(actionSpace, (await policy.act(observations, { rng })).actions).slice();
    for (let i = 0; i < rows; i++) {
      if (rng.uniform() < exploration) sampleInto(actionSpace, rng, chosen, i * actionWidth);
      recorders[i].act(observations, chosen, i);
    }
    environments.step(chosen);
    steps += rows;
    for (const [i, recorder] of recorders.entries()) {
      recorder.reward(rewards[i]);
      const ended = terminated[i] === 1 || truncated[i] === 1;
      if (!ended && recorder.steps < segmentLength) continue;
      const isWhole = terminated[i] === 1 || recorder.steps === segmentLength;
      const last = ended ? finalObservations : observations;
      const ending = { terminated: terminated[i] === 1, truncated: false };
      const { truncated: _, ...segment } = recorder.finish(last, i, ending);
      if (!isWhole || segments.length === count) continue;
      segments.push({ ...segment, ...(withSnapshots && { snapshot: snapshots[i] }) });
    }
  }
  return { segments, steps };
}

/** Who acts, and how. */
export interface Actor {
  policy: Policy;
  acting: ActOptions;
}

export interface PairedOptions {
  /** Number of pairs, which is a multiple of the number of environments. */
  count: number;
  /** Most steps of a segment. */
  segmentLength: number;
  first: Actor;
  second: Actor;
  /** Whether segments begin with a snapshot of their environment. */
  withSnapshots?: boolean;
}

/**
 * Pairs of segments that start in the same state: in the present state of every environment the first policy acts, and
 * from the same snapshot the second one. The episode goes on with what the second one did, so that the states are those
 * that it visits.
 *
 * @returns the pairs, and the number of environment steps
 * @throws UsageError for environments without snapshots
 */
export async function pairedSegments(
  environments: VectorEnvironment,
  { count, segmentLength, first, second, withSnapshots = false }: PairedOptions,
): Promise<{ pairs: [ShownSegment, ShownSegment][]; steps: number }> {
  const pairs: [ShownSegment, ShownSegment][] = [];
  let steps = 0;
  while (pairs.length < count) {
    const snapshot = snapshotOf(environments);
    const ofFirst = await play(environments, segmentLength, first);
    environments.setState(snapshot);
    const ofSecond = await play(environments, segmentLength, second);
    for (const [i, segment] of ofFirst.entries()) {
      const start = withSnapshots && { snapshot: stateOf(snapshot, i, environments.count) };
      pairs.push([
        { ...segment, ...start },
        { ...ofSecond[i], ...start },
      ]);
      steps += segment.rewards.length + ofSecond[i].rewards.length;
    }
  }
  return { pairs, steps };
}

function snapshotOf(environments: VectorEnvironment) {
  try {
    return environments.getState();
  } catch (cause) {
    throw new UsageError(
      "segments with the same start need an environment that restores snapshots, with getState and setState: " +
        (cause as Error).message,
      { cause },
    );
  }
}

/** A segment of each environment: `length` steps, or fewer to the end of its episode. */
async function play(
  environments: VectorEnvironment,
  length: number,
  { policy, acting }: Actor,
): Promise<ShownSegment[]> {
  const { count, observationSpace, actionSpace, observations, finalObservations } = environments;
  const { rewards, terminated, truncated } = environments;
  const recorders = Array.from({ length: count }, () => createRecorder(observationSpace, actionSpace));
  const segments = Array.from<ShownSegment | undefined>({ length: count });
  while (segments.some((segment) => segment === undefined)) {
    const actions = executedActions(actionSpace, (await policy.act(observations, acting)).actions).slice();
    for (const [i, recorder] of recorders.entries()) if (!segments[i]) recorder.act(observations, actions, i);
    environments.step(actions);
    for (const [i, recorder] of recorders.entries()) {
      if (segments[i]) continue;
      recorder.reward(rewards[i]);
      const ended = terminated[i] === 1 || truncated[i] === 1;
      if (!ended && recorder.steps < length) continue;
      const ending = { terminated: terminated[i] === 1, truncated: false };
      const { truncated: _, ...segment } = recorder.finish(
        ended ? finalObservations : observations,
        i,
        ending,
      );
      segments[i] = segment;
    }
  }
  return segments as ShownSegment[];
}
