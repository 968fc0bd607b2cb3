/**
 * @file The likelihood of comparisons under the members of an ensemble of rewards, and its gradient, in float64, with
 * R(σ) = Σ_t γ^t r(s_t, a_t, s_{t+1}) [Bradley & Terry 1952] [N §3.5, eq. 68].
 *
 * The parameters of a member are those of its reward, then the reward of the absorbing state, then the threshold of ties,
 * where it has these.
 */

import { type Neither, type Preferences, segmentSteps, targetOf } from "../../../src/datasets/preferences.js";
import { UsageError } from "../../../src/errors.js";
import { allocateActions, spaceWidth } from "../../../src/spaces/index.js";
import type { RewardModel } from "../../irl/shared/feature-reward.js";
import type { FeatureMap } from "../../irl/shared/features.js";
import type { Smooth } from "../../irl/shared/optimise.js";
import type { SparseRows } from "../../irl/shared/sparse-rows.js";
import { halves, raoKupper, thresholdOf } from "./chances.js";

export interface LikelihoodOptions {
  discount: number;
  temperature: number;
  lapse: number;
  neither: Neither;
  horizon: "fixed" | "variable" | "absorbing";
  ties: "half" | "rao-kupper";
  l2: number;
}

/** An answer, and what the rewards say about it. */
export interface Prediction {
  annotator?: string;
  /** μ: 1, 0 or ½. */
  target: number;
  /** The mean of the members' P(left is better), where a tie counts as half of it, and its deviation over the members. */
  probability: number;
  deviation?: number;
  /** The mean P(tie), where a tie is an answer of its own. */
  tie?: number;
  weight: number;
}

export interface Likelihood {
  /**
   * The members' weighted mean loss of an answer, plus l2 / 2 ‖θ‖², summed over the members.
   *
   * @throws UsageError where no answer has a weight
   */
  loss: Smooth;
  predict(parameters: Float64Array): Promise<Prediction[]>;
}

/** Where the parameters of each member are. */
export interface Layout {
  /** Numbers of a member: all, and those of its reward. */
  size: number;
  reward: number;
  /** The places of the absorbing reward and of the parameter of ties; undefined where there is none. */
  absorbing?: number;
  ties?: number;
}

export function layoutOf(
  model: RewardModel,
  { horizon, ties }: Pick<LikelihoodOptions, "horizon" | "ties">,
): Layout {
  const reward = model.size / model.members;
  const absorbing = horizon === "absorbing" ? reward : undefined;
  const afterwards = reward + (absorbing === undefined ? 0 : 1);
  const threshold = ties === "rao-kupper" ? afterwards : undefined;
  return { size: afterwards + (threshold === undefined ? 0 : 1), reward, absorbing, ties: threshold };
}

/** The parameters of the members' rewards alone, as the model has them. */
export function rewardParameters(parameters: Float64Array, { size, reward }: Layout): Float64Array {
  const members = parameters.length / size;
  const own = new Float64Array(members * reward);
  for (let m = 0; m < members; m++) own.set(parameters.subarray(m * size, m * size + reward), m * reward);
  return own;
}

/**
 * @param memberWeights how often each member's sample has each comparison, by its id; unset: once
 * @throws UsageError for segments of different lengths where they must be equal, or were cut
 */
