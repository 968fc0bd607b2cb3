/**
 * @file Plays one trial of every environment with a belief policy, and records it for policies and encoder.
 *
 * The episodes of a trial follow each other without a gap, so an episode that ends before its time limit makes its trial
 * shorter. What the record has after the end of a trial is padding, with weight 0. An environment whose trial is over plays
 * on until the others are done, and is reset with them; of these steps nothing is recorded.
 */

import type { VectorEnvironment } from "../../../src/env/contracts.js";
import { addRow, type Moments } from "../../../src/env/moments.js";
import type { FeedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import { UsageError } from "../../../src/errors.js";
import type { BeliefPolicy, BeliefStep } from "../../../src/policies/belief.js";
import { copyRowsWhere } from "../../../src/policies/rows.js";
import type { Rng } from "../../../src/random/rng.js";
import type { TrialEnd } from "../../../src/rollout/rollout-buffer.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import { clear, type TrialRecord, transitionWidth, trialLengths } from "./trial-record.js";

/** Where each environment is in its trial. */
interface Progress {
  /** `[N]`: the phase; −1 after the end of the trial. */
  readonly phase: Int32Array;
  /** `[N]`: the step in the phase. */
  readonly step: Int32Array;
  /** `[N]` */
  readonly episode: Int32Array;
  /** Of each phase: the feedback row `[N, width]` and memory `[N, m]` after its last step, and how many are not there yet. */
  readonly ends: readonly { rows: Float32Array; memory: Float32Array; left: number }[];
}

/**
 * Plays a trial of every environment; all of them are at the start of one before and afterwards. Observations of the
 * phases' rollouts are the rows that the actor–critics received. `moments` are updated with the rows of each step after it.
 *
 * @throws UsageError when an episode goes on after the time limit
 */
export async function playTrial(
  policy: BeliefPolicy,
  view: VectorEnvironment,
  record: TrialRecord,
  moments: Moments,
  layout: FeedbackLayout,
  rng: Rng,
  trialEnd: TrialEnd,
): Promise<void> {
  const { count } = view;
  const { phases, clusters } = record;
  clear(record);
  const progress: Progress = {
    phase: new Int32Array(count),
    step: new Int32Array(count),
    episode: new Int32Array(count),
    ends: phases.map(() => ({
      rows: new Float32Array(count * layout.width),
      memory: new Float32Array(count * policy.memoryWidth),
      left: count,
    })),
  };
  const { phase, ends } = progress;
  let memory = new Float32Array(count * policy.memoryWidth);
  let t = 0;
  for (let finished = 0; finished < phases.length; t++) {
    const result = await stepOf(policy, view.observations, memory, phase, phases.length, rng);
    memory = result.memory as Float32Array<ArrayBuffer>;
    if (result.clusters) clusters.set(result.clusters, t * result.clusters.length);
    for (let i = 0; i < count; i++) {
      if (phase[i] < 0) continue;
      recordAct(record, progress, result, view.observations, layout, t, i);
      addRow(moments, result.raw, i);
    }
    view.step(result.actions);
    for (let i = 0; i < count; i++) {
      if (phase[i] >= 0) recordOutcome(record, progress, view, memory, layout, t, i);
    }
    while (finished < phases.length && ends[finished].left === 0) {
      await finish(policy, record, finished, ends[finished], trialEnd);
      finished++;
    }
  }
  // Those that were done before have begun another trial.
  if (trialLengths(record).some((length) => length < t)) view.reset();
}

/** A step in which the actor–critic of each environment's phase acts. The memories are the same whichever acts. */
async function stepOf(
  policy: BeliefPolicy,
  rows: Float32Array,
  memory: Float32Array,
  phase: Int32Array,
  actors: number,
  rng: Rng,
): Promise<BeliefStep> {
  let result: BeliefStep | undefined;
  for (let actor = 0; actor < actors; actor++) {
    if (!phase.includes(actor)) continue;
    const step = await policy.step(rows, memory, actor, { rng });
    if (!result) {
      result = step;
      continue;
    }
    const own = (i: number) => phase[i] === actor;
    for (const key of ["actions", "unclipped", "logProbs"] as const) {
      copyRowsWhere(own, phase.length, step[key], result[key]);
    }
  }
  return result!;
}

/** Records what environment i observed and does at step `t` of the trial. */
function recordAct(
  { phases, transitions }: TrialRecord,
  { phase, step }: Progress,
  { seen, unclipped, logProbs }: BeliefStep,
  rows: Float32Array,
  layout: FeedbackLayout,
  t: number,
  i: number,
): void {
  const { rollout } = phases[phase[i]];
  const { count } = rollout;
  const k = step[i] * count + i;
  copyRow(seen, i, rollout.observations, k, count);
  copyRow(unclipped, i, rollout.actions, k, count);
  rollout.logProbs[k] = logProbs[i];
  rollout.weights[k] = 1;
  const at = (t * count + i) * transitionWidth(layout);
  copy(rows, i * layout.width, transitions, at, layout.observation);
}

/** Records what followed, and moves on. */
function recordOutcome(
  record: TrialRecord,
  progress: Progress,
  view: VectorEnvironment,
  memory: Float32Array,
  layout: FeedbackLayout,
  t: number,
  i: number,
): void {
  const { phases, horizon, lengths, returns } = record;
  const { phase, step, episode, ends } = progress;
  const { count, rewards, terminated, truncated } = view;
  const { rollout, to } = phases[phase[i]];
  const k = step[i]++ * count + i;
  rollout.rewards[k] = rewards[i];
  rollout.terminated[k] = terminated[i];
  rollout.truncated[k] = truncated[i];
  const running = episode[i] * count + i;
  returns[running] += rewards[i];
  lengths[running]++;
  const hasEnded = (terminated[i] | truncated[i]) === 1;
  if (hasEnded) episode[i]++;
  else if (lengths[running] === horizon) refuseLonger(view.id, i, t, horizon);

  const isOver = episode[i] === to;
  const isLast = isOver && phase[i] === phases.length - 1;
  recordFollowing(record, isLast ? view.finalObservations : view.observations, layout, t, i);
  if (!isOver) return;
  rollout.ends[k] = 1;
  const end = ends[phase[i]];
  copyRow(view.finalObservations, i, end.rows, i, count);
  copyRow(memory, i, end.memory, i, count);
  end.left--;
  step[i] = 0;
  phase[i] = isLast ? -1 : phase[i] + 1;
}

/** Records [a, r, s′] of the transition of step `t`, from the row after it or, at the end of a trial, the final row. */
function recordFollowing(
  { transitions, phases }: TrialRecord,
  rows: Float32Array,
  layout: FeedbackLayout,
  t: number,
  i: number,
): void {
  const { observation, action, width } = layout;
  const { count } = phases[0].rollout;
  const at = (t * count + i) * transitionWidth(layout) + observation;
  copy(rows, i * width + observation, transitions, at, action + 1);
  // The end flag d₋₁ stands between r₋₁ and s′₋₁ in a row.
  copy(rows, i * width + observation + action + 2, transitions, at + action + 1, observation);
}

/**
 * The values of a phase and of the successors of its steps: those of the next rows and, after the last step of each
 * environment, of its final observation. After the last phase, also the last q(c | τ:t).
 */
async function finish(
  policy: BeliefPolicy,
  record: TrialRecord,
  actor: number,
  { rows, memory }: { rows: Float32Array; memory: Float32Array },
  trialEnd: TrialEnd,
): Promise<void> {
  const { phases, clusters } = record;
  const { observations, values, nextValues, terminated, ends, weights, count } = phases[actor].rollout;
  const isLast = actor === phases.length - 1;
  values.set(await policy.values(observations, actor));
  for (let k = 0; k < values.length; k++) if (weights[k] === 0) values[k] = 0;
  nextValues.fill(0);
  nextValues.set(values.subarray(count));
  const final = await policy.step(rows, memory, actor, { deterministic: true });
  const finalValues = await policy.values(final.seen, actor);
  for (let k = 0; k < ends.length; k++) {
    if (ends[k] === 0) continue;
    const nothingFollows = terminated[k] || (isLast && trialEnd === "terminal");
    nextValues[k] = nothingFollows ? 0 : finalValues[k % count];
  }
  if (!isLast || !final.clusters) return;
  for (const [i, length] of trialLengths(record).entries()) {
    copyRow(final.clusters, i, clusters, length * count + i, count);
  }
}

/** Copies row `row` of `from` `[N, width]` to row `to` of `out`. */
function copyRow(from: ActionBatch, row: number, out: ActionBatch, to: number, count: number): void {
  const width = from.length / count;
  copy(from, row * width, out, to * width, width);
}

function copy(from: ActionBatch, at: number, out: ActionBatch, to: number, length: number): void {
  for (let j = 0; j < length; j++) out[to + j] = from[at + j];
}

function refuseLonger(id: string, i: number, t: number, horizon: number): never {
  throw new UsageError(
    `${id}: environment ${i} did not end its episode after step ${t + 1} of the trial, at its time limit of ${horizon} ` +
      "steps: learners of beliefs need the limit to end episodes",
  );
}
