/**
 * @file The likelihood of comparisons under a reward, and its gradient, in float64: P(left) = ε / 2 + (1 − ε) σ(ΔR / T)
 * with R(σ) = Σ_t γ^t r(s_t, a_t, s_{t+1}) [Bradley & Terry 1952] [N §3.5, eq. 68].
 */

import { type Neither, type Preferences, segmentSteps, targetOf } from "../../../src/datasets/preferences.js";
import { UsageError } from "../../../src/errors.js";
import { allocateActions, spaceWidth } from "../../../src/spaces/index.js";
import type { RewardModel } from "../../irl/shared/feature-reward.js";
import type { FeatureMap } from "../../irl/shared/features.js";
import type { Smooth } from "../../irl/shared/optimise.js";
import type { SparseRows } from "../../irl/shared/sparse-rows.js";

export interface LikelihoodOptions {
  discount: number;
  temperature: number;
  lapse: number;
  neither: Neither;
  horizon: "fixed" | "variable";
  l2: number;
}

/** An answer, and what a reward says about it. */
export interface Prediction {
  annotator?: string;
  /** μ: 1, 0 or ½. */
  target: number;
  /** P(left is better). */
  probability: number;
  weight: number;
}

export interface Likelihood {
  /** The weighted mean of −[μ log p + (1 − μ) log(1 − p)], and l2 / 2 ‖θ‖². */
  loss: Smooth;
  predict(parameters: Float64Array): Promise<Prediction[]>;
}

/** Largest scaled difference of returns: beyond it no answer moves a float64 probability. */
const LARGEST = 50;

/** @throws UsageError for segments of different lengths where they must be equal */
export function likelihoodOf(
  preferences: Preferences,
  map: FeatureMap,
  model: RewardModel,
  options: LikelihoodOptions,
): Likelihood {
  const { temperature, lapse, neither, l2 } = options;
  const { rows, starts, steps } = segmentRows(preferences, map, options);
  const answers = preferences.comparisons.flatMap(({ left, right, choice, annotator, weight = 1 }) => {
    const target = targetOf(choice, neither);
    return target === undefined ? [] : [{ left, right, target, annotator, weight }];
  });
  const total = answers.reduce((sum, { weight }) => sum + weight, 0);
  if (answers.length > 0 && !(total > 0))
    throw new UsageError("rewardModel: no comparison has a weight above 0");
  const powers = Float64Array.from({ length: Math.max(0, ...steps) }, (_, t) => options.discount ** t);

  const differences = async (parameters: Float64Array) => {
    const rewards = await model.rewards(parameters, rows);
    const returns = steps.map((length, n) => {
      let sum = 0;
      for (let t = 0; t < length; t++) sum += powers[t] * rewards[starts[n] + t];
      return sum;
    });
    return answers.map(({ left, right }) => (returns[left] - returns[right]) / temperature);
  };
  return {
    async loss(parameters) {
      const found = await differences(parameters);
      let value = 0;
      /** The derivative in the return of each segment. */
      const ofSegments = new Float64Array(steps.length);
      for (const [k, { left, right, target, weight }] of answers.entries()) {
        const x = Math.min(LARGEST, Math.max(-LARGEST, found[k]));
        const [ofLeft, ofRight] = [logChance(x, lapse), logChance(-x, lapse)];
        value -= (weight / total) * (target * ofLeft.value + (1 - target) * ofRight.value);
        if (x !== found[k]) continue;
        const slope =
          (-weight / total / temperature) * (target * ofLeft.slope - (1 - target) * ofRight.slope);
        ofSegments[left] += slope;
        ofSegments[right] -= slope;
      }
      const slopes = new Float64Array(rows.rows);
      for (const [n, length] of steps.entries()) {
        for (let t = 0; t < length; t++) slopes[starts[n] + t] = powers[t] * ofSegments[n];
      }
      const gradient = await model.gradient(parameters, rows, slopes);
      for (const [i, x] of parameters.entries()) {
        value += (l2 / 2) * x * x;
        gradient[i] += l2 * x;
      }
      return { value, gradient };
    },
    async predict(parameters) {
      const found = await differences(parameters);
      return answers.map(({ target, annotator, weight }, k) => ({
        ...{ target, weight, probability: Math.exp(logChance(found[k], lapse).value) },
        ...(annotator !== undefined && { annotator }),
      }));
    },
  };
}

/** Predictions of other comparisons. */
export const predictions = (
  preferences: Preferences,
  map: FeatureMap,
  model: RewardModel,
  options: LikelihoodOptions,
  parameters: Float64Array,
): Promise<Prediction[]> =>
  preferences.comparisons.length === 0
    ? Promise.resolve([])
    : likelihoodOf(preferences, map, model, options).predict(parameters);

/** log(ε / 2 + (1 − ε) σ(x)), and its derivative in x. */
function logChance(x: number, lapse: number): { value: number; slope: number } {
  const other = 1 / (1 + Math.exp(x));
  if (lapse === 0) return { value: -(Math.max(-x, 0) + Math.log1p(Math.exp(-Math.abs(x)))), slope: other };
  const chance = lapse / 2 + (1 - lapse) * (1 - other);
  return { value: Math.log(chance), slope: ((1 - lapse) * other * (1 - other)) / chance };
}

/** The feature rows of the steps of all segments; those of segment n are from `starts[n]` on. */
function segmentRows(
  preferences: Preferences,
  map: FeatureMap,
  { horizon }: LikelihoodOptions,
): { rows: SparseRows; starts: number[]; steps: number[] } {
  const { segments, observationSpace, actionSpace } = preferences;
  const steps = segments.map((segment) => segmentSteps(segment, preferences));
  const other = steps.findIndex((length) => length !== steps[0]);
  if (horizon === "fixed" && other >= 0) {
    throw new UsageError(
      `rewardModel: segment 0 has ${steps[0]} steps, and segment ${other} ${steps[other]}: the answers do not tell the ` +
        'reward of the missing steps; compare segments of one length, or let these count as 0 with horizon "variable"',
    );
  }
  const width = spaceWidth(observationSpace);
  const all = steps.reduce((sum, length) => sum + length, 0);
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
  return { rows: map.rows({ observations, actions, nextObservations }), starts, steps };
}
