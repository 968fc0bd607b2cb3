/**
 * @file The loop of adversarial imitation, which GAIL and AIRL share [Ho & Ermon 2016, algorithm 1]
 * [Fu, Luo & Levine 2018, algorithm 1]: sample with the policy, train the discriminator, take a policy step on the
 * discriminator's reward.
 */

import { mean } from "../../../src/diagnostics/statistics.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm, Metrics, RewardSource, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { actionScaling, executedActions, logScale } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import type { Spaces } from "../../shared/transition-features.js";
import { copyRows, expertRows, learnerRows, type RowSource } from "../../shared/transition-rows.js";
import { aroundOptimiser, type RewardOptions, rewardTask } from "../shared/options.js";
import {
  createDiscriminator,
  createDiscriminatorState,
  type Discriminator,
  type DiscriminatorState,
  observe,
  scoreRows,
  trainDiscriminator,
} from "./discriminator.js";
import type { DiscriminatorOptions } from "./options.js";
import type { Scorer } from "./scorers.js";

/** The differences between GAIL and AIRL. */
export interface AdversarialMethod {
  name: string;
  /** All options; they are stored in the run's config. */
  options: RewardOptions & { discriminator: DiscriminatorOptions } & Record<string, unknown>;
  scorer(spaces: Spaces): Scorer;
  /** Whether the logit is the score minus log π(a | s). */
  usesPolicy: boolean;
  /**
   * Weight of −log π(a | s) in the learner's reward; 1 by default. The remainder is replaced by its mean, so that the
   * mean reward of a step keeps its ratio to the reward of the absorbing state.
   */
  entropyWeight?: number;
  /** Number of consecutive steps classified together; 1 by default. */
  window?: number;
  /** The learner's reward as a function of the logit. */
  reward(logit: number): number;
}

export interface AdversarialState {
  /** The policy optimiser's state. */
  optimiser: State;
  discriminator: DiscriminatorState;
  live: { derived: true; discriminator: Discriminator; expert: RowSource };
}

/** A learner of a policy and of a reward. */
export interface AdversarialLearner extends Algorithm<AdversarialState> {
  /** The reward learnt so far, as a function of transitions alone. It changes as the state is trained. */
  reward(state: AdversarialState): RewardSource;
}

/** Number of transitions evaluated in one call of `logProb`. */
const CHUNK = 65_536;

export function adversarial(method: AdversarialMethod): AdversarialLearner {
  const { name, options, usesPolicy, entropyWeight = 1, window = 1 } = method;
  const task = rewardTask(name, options);
  const { demonstrations, optimiser, withAbsorbing } = task;

  const scale = logScale(actionScaling(demonstrations.actionSpace));
  /** log π(a | s) `[n]` of normalised actions, so that logits do not depend on the units of the actions. */
  const logProbsOf = async (policy: Policy, observations: Float32Array, actions: ActionBatch) =>
    (await policy.logProb(observations, actions)).map((logProb) => logProb + scale);

  /** log π(a | s) of the expert's transitions `[n]`, computed in blocks without copying the demonstrations. */
  async function expertLogProbs(policy: Policy, expert: RowSource) {
    const logProbs = new Float32Array(expert.count);
    for (let from = 0; from < expert.count; from += CHUNK) {
      const rows = copyRows(demonstrations, expert, from, Math.min(expert.count, from + CHUNK));
      logProbs.set(await logProbsOf(policy, rows.observations, rows.actions), from);
    }
    return logProbs;
  }

  /** The rewards of the learner's samples, and their mean before the return of the absorbing state is added. */
  async function rewardsOf(state: AdversarialState, samples: RowSource) {
    const { scores, absorbing } = await scoreRows(state.live.discriminator, state.discriminator, samples);
    const logProbs = samples.logProbs ?? new Float32Array(scores.length);
    const level = (1 - entropyWeight) * mean(logProbs);
    const rewards = new Float64Array(scores.length);
    for (let i = 0; i < rewards.length; i++) {
      rewards[i] = method.reward(scores[i] - (entropyWeight * logProbs[i] + level));
    }
    const meanReward = mean(rewards);
    task.addAbsorbing(rewards, samples.terminated, method.reward(absorbing));
    return { rewards, meanReward };
  }

  return {
    name,
    options: { ...options, ...task.record },
    ...aroundOptimiser(optimiser),

    // 1: Input: the expert's trajectories τ_E, initial parameters θ_0 of the policy and w_0 of the discriminator.
    async init(problem: Problem, rng: Rng): Promise<AdversarialState> {
      task.requireProblem(problem);
      const discriminator = createDiscriminator({
        spaces: problem,
        scorer: method.scorer(problem),
        options: options.discriminator,
        usesPolicy,
        window,
        withAbsorbing,
      });
      const state = createDiscriminatorState(discriminator, rng.stream("discriminator"));
      const expert = expertRows(demonstrations, withAbsorbing);
      observe(state, expert);
      return {
        optimiser: await optimiser.init(problem, rng.stream("optimiser")),
        discriminator: state,
        live: { derived: true, discriminator, expert },
      };
    },

    // 2: for i = 0, 1, 2, … do
    async update(state: AdversarialState): Promise<Metrics> {
      const { discriminator, expert } = state.live;
      let learnt: Metrics = {};
      // 3: Sample trajectories τ_i with π_θ. The optimiser samples, then calls back for the rewards of its samples.
      const metrics = await optimiser.update(state.optimiser, async (transitions) => {
        task.requireRollout(transitions);
        if (window > 1) requireTrajectories(name, optimiser.name, transitions);
        const samples = learnerRows(transitions, withAbsorbing);
        observe(state.discriminator, samples);

        // 4: Update the discriminator from w_i to w_(i+1) with the gradient of eq. 58. Demonstrations hold executed
        // actions, so the learner's actions are clipped too: actions out of bounds would identify the learner.
        const { actionSpace } = demonstrations;
        const { observations, actions } = transitions;
        const executed = executedActions(actionSpace, actions);
        const policy = usesPolicy ? optimiser.policy(state.optimiser) : undefined;
        if (policy) {
          samples.logProbs = await logProbsOf(policy, observations, executed);
          expert.logProbs = await expertLogProbs(policy, expert);
        }
        const trained = await trainDiscriminator(discriminator, state.discriminator, expert, samples);

        // 5: Take a policy step from θ_i to θ_(i+1) with the reward of D_(w_(i+1)). The optimiser does so on return.
        if (policy && executed !== actions)
          samples.logProbs = await logProbsOf(policy, observations, actions);
        const { rewards, meanReward } = await rewardsOf(state, samples);
        learnt = { ...trained, meanReward };
        return rewards;
      });
      return { ...metrics, ...learnt };
    },

    reward: (state) => async (transitions) => {
      const rows = learnerRows(transitions, withAbsorbing);
      const { discriminator } = state.live;
      const { scores, absorbing } = await scoreRows(discriminator, state.discriminator, rows, "rewards");
      const form = usesPolicy ? (score: number) => score : method.reward;
      const rewards = Float64Array.from(scores, form);
      task.addAbsorbing(rewards, rows.terminated, form(absorbing));
      return rewards;
    },
  };
}

/** @throws UsageError when the optimiser samples single transitions from a replay, which cannot form windows */
function requireTrajectories(name: string, optimiser: string, { environments }: { environments?: number }) {
  if (environments !== undefined) return;
  throw new UsageError(
    `${name}: classify "trajectories" needs whole trajectories, and ${optimiser} learns from single transitions; use ppo, or classify "pairs"`,
  );
}
