/** @file The fit of the ensemble of rewards to the comparisons, its accuracy, and the reward that the policy maximises. */

import type { Spaces } from "../../../src/datasets/demonstrations.js";
import type { ShownSegment } from "../../../src/datasets/show-segments.js";
import { addRow, createMoments, deviation, type Moments, standardisation } from "../../../src/env/moments.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { TrainState } from "../../../src/learning/trainer.js";
import type { Rng } from "../../../src/random/rng.js";
import { nextIndex, type Pass } from "../../../src/rollout/epochs.js";
import type { Transitions } from "../../../src/rollout/transitions.js";
import { allocateActions, executedActions, spaceWidth } from "../../../src/spaces/index.js";
import { unary } from "../../../src/tensor/scalars.js";
import { CHUNK, type EnsembleOptions, type RewardEnsemble } from "../reward-ensemble.js";
import { bootstrapCounts } from "../shared/bootstrap.js";
import type { Trust } from "../shared/trust.js";
import { type SegmentRows, writeSegment } from "./segment-rows.js";

/** An answered comparison. Plain data. */
export interface Comparison {
  id: number;
  /** Indices of the segments. */
  left: number;
  right: number;
  /** μ: 1 where left was chosen, 0 where right was, ½ where neither. */
  target: number;
  annotator?: string;
  seconds?: number;
}

/** What checkpoints keep of the reward. */
export interface RewardState extends TrainState, Pass {
  /** Statistics of the observations of the first segments, which standardise all; of no rows before them. */
  moments: Moments;
  /** Of each member's rewards on the segments at the last fit, `[M]`. */
  centre: Float64Array;
  spread: Float64Array;
  /** The stream of the members' bootstrap weights, and of the choice of held-out comparisons. */
  sampleRng: Rng;
}

export interface FitOptions extends EnsembleOptions {
  /** Share of the comparisons that are held out. */
  heldOut: number;
  epochs: number;
  /** Training ends early when the members predict this share of the comparisons. */
  stopAccuracy: number;
}

export const createRewardState = (
  ensemble: RewardEnsemble,
  spaces: Spaces,
  members: number,
  rng: Rng,
): RewardState => ({
  ...ensemble.trainer.initialise(rng.stream("parameters")),
  order: new Int32Array(0),
  used: 0,
  shuffleRng: rng.stream("minibatches"),
  moments: createMoments(spaceWidth(spaces.observationSpace)),
  centre: new Float64Array(members),
  spread: new Float64Array(members).fill(1),
  sampleRng: rng.stream("samples"),
});

const createRows = ({ observationSpace, actionSpace }: Spaces, count: number): SegmentRows => ({
  observations: new Float32Array(count * spaceWidth(observationSpace)),
  actions: allocateActions(actionSpace, count),
  absorbing: new Float32Array(count),
});

/** Whether a comparison is held out, which depends on its number alone. */
export const isHeldOut = (
  { id }: Comparison,
  { sampleRng }: Pick<RewardState, "sampleRng">,
  share: number,
): boolean => sampleRng.stream("held-out", id).uniform() < share;

/**
 * Trains the members on the comparisons that are not held out, from their present parameters, each with bootstrap weights
 * of its own that depend on the comparison alone, times the weight of its annotator. Then standardises their rewards: each has mean 0 and deviation 1 on the
 * steps of the segments, absorbing ones included.
 */
