/**
 * @file Apprenticeship learning via inverse reinforcement learning (Abbeel & Ng 2004; notes, §3.4, eq. 61–63).
 *
 * If a reward is linear in the features with weights no longer than 1, policies whose feature expectations are within ε of
 * the expert's are worth within ε of it, whatever the weights (the notes square the norm; the inequality does not). Each
 * round finds the weights for which the expert beats all policies so far by the largest margin, and adds the policy that
 * is best for them. The margin is how far the expert's feature expectations are from the nearest mixture of the policies:
 * once it is at most `tolerance`, that mixture is as good as the expert.
 */

import { z } from "zod";
import { count, positive } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import type { Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Policy } from "../../src/policies/contract.js";
import type { Rng } from "../../src/random/rng.js";
import { minNormPoint } from "./apprenticeship/min-norm-point.js";
import {
  createResponder,
  linearReward,
  mixed,
  mixturePolicy,
  type ResponderState,
  type Response,
  respond,
  responseOptions,
  rewardDistance,
} from "./shared/best-response.js";
import {
  checkShown,
  type InverseAlgorithm,
  inverseOptions,
  isDue,
  recordOf,
  withLearner,
} from "./shared/inverse-problem.js";
import { dot, norm2, unit } from "./shared/optimise.js";

export const apprenticeshipSchema = z.strictObject({
  ...inverseOptions,
  ...responseOptions,
  iterations: count().default(50).describe("rounds at most"),
  variant: z
    .enum(["max-margin", "projection"])
    .default("max-margin")
    .describe(
      "the nearest mixture of all policies, a small quadratic program; or one step towards the newest",
    ),
  tolerance: positive().default(1e-2).describe("ε: done when the margin is at most this"),
});

export type ApprenticeshipOptions = z.input<typeof apprenticeshipSchema>;

export interface ApprenticeshipState {
  rounds: number;
  responder: ResponderState;
  responses: Response[];
  /** λ: how the mixture nearest to the expert is made of the responses. */
  mixture: Float64Array;
  /** μ_E − μ of that mixture, `[k]`: what the next policy is rewarded for. */
  excess: Float64Array;
}

/** Apprenticeship learning, max-margin or by projection. */
export const apprenticeship = defineAlgorithm({
  name: "apprenticeship",
  summary: "inverse RL: rewards for which the expert is best, until a mixture matches its features",
  schema: apprenticeshipSchema,
  needs: ["demonstrations or expert"],
  create(given): InverseAlgorithm<ApprenticeshipState> {
    const options = withLearner("apprenticeship", given);
    const { iterations, tolerance, variant } = options;
    const isDone = ({ rounds, excess }: ApprenticeshipState) =>
      rounds >= iterations || norm2(excess) <= tolerance;
    return {
      name: "apprenticeship",
      options: recordOf(options),
      unit: "rounds",
      defaultSteps: iterations,

      async init(problem: Problem, rng: Rng): Promise<ApprenticeshipState> {
        checkShown("apprenticeship", problem, options);
        const responder = await createResponder("apprenticeship", problem, options, rng);
        const { features } = responder.live;
        // The first policy may be any: this one is best for random weights.
        const weights = unit(rng.stream("weights").fillNormal(new Float64Array(features.length)));
        const { response } = await respond(responder, weights, options);
        return {
          rounds: 0,
          responder,
          responses: [response],
          mixture: Float64Array.of(1),
          excess: difference(features, response.features),
        };
      },

      async update(state: ApprenticeshipState): Promise<Metrics> {
        const { responder, responses } = state;
        const { features: expert, value } = responder.live;
        const { response, metrics } = await respond(responder, unit(state.excess), options);
        responses.push(response);
        Object.assign(state, variant === "projection" ? project(state, expert) : nearest(responses, expert));
        state.rounds++;
        const values = responses.map((r) => r.value);
        const due = isDue(state.rounds, isDone(state), options);
        const margin = norm2(state.excess);
        return {
          steps: state.rounds,
          margin,
          // The same by definition, in the mixture's name.
          featureGap: margin,
          policies: state.mixture.reduce((sum, weight) => sum + Number(weight > 0), 0),
          valueGap: value - values.reduce((sum, x, i) => sum + state.mixture[i] * x, 0),
          ...(due ? rewardDistance(responder, learnedWeights(state)) : {}),
          ...metrics,
        };
      },

      policy: ({ responder, responses, mixture }: ApprenticeshipState): Policy =>
        mixturePolicy(responder, responses, mixture),

      done: isDone,

      reward: (state: ApprenticeshipState) => linearReward(state.responder, learnedWeights(state)),
    };
  },
});

/** The weights that the policies of the mixture are best for, mixed alike: what the expert seems to be after. */
const learnedWeights = ({ responses, mixture }: ApprenticeshipState): Float64Array =>
  mixed(
    responses.map(({ weights }) => weights),
    mixture,
  );

/**
 * The weights w, |w| ≤ 1, of the largest margin min w · (μ_E − μᵢ) point from the nearest mixture to the expert (Abbeel & Ng
 * 2004, eq. 10–12, and their dual, §3): μ_E − Σ λᵢ μᵢ.
 */
function nearest(responses: readonly Pick<Response, "features">[], expert: Float64Array) {
  const { weights, point } = minNormPoint(responses.map(({ features }) => difference(expert, features)));
  return { mixture: weights, excess: point };
}

/** The mixture moves towards the newest policy, to the nearest point on the way (Abbeel & Ng 2004, §3.1). */
function project({ responses, mixture, excess }: ApprenticeshipState, expert: Float64Array) {
  const newest = responses[responses.length - 1].features;
  // μ − μ̄, where μ̄ = μ_E − excess.
  const way = newest.map((x, k) => x - (expert[k] - excess[k]));
  const share = Math.min(1, Math.max(0, dot(way, excess) / Math.max(dot(way, way), Number.MIN_VALUE)));
  return {
    mixture: Float64Array.of(...mixture.map((weight) => (1 - share) * weight), share),
    excess: excess.map((x, k) => x - share * way[k]),
  };
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, k) => x - b[k]);
