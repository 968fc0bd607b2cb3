/** @file Feature expectations from episodes, for problems without a model, and the reinforcement learner inside. */

import type { Demonstration } from "../../../src/datasets/demonstrations.js";
import { nonEmptyEpisodes, sharedOut } from "../../../src/datasets/transitions.js";
import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import type { Metrics, PolicyOptimiser, RewardSource, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { collectEpisodes } from "../../../src/rollout/collect.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import { type DemonstratedOptions, geometric } from "../shared/demonstrations-on-model.js";
import type { FeatureMap } from "../shared/features.js";
import { type SparseRows, times, weightedSum } from "../shared/sparse-rows.js";

/** The steps of some episodes, one after the other. */
export interface SampledSteps {
  rows: SparseRows;
  /** γᵗ of each step, `[steps]`; more where steps stand for others: for those not shown, or those after the clock. */
  discounts: Float64Array;
  /** Where each episode's steps begin, and where the last one's end, `[episodes + 1]`. */
  starts: Int32Array;
  /** How much each episode counts, `[episodes]`, in all 1. */
  shares: Float64Array;
  /** Σ γᵗ rₜ of the environment's rewards, `[episodes]`. */
  returns: Float64Array;
}

/** Of those that speak; `tails: "scaled"` is for discounts below 1. */
export function sampledSteps(
  map: FeatureMap,
  { observationSpace }: Pick<Problem, "observationSpace">,
  trajectories: readonly Demonstration[],
  { discount, tails = "cut" }: Pick<DemonstratedOptions, "discount" | "tails">,
): SampledSteps {
  const width = spaceWidth(observationSpace);
  const episodes = nonEmptyEpisodes(trajectories);
  const total = episodes.reduce((sum, { rewards }) => sum + rewards.length, 0);
  const acted = episodes[0].actions.length / episodes[0].rewards.length;
  const observations = new Float32Array(total * width);
  const nextObservations = new Float32Array(total * width);
  const actions = new (episodes[0].actions.constructor as Float32ArrayConstructor)(total * acted);
  const discounts = new Float64Array(total);
  const starts = new Int32Array(episodes.length + 1);
  const whole = episodes.reduce((sum, { weight = 1 }) => sum + weight, 0);
  /** How many times over what was seen of an episode counts. */
  const standsFor = ({ terminated, rewards }: Demonstration) =>
    tails === "cut" || terminated ? 1 : geometric(discount, Infinity) / geometric(discount, rewards.length);
  for (const [i, episode] of episodes.entries()) {
    const from = starts[i];
    const length = episode.rewards.length;
    starts[i + 1] = from + length;
    observations.set(episode.observations.subarray(0, length * width), from * width);
    nextObservations.set(episode.observations.subarray(width), from * width);
    actions.set(episode.actions, from * acted);
    const scale = standsFor(episode);
    for (let t = 0; t < length; t++) discounts[from + t] = scale * discount ** t;
    if (episode.steps) showOnly(episode.steps, discounts.subarray(from, from + length), discount);
  }
  return {
    rows: map.rows({ observations, actions, nextObservations }),
    discounts,
    starts,
    shares: Float64Array.from(episodes, ({ weight = 1 }) => weight / whole),
    returns: Float64Array.from(
      episodes,
      (episode) =>
        standsFor(episode) * episode.rewards.reduce((sum, reward, t) => sum + discount ** t * reward, 0),
    ),
  };
}

/** Leaves weight on these steps alone, as much as all had. */
function showOnly(steps: Int32Array, weights: Float64Array, discount: number): void {
  const all = weights.reduce((sum, x) => sum + x, 0);
  weights.fill(0);
  for (const [i, worth] of sharedOut(all, steps, discount).entries()) weights[steps[i]] = worth;
}

/** γᵗ times the episode's share, `[steps]`: Σ of these · f(step) is the expectation of the discounted sum of f. */
export function stepWeights({ discounts, starts, shares }: SampledSteps, of = shares): Float64Array {
  const weights = discounts.slice();
  for (let i = 0; i < of.length; i++) {
    for (let k = starts[i]; k < starts[i + 1]; k++) weights[k] *= of[i];
  }
  return weights;
}

/** μ: the mean discounted sum of the features, `[width]`. */
export const featureExpectations = (steps: SampledSteps): Float64Array =>
  weightedSum(steps.rows, stepWeights(steps));

/** The discounted sum of `perStep [steps]` in each episode, `[episodes]`. */
export function episodeSums({ discounts, starts }: SampledSteps, perStep: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(starts.length - 1);
  for (let i = 0; i < sums.length; i++) {
    for (let k = starts[i]; k < starts[i + 1]; k++) sums[i] += discounts[k] * perStep[k];
  }
  return sums;
}

/** The mean discounted return of the environment's own rewards. */
export const sampledValue = ({ shares, returns }: SampledSteps): number =>
  returns.reduce((sum, value, i) => sum + shares[i] * value, 0);

/** Environments to watch policies in: whole episodes, as many as are asked for. */
export interface Stage {
  environments: VectorEnvironment;
  rng: Rng;
}

export const createStage = async (problem: Problem, episodes: number, rng: Rng): Promise<Stage> => ({
  environments: await problem.vector(Math.min(episodes, 16), rng.stream("stage")),
  rng: rng.stream("stage actions"),
});

export const watch = ({ environments, rng }: Stage, policy: Policy, episodes: number) =>
  collectEpisodes(policy, environments, episodes, { rng });

/** Lets the learner inside learn for a while from other rewards; its last metrics, under names of their own. */
export async function learnFrom(
  learner: PolicyOptimiser,
  state: State,
  updates: number,
  rewards: RewardSource,
): Promise<Metrics> {
  let metrics: Metrics = {};
  for (let i = 0; i < updates; i++) metrics = await learner.update(state, rewards);
  return { learnerSteps: metrics.steps, ...(metrics.return === undefined ? {} : { return: metrics.return }) };
}

/** A reward that is linear in the features, as a source of rewards. */
export const linearSource =
  (map: FeatureMap, weights: Float64Array): RewardSource =>
  async (transitions) =>
    times(map.rows(transitions), weights);
