/**
 * @file The loop of adversarial imitation, which GAIL and AIRL share: a policy optimiser learns from rewards that a
 * discriminator gives to what it did, and the discriminator learns to tell that from what the expert did.
 */

import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import { mean } from "../../../src/diagnostics/statistics.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type {
  Algorithm,
  Metrics,
  PolicyOptimiser,
  RewardSource,
  State,
} from "../../../src/learning/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { clipToBox } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import { fingerprint, requireDemonstrationsOf } from "../../shared/demonstrations-option.js";
import { discountOf, optimiserConfig } from "../../shared/policy-optimiser.js";
import { expertRows, learnerRows, type RowSource } from "../../shared/transition-rows.js";
import {
  createDiscriminator,
  createDiscriminatorState,
  type Discriminator,
  type DiscriminatorState,
  observe,
  scoreRows,
  trainDiscriminator,
} from "./discriminator.js";
import type { DiscriminatorOptions } from "./discriminator-programs.js";
import type { Horizon } from "./horizon.js";
import { carryOn, requireDiscount, requireHorizon } from "./horizon.js";
import type { Scorer, Spaces } from "./scorers.js";

/** What GAIL and AIRL differ in. */
export interface AdversarialMethod {
  name: string;
  demonstrations: Demonstrations;
  optimiser: PolicyOptimiser;
  horizon: Horizon;
  discriminator: DiscriminatorOptions;
  /** For the record, beside those above. */
  options: Record<string, unknown>;
  scorer(spaces: Spaces): Scorer;
  /** Whether the logit is the score less log π(a | s). */
  usesPolicy: boolean;
  /**
   * How much of the learner's −log π(a | s) its reward has; 1 unless given. The rest is taken at its mean, which leaves a
   * step worth as much beside the absorbing state as the logit makes it.
   */
  entropyWeight?: number;
  /** Steps that are classified together; 1 unless given. */
  window?: number;
  /** The learner's reward for a logit. */
  reward(logit: number): number;
}

export interface AdversarialState {
  /** The policy optimiser's own. */
  optimiser: State;
  discriminator: DiscriminatorState;
  live: { derived: true; discriminator: Discriminator; expert: RowSource };
}

/** A learner whose reward can be asked for. */
export interface AdversarialLearner extends Algorithm<AdversarialState> {
  /** The reward as learnt so far, which goes on changing with the state; it never depends on the policy. */
  reward(state: AdversarialState): RewardSource;
}

export function adversarial(method: AdversarialMethod): AdversarialLearner {
  const { name, demonstrations, optimiser, horizon, usesPolicy, entropyWeight = 1, window = 1 } = method;
  const withAbsorbing = horizon === "absorbing";
  const discount = discountOf(optimiser);
  requireDiscount(name, horizon, discount, optimiser.name);
  requireHorizon(name, horizon, demonstrations);
  const expert = expertRows(demonstrations, withAbsorbing);

  /** Rewards of the learner's rows, and the means that are reported. */
  async function rewardsFor(state: AdversarialState, rows: RowSource) {
    const { scores, absorbing } = await scoreRows(state.live.discriminator, state.discriminator, rows);
    const logProbs = rows.logProbs ?? new Float32Array(scores.length);
    const level = (1 - entropyWeight) * mean(logProbs);
    const rewards = new Float64Array(scores.length);
    for (let i = 0; i < rewards.length; i++) {
      rewards[i] = method.reward(scores[i] - (entropyWeight * logProbs[i] + level));
    }
    const meanReward = mean(rewards);
    if (withAbsorbing) carryOn(rewards, rows.terminated, method.reward(absorbing), discount);
    return { rewards, meanReward };
  }

  /**
   * log π(a | s) of the policy as it is. Demonstrations hold the actions that were executed, so the classifier is told of
   * those of the learner too: whoever is beyond the bounds of the box would else be known by that alone.
   */
  async function askPolicy(state: AdversarialState, source: RowSource, actions: ActionBatch) {
    source.logProbs = await optimiser.policy(state.optimiser).logProb(source.observations, actions);
  }

  return {
    name,
    options: {
      ...method.options,
      demonstrations: fingerprint(demonstrations),
      optimiser: optimiserConfig(optimiser),
      horizon,
      discriminator: method.discriminator,
    },
    unit: optimiser.unit,
    defaultSteps: optimiser.defaultSteps,

    async init(problem: Problem, rng: Rng): Promise<AdversarialState> {
      requireDemonstrationsOf(name, problem, demonstrations);
      const discriminator = createDiscriminator({
        spaces: problem,
        scorer: method.scorer(problem),
        options: method.discriminator,
        usesPolicy,
        window,
        withAbsorbing,
      });
      const state = createDiscriminatorState(discriminator, rng.stream("discriminator"));
      observe(state, expert);
      return {
        optimiser: await optimiser.init(problem, rng.stream("optimiser")),
        discriminator: state,
        live: { derived: true, discriminator, expert: { ...expert } },
      };
    },

    /** One iteration of the optimiser; before it learns from what it did, the discriminator does. */
    async update(state: AdversarialState): Promise<Metrics> {
      const { discriminator, expert } = state.live;
      let told: Metrics = {};
      const metrics = await optimiser.update(state.optimiser, async (transitions) => {
        requireHorizon(name, horizon, transitions);
        if (window > 1 && transitions.environments === undefined) {
          throw new UsageError(
            `${name}: ${optimiser.name} learns from single transitions, which are no trajectories; ` +
              'take ppo, or classify "pairs"',
          );
        }
        const rows = learnerRows(transitions, withAbsorbing);
        observe(state.discriminator, rows);
        const { actionSpace } = demonstrations;
        const executed = actionSpace.kind === "box" ? clipToBox(rows.actions, actionSpace) : rows.actions;
        if (usesPolicy) {
          await askPolicy(state, rows, executed);
          await askPolicy(state, expert, expert.actions);
        }
        const trained = await trainDiscriminator(discriminator, state.discriminator, expert, rows);
        if (usesPolicy && executed !== rows.actions) await askPolicy(state, rows, rows.actions);
        const { rewards, meanReward } = await rewardsFor(state, rows);
        told = { ...trained, meanReward };
        return rewards;
      });
      return { ...metrics, ...told };
    },

    policy: (state) => optimiser.policy(state.optimiser),
    done: optimiser.done && ((state) => optimiser.done!(state.optimiser)),

    reward: (state) => async (transitions) => {
      const rows = learnerRows(transitions, withAbsorbing);
      const { discriminator } = state.live;
      const { scores, absorbing } = await scoreRows(discriminator, state.discriminator, rows, "rewards");
      const form = usesPolicy ? (score: number) => score : method.reward;
      const rewards = Float64Array.from(scores, form);
      if (withAbsorbing) carryOn(rewards, rows.terminated, form(absorbing), discount);
      return rewards;
    },
  };
}
