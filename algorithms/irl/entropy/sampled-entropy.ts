/**
 * @file Maximum-entropy inverse reinforcement learning without a model: the same gradient, demonstrated less expected
 * feature counts, with the expectation from episodes of a reinforcement learner that goes along with the reward.
 *
 * For causal entropy the learner is to be one that maximises reward and entropy together, at a temperature of 1: then its
 * policy is the model, and its episodes are unbiased samples of it (Fu, Luo & Levine 2018, "Learning robust rewards with
 * adversarial inverse reinforcement learning", appendix A, eq. 8; Finn, Christiano, Abbeel & Levine 2016). For
 * trajectories it is guided cost learning (Finn, Levine & Abbeel 2016, "Guided cost learning", §4.2): any learner
 * proposes, and an episode is weighted by exp(its reward) over the odds of its actions; the odds of the dynamics cancel.
 */

import type { Problem } from "../../../src/env/contracts.js";
import type { Metrics, RewardSource, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Trajectory } from "../../../src/rollout/trajectory.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import { discountOf } from "../../shared/policy-optimiser.js";
import { type RewardModel, rewardModel } from "../shared/feature-reward.js";
import { type FeatureMap, featureMap } from "../shared/features.js";
import { isDue, type LearnedReward, type Truth, truthOf } from "../shared/inverse-problem.js";
import { type AdamState, adamStep, norm2, startAdam } from "../shared/optimise.js";
import { weightedSum } from "../shared/sparse-rows.js";
import type { EntropyKind, ResolvedEntropyOptions } from "./entropy-irl.js";
import {
  createStage,
  episodeSums,
  learnFrom,
  type SampledSteps,
  type Stage,
  sampledSteps,
  sampledValue,
  stepWeights,
  watch,
} from "./sampling.js";

export interface SampledEntropyState {
  rounds: number;
  optimiser: AdamState;
  learner: State;
  stage: Stage;
  live: {
    derived: true;
    problem: Problem;
    map: FeatureMap;
    reward: RewardModel;
    discount: number;
    shown: SampledSteps;
    truth?: Truth;
  };
}

export async function startSampled(
  name: string,
  problem: Problem,
  options: ResolvedEntropyOptions,
  rng: Rng,
): Promise<SampledEntropyState> {
  const { demonstrations, episodes } = options;
  const learner = options.learner!;
  const { discount = discountOf(learner) } = options;
  const map = featureMap(name, problem, options);
  const reward = rewardModel(map.width, options);
  return {
    rounds: 0,
    optimiser: startAdam(reward.initialise(rng.stream("reward"))),
    learner: await learner.init(problem, rng.stream("learner")),
    stage: await createStage(problem, episodes, rng),
    live: {
      derived: true,
      problem,
      map,
      reward,
      discount,
      shown: sampledSteps(map, problem, demonstrations!.trajectories, { discount }),
      truth: truthOf(problem, map, discount),
    },
  };
}

const sourceOf =
  ({ optimiser, live: { map, reward } }: SampledEntropyState): RewardSource =>
  (transitions) =>
    reward.rewards(optimiser.point, map.rows(transitions));

/** One round: the learner learns, is watched, and the reward follows the difference in features. */
export async function updateSampled(
  state: SampledEntropyState,
  kind: EntropyKind,
  options: ResolvedEntropyOptions,
): Promise<Metrics> {
  const { optimiser, stage, live } = state;
  const { problem, map, reward, discount, shown, truth } = live;
  const learner = options.learner!;
  const learnt = await learnFrom(learner, state.learner, options.optimiserUpdates, sourceOf(state));
  const policy = learner.policy(state.learner);
  const episodes = await watch(stage, policy, options.episodes);
  const seen = sampledSteps(map, problem, episodes, { discount });
  const { point } = optimiser;
  const odds = kind === "causal" ? seen.shares : await importance(seen, episodes, policy, reward, point);
  const [demonstrated, expected] = [stepWeights(shown), stepWeights(seen, odds)];
  const [up, down] = [
    await reward.gradient(point, shown.rows, demonstrated),
    await reward.gradient(point, seen.rows, expected),
  ];
  adamStep(
    optimiser,
    up.map((g, i) => down[i] - g + options.l2 * point[i]),
    options.learningRate,
    options.l1,
  );
  state.rounds++;
  const due = isDue(state.rounds, state.rounds >= options.iterations, options);
  const gap = weightedSum(shown.rows, demonstrated);
  for (const [i, x] of weightedSum(seen.rows, expected).entries()) gap[i] -= x;
  return {
    steps: state.rounds,
    featureGap: norm2(gap),
    valueGap: sampledValue(shown) - sampledValue(seen),
    ...(kind === "causal" ? {} : { effectiveEpisodes: 1 / odds.reduce((sum, p) => sum + p * p, 0) }),
    ...(due && truth && reward.reads(truth.rows)
      ? { epic: truth.distance(await reward.rewards(optimiser.point, truth.rows)) }
      : {}),
    ...learnt,
  };
}

/** Self-normalised importance weights of episodes, P(τ) / q(τ) ∝ exp(Σ γᵗ r) / Π π(aₜ | sₜ), `[episodes]`. */
async function importance(
  seen: SampledSteps,
  episodes: readonly Trajectory[],
  policy: Policy,
  reward: RewardModel,
  parameters: Float64Array,
): Promise<Float64Array> {
  const scores = episodeSums(seen, await reward.rewards(parameters, seen.rows));
  for (const [i, { observations, actions, rewards }] of episodes.entries()) {
    const acted = observations.subarray(0, rewards.length * spaceWidth(policy.observationSpace));
    for (const logProb of await policy.logProb(acted, actions)) scores[i] -= logProb;
  }
  const largest = scores.reduce((most, x) => Math.max(most, x), -Infinity);
  const weights = scores.map((x) => Math.exp(x - largest));
  const total = weights.reduce((sum, x) => sum + x, 0);
  return weights.map((x) => x / total);
}

export const sampledReward = (state: SampledEntropyState): LearnedReward => ({
  rewardOf: state.live.map.rewardOf,
  parameters: state.optimiser.point,
  rewards: sourceOf(state),
});
