/**
 * @file Inverse RL from samples, for problems without a model: feature expectations from episodes, the environments for
 * collecting episodes, and the updates of the inner reinforcement learner.
 */

import type { Demonstration } from "../../../src/datasets/demonstrations.js";
import { nonEmptyEpisodes, sharedOut } from "../../../src/datasets/transitions.js";
import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import type { Metrics, PolicyOptimiser, RewardSource, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { collectEpisodes } from "../../../src/rollout/collect.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import { geometric, type VisitOptions } from "./demonstrated-visits.js";
import type { FeatureMap } from "./features.js";
import { type SparseRows, times, weightedSum } from "./sparse-rows.js";

/** The steps of some episodes, concatenated. */
export interface SampledSteps {
  rows: SparseRows;
  /** γᵗ of each step, `[steps]`, scaled up where it also stands for steps not demonstrated or after a time limit. */
  discounts: Float64Array;
  /** The index of each episode's first step, then the number of steps, `[episodes + 1]`. */
  starts: Int32Array;
  /** The weight of each episode, `[episodes]`, of sum 1. */
  shares: Float64Array;
  /** Σ γᵗ rₜ of the environment's rewards, `[episodes]`. */
  returns: Float64Array;
}

/** The steps of the episodes with a demonstrated step; `tails: "scaled"` is for discounts below 1. */
export function sampledSteps(
  map: FeatureMap,
  { observationSpace }: Pick<Problem, "observationSpace">,
  trajectories: readonly Demonstration[],
  { discount, tails = "cut" }: Pick<VisitOptions, "discount" | "tails">,
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
  const totalWeight = episodes.reduce((sum, { weight = 1 }) => sum + weight, 0);
  /** The factor by which an episode's recorded steps count. */
  const scaleOf = ({ terminated, rewards }: Demonstration) =>
    tails === "cut" || terminated ? 1 : geometric(discount, Infinity) / geometric(discount, rewards.length);
  for (const [i, episode] of episodes.entries()) {
    const from = starts[i];
    const length = episode.rewards.length;
    starts[i + 1] = from + length;
    observations.set(episode.observations.subarray(0, length * width), from * width);
    nextObservations.set(episode.observations.subarray(width), from * width);
    actions.set(episode.actions, from * acted);
    const scale = scaleOf(episode);
    for (let t = 0; t < length; t++) discounts[from + t] = scale * discount ** t;
    if (episode.steps) concentrate(discounts.subarray(from, from + length), episode.steps, discount);
  }
  return {
    rows: map.rows({ observations, actions, nextObservations }),
    discounts,
    starts,
    shares: Float64Array.from(episodes, ({ weight = 1 }) => weight / totalWeight),
    returns: Float64Array.from(
      episodes,
      (episode) =>
        scaleOf(episode) * episode.rewards.reduce((sum, reward, t) => sum + discount ** t * reward, 0),
    ),
  };
}

/** Scales the weights of the demonstrated steps up to the weight of all steps. */
function concentrate(weights: Float64Array, steps: Int32Array, discount: number): void {
  const all = weights.reduce((sum, x) => sum + x, 0);
  weights.fill(0);
  for (const [i, share] of sharedOut(all, steps, discount).entries()) weights[steps[i]] = share;
}

/**
 * Weight of each step, `[steps]`: γᵗ times its episode's weight. Σ weight · f(step) estimates the discounted sum of f.
 */
export function stepWeights({ discounts, starts, shares }: SampledSteps, ofEpisodes = shares): Float64Array {
  const weights = discounts.slice();
  for (let i = 0; i < ofEpisodes.length; i++) {
    for (let k = starts[i]; k < starts[i + 1]; k++) weights[k] *= ofEpisodes[i];
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

/** Environments for collecting whole episodes of a policy, with the random stream of its actions. */
export interface Collector {
  environments: VectorEnvironment;
  rng: Rng;
}

export const createCollector = async (problem: Problem, episodes: number, rng: Rng): Promise<Collector> => ({
  environments: await problem.vector(Math.min(episodes, 16), rng.stream("stage")),
  rng: rng.stream("stage actions"),
});

export const collectWith = ({ environments, rng }: Collector, policy: Policy, episodes: number) =>
  collectEpisodes(policy, environments, episodes, { rng });

/** Updates the inner learner with the given rewards. Returns its last metrics, renamed. */
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

/** The rewards features · `weights`. */
export const linearRewards =
  (map: FeatureMap, weights: Float64Array): RewardSource =>
  async (transitions) =>
    times(map.rows(transitions), weights);
