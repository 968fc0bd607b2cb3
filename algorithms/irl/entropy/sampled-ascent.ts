/**
 * @file Maximum entropy IRL without a model. The gradient is again demonstrated minus expected feature counts
 * [N §3.4, eq. 66]; the expectation is estimated from episodes of a reinforcement learner trained on the reward.
 *
 * For causal entropy the episodes are unbiased samples if the learner maximises reward and entropy at a temperature of
 * 1: its policy is then the model's [Fu, Luo & Levine 2018, appendix A, eq. 8] [Finn, Christiano, Abbeel & Levine
 * 2016]. For the entropy of trajectories the episodes get importance weights.
 *
 * The numbers of the steps are those of `max-ent-irl.ts` and `max-causal-ent-irl.ts`. The learner's policy takes the
 * place of the values in step 2, its episodes that of the exact counts in step 3. In step 4, L itself is
 * not computed.
 */

import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics, PolicyOptimiser, RewardSource, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Trajectory } from "../../../src/rollout/trajectory.js";
import { discountOf } from "../../shared/horizon.js";
import type { InverseAlgorithm } from "../shared/contract.js";
import { type RewardModel, rewardModel } from "../shared/feature-reward.js";
import { type FeatureMap, featureMap } from "../shared/features.js";
import { learnedReward } from "../shared/learned-reward.js";
import { type AdamState, adamStep, startAdam } from "../shared/optimise.js";
import { checkExpert, isDue, recordOf } from "../shared/options.js";
import {
  type Collector,
  collectWith,
  createCollector,
  learnFrom,
  type SampledSteps,
  sampledSteps,
  sampledValue,
  stepWeights,
} from "../shared/sampled-episodes.js";
import { weightedSum } from "../shared/sparse-rows.js";
import { type RewardMeasure, rewardMeasure } from "../shared/true-reward.js";
import { difference, norm2 } from "../shared/vectors.js";
import type { EntropyOptions } from "./options.js";

interface SampledMethod {
  learner: PolicyOptimiser;
  /** Importance weights of sampled episodes, `[episodes]`, of sum 1, from each step's reward; unset: all are equal. */
  episodeWeights?(
    sampled: SampledSteps,
    episodes: readonly Trajectory[],
    policy: Policy,
    rewards: Float64Array,
  ): Promise<Float64Array>;
}

export interface SampledAscentState {
  rounds: number;
  /** ‖μ_E − μ‖ of the last round. */
  featureGap: number;
  /** The state of Adam on the reward's parameters Φ. */
  optimiser: AdamState;
  learner: State;
  collector: Collector;
  live: {
    derived: true;
    problem: Problem;
    map: FeatureMap;
    reward: RewardModel;
    discount: number;
    demonstrated: SampledSteps;
    measure?: RewardMeasure;
  };
}

/** @throws UsageError with a horizon, which needs an exact model */
export function sampledAscent(
  name: string,
  options: EntropyOptions,
  { learner, episodeWeights }: SampledMethod,
): InverseAlgorithm<SampledAscentState> {
  const { iterations, l1, l2, learningRate } = options;
  if (options.horizon !== undefined) {
    throw new UsageError(
      `${name}: horizon needs an exact model; with an optimiser, the environment ends its episodes: ` +
        "leave horizon out, or set the environment's time limit",
    );
  }
  return {
    name,
    options: recordOf({ ...options, learner }),
    unit: "rounds",
    defaultSteps: iterations,

    async init(problem: Problem, rng: Rng): Promise<SampledAscentState> {
      checkExpert(name, problem, { ...options, learner });
      const { discount = discountOf(learner) } = options;
      const map = featureMap(name, problem, options);
      const reward = rewardModel(map.width, options);
      return {
        rounds: 0,
        featureGap: Number.NaN,
        optimiser: startAdam(reward.initialise(rng.stream("reward"))),
        learner: await learner.init(problem, rng.stream("learner")),
        collector: await createCollector(problem, options.episodes, rng),
        live: {
          derived: true,
          problem,
          map,
          reward,
          discount,
          demonstrated: sampledSteps(map, problem, options.demonstrations!.trajectories, { discount }),
          measure: rewardMeasure(problem, map, discount),
        },
      };
    },

    async update(state: SampledAscentState): Promise<Metrics> {
      const { optimiser, collector, live } = state;
      const { problem, map, reward, discount, demonstrated, measure } = live;
      const { point } = optimiser;
      // 1 and 2. The learner follows the reward.
      const learnerMetrics = await learnFrom(
        learner,
        state.learner,
        options.optimiserUpdates,
        rewardsOf(state),
      );
      // 3. Episodes of its policy, with weights.
      const policy = learner.policy(state.learner);
      const episodes = await collectWith(collector, policy, options.episodes);
      const sampled = sampledSteps(map, problem, episodes, { discount });
      const weights = episodeWeights
        ? await episodeWeights(sampled, episodes, policy, await reward.rewards(point, sampled.rows))
        : sampled.shares;
      // 4. The derivative of L in the reward of a step is its weight if demonstrated, minus its weight if sampled.
      const [ofDemonstrated, ofSampled] = [stepWeights(demonstrated), stepWeights(sampled, weights)];
      // 5. ∇L by the chain rule, and one step of Adam down −L(Φ) + l2 |Φ|² / 2, with the L1 penalty.
      const up = await reward.gradient(point, demonstrated.rows, ofDemonstrated);
      const down = await reward.gradient(point, sampled.rows, ofSampled);
      adamStep(
        optimiser,
        up.map((g, i) => down[i] - g + l2 * point[i]),
        learningRate,
        l1,
      );
      state.rounds++;
      const gap = difference(
        weightedSum(demonstrated.rows, ofDemonstrated),
        weightedSum(sampled.rows, ofSampled),
      );
      state.featureGap = norm2(gap);
      const isMeasured =
        isDue(state.rounds, state.rounds >= iterations, options) && measure && reward.reads(measure.rows);
      return {
        steps: state.rounds,
        featureGap: state.featureGap,
        valueGap: sampledValue(demonstrated) - sampledValue(sampled),
        ...(episodeWeights && { effectiveEpisodes: 1 / weights.reduce((sum, p) => sum + p * p, 0) }),
        ...(isMeasured && { epic: measure.distance(await reward.rewards(optimiser.point, measure.rows)) }),
        ...learnerMetrics,
      };
    },

    policy: (state): Policy => learner.policy(state.learner),

    done: ({ rounds }): boolean => rounds >= iterations,

    outcome: ({ rounds, featureGap }): string =>
      `${rounds} rounds; the last gap between feature expectations is ${featureGap.toPrecision(3)}`,

    reward: ({ optimiser: { point }, live: { map } }) => learnedReward({ map, parameters: point }, options),
  };
}

const rewardsOf =
  ({ optimiser, live: { map, reward } }: SampledAscentState): RewardSource =>
  (transitions) =>
    reward.rewards(optimiser.point, map.rows(transitions));
