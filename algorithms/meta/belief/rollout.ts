/** @file Plays one trial of every environment with a belief policy, and records it for policies and encoder. */

import type { VectorEnvironment } from "../../../src/env/contracts.js";
import { addRow, type Moments } from "../../../src/env/moments.js";
import type { FeedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import { UsageError } from "../../../src/errors.js";
import type { BeliefPolicy } from "../../../src/policies/belief.js";
import type { Rng } from "../../../src/random/rng.js";
import type { EpisodeTracker, Rollout, TrialEnd } from "../../../src/rollout/rollout-buffer.js";
import { trackEpisodes } from "../../../src/rollout/rollout-buffer.js";

/** The steps of a trial that one actor–critic learns from: from episode `from` on, to before episode `to`. */
export interface Phase {
  readonly from: number;
  readonly to: number;
  readonly rollout: Rollout;
}

/** The record of one trial of N environments, overwritten by the next. */
export interface TrialRecord {
  readonly phases: readonly Phase[];
  /** Steps of an episode. */
  readonly horizon: number;
  /** `[T, N, width]`: transitions [s, a, r, s′], encoded. */
  readonly transitions: Float32Array;
  /** `[T + 1, N, C]`: q(c | τ:t) before each step and after the last; empty without clusters. */
  readonly clusters: Float32Array;
}

/**
 * Plays a trial of every environment. Observations of the phases' rollouts are the rows that the actor–critics received.
 * `moments` are updated with the rows of each step after it.
 *
 * @throws UsageError when an episode ends before the time limit: trials of unequal lengths are not supported
 */
export async function playTrial(
  policy: BeliefPolicy,
  view: VectorEnvironment,
  record: TrialRecord,
  tracker: EpisodeTracker,
  moments: Moments,
  layout: FeedbackLayout,
  rng: Rng,
  trialEnd: TrialEnd,
): Promise<void> {
  const { count, rewards, terminated, truncated } = view;
  const { horizon, phases, clusters } = record;
  const steps = phases[phases.length - 1].to * horizon;
  const clusterWidth = clusters.length / ((steps + 1) * count);
  let memory = new Float32Array(count * policy.memoryWidth);
  for (const { rollout } of phases) {
    rollout.episodeReturns.length = 0;
    rollout.episodeLengths.length = 0;
  }
  const all = phases[0].rollout;

  for (const [actor, { from, to, rollout }] of phases.entries()) {
    const first = from * horizon;
    const length = (to - from) * horizon;
    const isLast = to * horizon === steps;
    for (let t = 0; t < length; t++) {
      const step = first + t;
      const at = t * count;
      const result = await policy.step(view.observations, memory, actor, { rng });
      memory = result.memory as Float32Array<ArrayBuffer>;
      rollout.observations.set(result.seen, t * result.seen.length);
      rollout.actions.set(result.unclipped, t * result.unclipped.length);
      rollout.logProbs.set(result.logProbs, at);
      if (result.clusters) clusters.set(result.clusters, step * count * clusterWidth);
      recordSeen(record, view.observations, layout, step);
      for (let i = 0; i < count; i++) addRow(moments, result.raw, i);

      view.step(result.actions);
      rollout.rewards.set(rewards, at);
      rollout.terminated.set(terminated, at);
      rollout.truncated.set(truncated, at);
      trackEpisodes(tracker, view, all);
      const ends = (step + 1) % horizon === 0;
      requireWhole(view, ends, step);
      recordFollowing(record, step + 1 === steps ? view.finalObservations : view.observations, layout, step);
      if (t === length - 1) rollout.ends!.fill(1, at);
    }
    rollout.values.set(await policy.values(rollout.observations as Float32Array, actor));
    await followValues(policy, view, rollout, memory, actor, isLast ? trialEnd : "bootstrap");
    if (isLast && clusterWidth > 0) {
      const last = await policy.step(view.finalObservations, memory, actor, { deterministic: true });
      clusters.set(last.clusters!, steps * count * clusterWidth);
    }
  }
}

/** The values of successors: of the next row and, after the last step, of the final observation. */
async function followValues(
  policy: BeliefPolicy,
  view: VectorEnvironment,
  { steps, count, values, nextValues, terminated }: Rollout,
  memory: Float32Array,
  actor: number,
  end: TrialEnd,
): Promise<void> {
  nextValues.set(values.subarray(count));
  const last = (steps - 1) * count;
  const { seen } = await policy.step(view.finalObservations, memory, actor, { deterministic: true });
  const final = await policy.values(seen, actor);
  for (let i = 0; i < count; i++) {
    nextValues[last + i] = terminated[last + i] || end === "terminal" ? 0 : final[i];
  }
}

/** The number of environments N, and of numbers of a transition [s, a, r, s′]. */
const sizesOf = (rows: Float32Array, layout: FeedbackLayout) => ({
  count: rows.length / layout.width,
  width: 2 * layout.observation + layout.action + 1,
});

/** Records s of the transitions of a step. */
function recordSeen(
  { transitions }: TrialRecord,
  rows: Float32Array,
  layout: FeedbackLayout,
  step: number,
): void {
  const { count, width } = sizesOf(rows, layout);
  copyColumns(rows, 0, layout.width, transitions, step * count * width, width, layout.observation);
}

/** Records [a, r, s′] of the transitions of a step, from the rows after it or, at the end of a trial, the final rows. */
function recordFollowing(
  { transitions }: TrialRecord,
  rows: Float32Array,
  layout: FeedbackLayout,
  step: number,
): void {
  const { observation, action } = layout;
  const { count, width } = sizesOf(rows, layout);
  const at = step * count * width + observation;
  copyColumns(rows, observation, layout.width, transitions, at, width, action + 1);
  // The end flag d₋₁ stands between r₋₁ and s′₋₁ in a row.
  const next = observation + action + 2;
  copyColumns(rows, next, layout.width, transitions, at + action + 1, width, observation);
}

/** Copies `columns` columns of rows, from column `from` of `source` (rows of `width`) to `at` in `out`. */
function copyColumns(
  source: Float32Array,
  from: number,
  width: number,
  out: Float32Array,
  at: number,
  outWidth: number,
  columns: number,
): void {
  const rows = source.length / width;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[at + i * outWidth + j] = source[i * width + from + j];
  }
}

function requireWhole({ id, terminated, truncated }: VectorEnvironment, ends: boolean, step: number): void {
  for (let i = 0; i < terminated.length; i++) {
    const ended = (terminated[i] | truncated[i]) === 1;
    if (ended === ends) continue;
    throw new UsageError(
      `${id}: environment ${i} ${ended ? "ended an episode" : "did not end its episode"} after step ${step + 1} of the ` +
        "trial; learners of beliefs need episodes that all last until the time limit; set the environment's option " +
        "terminateWhenUnhealthy to false if it has one",
    );
  }
}