export async function fitReward(
  state: RewardState,
  ensemble: RewardEnsemble,
  spaces: Spaces,
  {
    segments,
    comparisons,
    trust = {},
  }: { segments: readonly ShownSegment[]; comparisons: readonly Comparison[]; trust?: Trust },
  options: FitOptions,
): Promise<Metrics> {
  const { minibatchSize: pairs, segmentLength: length, ensemble: members } = options;
  if (state.moments.count === 0) observe(state, segments, spaces);
  const part = (held: boolean) =>
    comparisons.filter((comparison) => isHeldOut(comparison, state, options.heldOut) === held);
  const [kept, aside] = [part(false), part(true)];
  const weightOf = ({ annotator }: Comparison) => (annotator === undefined ? 1 : (trust[annotator] ?? 1));
  const weights = kept.map((comparison) =>
    bootstrapCounts(state.sampleRng, comparison.id, members).map((count) => count * weightOf(comparison)),
  );
  const metrics: Metrics = {};
  const evaluated = () => returnsOf(state, ensemble, spaces, segments, options);
  let returns: Float64Array[] | undefined;
  const scaling = standardisation(state.moments);
  const rows = createRows(spaces, CHUNK * 2 * pairs * length);
  const targets = new Float32Array(CHUNK * pairs);
  const drawn = new Float32Array(CHUNK * members * pairs);
  const updates = Math.ceil(kept.length / pairs);
  for (let epoch = 0; epoch < options.epochs && kept.length > 0; epoch++) {
    let [loss, steps] = [0, 0];
    for (let done = 0; done < updates; done += CHUNK) {
      const active = Math.min(CHUNK, updates - done);
      for (let k = 0; k < active * pairs; k++) {
        const [step, pair] = [Math.floor(k / pairs), k % pairs];
        const index = nextIndex(state, kept.length);
        const { left, right, target } = kept[index];
        const at = (side: 0 | 1) => ((2 * step + side) * pairs + pair) * length;
        writeSegment(segments[left], spaces, length, rows, at(0));
        writeSegment(segments[right], spaces, length, rows, at(1));
        targets[k] = target;
        for (let m = 0; m < members; m++) drawn[(step * members + m) * pairs + pair] = weights[index][m];
      }
      const feeds = { ...scaling, ...rows, targets, weights: drawn };
      const { means } = await ensemble.trainer.run(state, feeds, active);
      loss += means.rewardLoss * active;
      steps += active;
    }
    metrics.rewardLoss = loss / steps;
    metrics.rewardEpochs = epoch + 1;
    returns = await evaluated();
    const reached = accuracy(kept, returns, weightOf);
    if (reached !== undefined) metrics.rewardAccuracy = reached;
    if (reached !== undefined && reached >= options.stopAccuracy) break;
  }
  if (aside.length > 0) {
    returns ??= await evaluated();
    const found = accuracy(aside, returns);
    if (found !== undefined) metrics.heldOutAccuracy = found;
    metrics.heldOutLoss = logLoss(aside, returns, options.lapse);
  }
  await standardise(state, ensemble, spaces, segments, options);
  return metrics;
}

function observe(state: RewardState, segments: readonly ShownSegment[], { observationSpace }: Spaces): void {
  const width = spaceWidth(observationSpace);
  for (const { observations } of segments) {
    for (let row = 0; row < observations.length / width; row++) addRow(state.moments, observations, row);
  }
}

/** The members' rewards of the steps of segments, `[M][segments · L]`. */
async function rewardsOf(
  state: RewardState,
  { score }: RewardEnsemble,
  spaces: Spaces,
  segments: readonly ShownSegment[],
  { segmentLength: length, ensemble: members }: EnsembleOptions,
) {
  const rows = createRows(spaces, segments.length * length);
  for (const [i, segment] of segments.entries()) writeSegment(segment, spaces, length, rows, i * length);
  const found = await score.run({ parameters: state.parameters, ...standardisation(state.moments), ...rows });
  const rewards = found.rewards as Float32Array;
  const size = segments.length * length;
  return Array.from({ length: members }, (_, m) => rewards.subarray(m * size, (m + 1) * size));
}

