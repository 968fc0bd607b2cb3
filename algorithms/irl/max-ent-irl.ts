/**
 * @file Maximum entropy inverse reinforcement learning [Ziebart, Maas, Bagnell & Dey 2008] [N §3.4, eq. 65–66].
 *
 * The probability of a trajectory grows exponentially with its reward ([N §3.4, eq. 65]; eq. 4 of the paper):
 *
 *   P(τ | s₀) = Π p(sₜ₊₁ | sₜ, aₜ) exp Σ γᵗ r(sₜ, aₜ, sₜ₊₁) / Z(s₀)
 *
 * The learnt reward R(s) = Φᵀψ(s) maximises the mean log-likelihood L of the demonstrations, whose discounted counts of
 * transitions are f̃. Each round computes exactly, on the model:
 *
 *   1. the reward of every transition from the parameters Φ;
 *   2. log Zₜ(s) of every state and time, backward in time (the paper's algorithm 1, steps 1–3);
 *   3. D, the expected count of every transition, forward in time (steps 4–6);
 *   4. L, and its derivative in the reward of every transition, f̃ − D ([N §3.4, eq. 66]; eq. 6 of the paper);
 *   5. ∇L = Σ (f̃ − D) ψ, and one step of the optimiser.
 *
 * Steps 2 to 4 are in this file. Steps 1 and 5, common to all likelihoods, are in `entropy/likelihood-ascent.ts`.
 * Without a model D is estimated from episodes (`entropy/sampled-ascent.ts`), with the importance weights below.
 *
 * With stochastic dynamics, P attributes lucky transitions to the expert's choice, and no policy can reproduce P: use
 * `maxCausalEntIrl`. On deterministic dynamics the two methods are the same. The policy is π(a | s, t) under P. The
 * start states are conditioned on, not modelled.
 */

import * as z from "zod";
import { fraction } from "../../src/config/options.js";
import { nonEmptyEpisodes } from "../../src/datasets/transitions.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { State } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { horizonFlow, trajectoryDistribution, trajectoryFlow } from "../../src/mdp/index.js";
import { softmaxInPlace } from "../../src/mdp/tables.js";
import type { Policy } from "../../src/policies/contract.js";
import type { Trajectory } from "../../src/rollout/trajectory.js";
import { spaceWidth } from "../../src/spaces/index.js";
import { type LikelihoodModel, likelihoodAscent } from "./entropy/likelihood-ascent.js";
import { entropyOptions } from "./entropy/options.js";
import { sampledAscent } from "./entropy/sampled-ascent.js";
import type { InverseAlgorithm } from "./shared/contract.js";
import type { DemonstratedVisits } from "./shared/demonstrated-visits.js";
import { withLearner } from "./shared/options.js";
import { episodeSums, type SampledSteps } from "./shared/sampled-episodes.js";
import { difference, dot } from "./shared/vectors.js";

export const maxEntIrlSchema = z.strictObject({
  ...entropyOptions,
  // The default horizon is the length of the longest demonstration.
  discount: fraction().optional().describe("γ; unset: the optimiser's, or 1 on a model"),
});

export type MaxEntIrlOptions = z.input<typeof maxEntIrlSchema>;

/** Maximum entropy IRL. Defaults: the horizon is the longest demonstration's, the discount the optimiser's or 1. */
export const maxEntIrl = defineAlgorithm({
  name: "maxEntIrl",
  summary: "maximum entropy inverse RL: the maximum-likelihood reward, for deterministic dynamics",
  schema: maxEntIrlSchema,
  needs: [["demonstrations", "expert"]],
  create(parsed): InverseAlgorithm<State> {
    const options = withLearner("maxEntIrl", parsed);
    if (options.learner) {
      return sampledAscent("maxEntIrl", options, { learner: options.learner, episodeWeights });
    }
    return likelihoodAscent("maxEntIrl", options, {
      horizon: () => options.horizon ?? longestEpisode(options),
      likelihood: trajectoryLikelihood,
    });
  },
});

/**
 * The likelihood of trajectories of `horizon` steps. With stochastic dynamics, D differs from the visits of the policy.
 */
export function trajectoryLikelihood(
  model: TabularModel,
  { visits, entries }: DemonstratedVisits,
  time: { horizon: number; discount: number },
): LikelihoodModel {
  return {
    visits: (policy) => horizonFlow(model, policy, entries, time),
    evaluate(reward) {
      const rewarded = { ...model, reward };
      // 2. Backward: log Zₜ(s), the log-sum over all continuations from s at time t, and π(a | s, t).
      const { values: logZ, policy } = trajectoryDistribution(rewarded, time);
      // 3. Forward: the expected count D of every transition, from the demonstrated starts.
      const expected = trajectoryFlow(rewarded, logZ, entries, time);
      // 4. L = E[reward] − log Z at the starts, + log Z where a time limit cut a demonstration off (of negative mass).
      const logPartition = entries.reduce(
        (sum, e) => sum + e.mass * logZ[e.time * model.states + e.state],
        0,
      );
      return {
        logLikelihood: dot(visits, reward) - logPartition,
        slope: difference(visits, expected),
        policy,
      };
    },
  };
}

/** @throws UsageError for an expert without the option `horizon`, as an expert's episodes define no length */
function longestEpisode({ demonstrations }: Pick<MaxEntIrlOptions, "demonstrations">): number {
  if (!demonstrations) throw new UsageError("maxEntIrl: an expert needs a horizon; set the option horizon");
  return Math.max(...nonEmptyEpisodes(demonstrations.trajectories).map(({ rewards }) => rewards.length));
}

/**
 * Step 3 on samples is guided cost learning [Finn, Levine & Abbeel 2016, §4.2]: a policy proposes episodes, and each
 * has the self-normalised importance weight P(τ) / q(τ) ∝ exp(Σ γᵗ r) / Π π(aₜ | sₜ); the probabilities of the dynamics
 * cancel.
 *
 * @param rewards of the sampled steps, `[steps]`.
 * @returns weights `[episodes]` of sum 1.
 */
async function episodeWeights(
  sampled: SampledSteps,
  episodes: readonly Trajectory[],
  policy: Policy,
  rewards: Float64Array,
): Promise<Float64Array> {
  const scores = episodeSums(sampled, rewards);
  for (const [i, { observations, actions, rewards: steps }] of episodes.entries()) {
    const acted = observations.subarray(0, steps.length * spaceWidth(policy.observationSpace));
    for (const logProb of await policy.logProb(acted, actions)) scores[i] -= logProb;
  }
  softmaxInPlace(scores);
  return scores;
}
