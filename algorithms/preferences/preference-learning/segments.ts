/** @file Shows the policy for comparisons: it acts in environments of its own, and its episodes are cut into segments. */

import type { Spaces } from "../../../src/datasets/demonstrations.js";
import type { VectorEnvironment } from "../../../src/env/contracts.js";
import type { Segment } from "../../../src/people/segment.js";
import { stateOf } from "../../../src/people/states.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { createRecorder } from "../../../src/rollout/trajectory.js";
import { executedActions, sampleInto, spaceWidth } from "../../../src/spaces/index.js";

/** A segment of the policy's episodes. Plain data. */
export interface ShownSegment extends Segment {
  readonly rewards: Float64Array;
  /** Whether a terminal state follows; then the segment may be shorter than the others. */
  readonly terminated: boolean;
}

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

/** Rows of the steps of segments, of `length` steps each: those after a terminal state are absorbing, and 0 otherwise. */
export interface SegmentRows {
  observations: Float32Array;
  actions: Float32Array | Int32Array;
  absorbing: Float32Array;
}

/** Writes the steps of a segment to rows from `row` on. */
export function writeSegment(
  { observations, actions }: Segment,
  { observationSpace, actionSpace }: Spaces,
  length: number,
  rows: SegmentRows,
  row: number,
): void {
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const steps = actions.length / actionWidth;
  rows.observations.set(observations.subarray(0, steps * width), row * width);
  rows.observations.fill(0, (row + steps) * width, (row + length) * width);
  rows.actions.set(actions, row * actionWidth);
  rows.actions.fill(0, (row + steps) * actionWidth, (row + length) * actionWidth);
  rows.absorbing.fill(0, row, row + steps);
  rows.absorbing.fill(1, row + steps, row + length);
}