/** The members' returns of segments, in units of the temperature, `[M][segments]`. */
export async function returnsOf(
  state: RewardState,
  ensemble: RewardEnsemble,
  spaces: Spaces,
  segments: readonly ShownSegment[],
  options: EnsembleOptions,
): Promise<Float64Array[]> {
  const { segmentLength: length } = options;
  const members = await rewardsOf(state, ensemble, spaces, segments, options);
  return members.map((rewards) =>
    Float64Array.from(segments, (_, i) =>
      rewards.subarray(i * length, (i + 1) * length).reduce((sum, x) => sum + x, 0),
    ),
  );
}

const meanDifference = ({ left, right }: Comparison, returns: readonly Float64Array[]) =>
  returns.reduce((sum, of) => sum + of[left] - of[right], 0) / returns.length;

/** The weighted share of the comparisons with a choice in which the mean of the members agrees; undefined without any. */
export function accuracy(
  comparisons: readonly Comparison[],
  returns: readonly Float64Array[],
  weightOf: (comparison: Comparison) => number = () => 1,
): number | undefined {
  const decided = comparisons.filter(({ target }) => target !== 0.5);
  const right = decided.filter(
    (comparison) => meanDifference(comparison, returns) > 0 === comparison.target > 0.5,
  );
  const total = (of: readonly Comparison[]) => of.reduce((sum, each) => sum + weightOf(each), 0);
  return total(decided) > 0 ? total(right) / total(decided) : undefined;
}

const { softplus } = unary;

/** The mean cross-entropy (nats) of the answers and the members' mean difference. */
function logLoss(
  comparisons: readonly Comparison[],
  returns: readonly Float64Array[],
  lapse: number,
): number {
  /** log p of the choice of a side whose return is larger by x. */
  const log = (x: number) =>
    lapse === 0 ? -softplus(-x) : Math.log(lapse / 2 + (1 - lapse) / (1 + Math.exp(-x)));
  let sum = 0;
  for (const comparison of comparisons) {
    const [x, target] = [meanDifference(comparison, returns), comparison.target];
    sum -= target * log(x) + (1 - target) * log(-x);
  }
  return sum / comparisons.length;
}

/** Freezes each member's mean and deviation on the steps of the segments, so that members have one scale. */
async function standardise(
  state: RewardState,
  ensemble: RewardEnsemble,
  spaces: Spaces,
  segments: readonly ShownSegment[],
  options: EnsembleOptions,
): Promise<void> {
  const members = await rewardsOf(state, ensemble, spaces, segments, options);
  for (const [m, rewards] of members.entries()) {
    const moments = createMoments(1);
    for (let row = 0; row < rewards.length; row++) addRow(moments, rewards, row);
    state.centre[m] = moments.mean[0];
    state.spread[m] = deviation(moments, 0);
  }
}

/**
 * The reward `[B]` of transitions, the mean of the members' standardised rewards, and that of the absorbing state.
 *
 * @throws Error when a member's reward is not finite
 */
export async function learntRewards(
  state: RewardState,
  { score }: RewardEnsemble,
  spaces: Spaces,
  { observations, actions }: Pick<Transitions, "observations" | "actions">,
): Promise<{ rewards: Float64Array; absorbing: number }> {
  const width = spaceWidth(spaces.observationSpace);
  const count = observations.length / width;
  const rows = createRows(spaces, count + 1);
  rows.observations.set(observations);
  rows.actions.set(executedActions(spaces.actionSpace, actions));
  rows.absorbing[count] = 1;
  const found = await score.run({ parameters: state.parameters, ...standardisation(state.moments), ...rows });
  const all = found.rewards as Float32Array;
  const rewards = new Float64Array(count + 1);
  const members = state.centre.length;
  for (let m = 0; m < members; m++) {
    for (let i = 0; i <= count; i++) {
      const reward = all[m * (count + 1) + i];
      if (!Number.isFinite(reward))
        throw new Error(`preferenceLearning: member ${m} of the reward is ${reward}`);
      rewards[i] += (reward - state.centre[m]) / state.spread[m] / members;
    }
  }
  return { rewards: rewards.subarray(0, count), absorbing: rewards[count] };
}