export function likelihoodOf(
  preferences: Preferences,
  map: FeatureMap,
  model: RewardModel,
  options: LikelihoodOptions,
  memberWeights: (id: number) => readonly number[] = () => new Array<number>(model.members).fill(1),
): Likelihood {
  const { temperature, lapse, neither, l2, discount } = options;
  const answers = preferences.comparisons.flatMap(({ id, left, right, choice, annotator, weight = 1 }) => {
    const target = targetOf(choice, neither);
    if (target === undefined) return [];
    return [{ left, right, target, annotator, weight, counts: memberWeights(id) }];
  });
  const { rows, starts, steps, length } = segmentRows(preferences, map, options);
  const { members } = model;
  const totals = Array.from({ length: members }, (_, m) => {
    const total = (of: (k: number) => number) =>
      answers.reduce((sum, { weight }, k) => sum + weight * of(k), 0);
    return total((k) => answers[k].counts[m]) || total(() => 1);
  });
  const layout = layoutOf(model, options);
  const chances = options.ties === "half" ? halves(lapse) : raoKupper(lapse);
  const powers = Float64Array.from({ length }, (_, t) => discount ** t);
  /** Σ γ^t over the steps that each segment lacks, in which an episode that has ended is in the absorbing state. */
  const missing = steps.map((own) => powers.subarray(own).reduce((sum, x) => sum + x, 0));
  const extra = (parameters: Float64Array, m: number, place: number | undefined) =>
    place === undefined ? 0 : parameters[m * layout.size + place];
  const thresholdIn = (parameters: Float64Array, m: number) =>
    layout.ties === undefined ? { value: 0, slope: 0 } : thresholdOf(extra(parameters, m, layout.ties));

  /** The differences of the answers' returns, in units of the temperature, `[members][answers]`. */
  const differences = async (parameters: Float64Array) => {
    const rewards = await model.rewards(rewardParameters(parameters, layout), rows);
    return Array.from({ length: members }, (_, m) => {
      const absorbing = extra(parameters, m, layout.absorbing);
      const returns = steps.map((own, n) => {
        let sum = absorbing === 0 ? 0 : missing[n] * absorbing;
        for (let t = 0; t < own; t++) sum += powers[t] * rewards[m * rows.rows + starts[n] + t];
        return sum;
      });
      return answers.map(({ left, right }) => (returns[left] - returns[right]) / temperature);
    });
  };
  return {
    async loss(parameters) {
      if (!totals.every((total) => total > 0))
        throw new UsageError("rewardModel: no comparison has a weight above 0");
      const found = await differences(parameters);
      let value = 0;
      const slopes = new Float64Array(members * rows.rows);
      const others = new Float64Array(parameters.length);
      for (let m = 0; m < members; m++) {
        const threshold = thresholdIn(parameters, m);
        /** The derivative in the return of each segment. */
        const ofSegments = new Float64Array(steps.length);
        let ofThreshold = 0;
        for (const [k, { left, right, target, weight, counts }] of answers.entries()) {
          const share = (weight * counts[m]) / totals[m];
          if (share === 0) continue;
          const loss = chances.loss(found[m][k], target, threshold.value);
          value += share * loss.value;
          ofThreshold += share * loss.ofThreshold;
          const slope = (share / temperature) * loss.slope;
          ofSegments[left] += slope;
          ofSegments[right] -= slope;
        }
        for (const [n, own] of steps.entries()) {
          for (let t = 0; t < own; t++) slopes[m * rows.rows + starts[n] + t] = powers[t] * ofSegments[n];
        }
        const at = m * layout.size;
        if (layout.absorbing !== undefined)
          others[at + layout.absorbing] = ofSegments.reduce((sum, x, n) => sum + x * missing[n], 0);
        if (layout.ties !== undefined) others[at + layout.ties] = ofThreshold * threshold.slope;
      }
      const own = await model.gradient(rewardParameters(parameters, layout), rows, slopes);
      const gradient = others;
      for (let m = 0; m < members; m++) {
        const at = m * layout.size;
        gradient.set(own.subarray(m * layout.reward, (m + 1) * layout.reward), at);
        for (let i = 0; i < layout.size; i++) {
          if (i === layout.ties) continue;
          const x = parameters[at + i];
          value += (l2 / 2) * x * x;
          gradient[at + i] += l2 * x;
        }
      }
      return { value, gradient };
    },
    async predict(parameters) {
      const found = await differences(parameters);
      return answers.map(({ target, annotator, weight }, k) => {
        const each = found.map((of, m) => chances.chances(of[k], thresholdIn(parameters, m).value));
        const mean = (of: (one: (typeof each)[number]) => number) =>
          each.reduce((sum, one) => sum + of(one), 0) / members;
        const probability = mean((one) => one.probability);
        return {
          ...{ target, weight, probability },
          ...(members > 1 && { deviation: Math.sqrt(mean((one) => (one.probability - probability) ** 2)) }),
          ...(each[0].tie !== undefined && { tie: mean(({ tie }) => tie!) }),
          ...(annotator !== undefined && { annotator }),
        };
      });
    },
  };
}

interface Rows {
  rows: SparseRows;
  starts: number[];
  steps: number[];
  /** Of the longest segment. */
  length: number;
}

/** The feature rows of the steps of all segments; those of segment n are from `starts[n]` on. */
function segmentRows(
  preferences: Preferences,
  map: FeatureMap,
  { horizon }: Pick<LikelihoodOptions, "horizon">,
): Rows {
  const { segments, observationSpace, actionSpace } = preferences;
  const steps = segments.map((segment) => segmentSteps(segment, preferences));
  const length = steps.reduce((most, own) => Math.max(most, own), 0);
  requireLengths(preferences, steps, length, horizon);
  const width = spaceWidth(observationSpace);
  const all = steps.reduce((sum, own) => sum + own, 0);
  const observations = new Float32Array(all * width);
  const nextObservations = new Float32Array(all * width);
  const actions = allocateActions(actionSpace, all);
  const starts: number[] = [];
  let row = 0;
  for (const [n, segment] of segments.entries()) {
    starts.push(row);
    observations.set(segment.observations.subarray(0, steps[n] * width), row * width);
    nextObservations.set(segment.observations.subarray(width), row * width);
    actions.set(segment.actions, row * spaceWidth(actionSpace));
    row += steps[n];
  }
  return { rows: map.rows({ observations, actions, nextObservations }), starts, steps, length };
}

/** @throws UsageError for segments whose length the horizon does not allow */
function requireLengths(
  { segments, comparisons }: Preferences,
  steps: readonly number[],
  length: number,
  horizon: LikelihoodOptions["horizon"],
): void {
  const other = steps.findIndex((own) => own !== steps[0]);
  if (other < 0 || horizon === "variable") return;
  if (horizon === "fixed") {
    throw new UsageError(
      `rewardModel: segment 0 has ${steps[0]} steps, and segment ${other} ${steps[other]}: the answers do not tell the ` +
        "reward of the missing steps; compare segments of one length, learn the reward of the time after an end with " +
        'horizon "absorbing", or let missing steps count as 0 with horizon "variable"',
    );
  }
  const compared = new Set(comparisons.flatMap(({ left, right }) => [left, right]));
  const cut = steps.findIndex((own, n) => own < length && !segments[n].terminated && compared.has(n));
  if (cut < 0) return;
  throw new UsageError(
    `rewardModel: segment ${cut} has ${steps[cut]} of ${length} steps, and its episode did not end there, so nothing is ` +
      'known of the missing ones: leave out its comparisons, or let these steps count as 0 with horizon "variable"',
  );
}
