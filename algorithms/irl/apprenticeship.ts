/**
 * @file Apprenticeship learning via inverse reinforcement learning [Abbeel & Ng 2004] [N §3.4, eq. 61–63].
 *
 * Let the reward be linear in the features, with weights of norm at most 1. A policy whose feature expectations μ are
 * within ε of the expert's, μ_E, then has a value within ε of the expert's, for all such weights. ([N] squares the
 * norm; the inequality holds for the norm itself.) The algorithm of [Abbeel & Ng 2004, §3]:
 *
 *   1. Compute a first policy, optimal for random weights.
 *   2. Find the weights w, |w| ≤ 1, under which the expert exceeds all policies so far by the largest margin: w points
 *      from the nearest mixture of their μᵢ to μ_E, and the margin is the distance.
 *   3. Stop if the margin is at most `tolerance`: the mixture is then as good as the expert.
 *   4. Add the policy that is optimal for w, with its feature expectations, and go to 2.
 *
 * A round is step 4 and then step 2, so its metrics are those of the mixture that includes the new policy.
 */

import * as z from "zod";
import { count, positive } from "../../src/config/options.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { minNormPoint } from "./apprenticeship/min-norm-point.js";
import { type Response, responseOptions } from "./best-response/responder.js";
import { type RoundsState, roundsOfResponses } from "./best-response/rounds.js";
import type { InverseAlgorithm } from "./shared/contract.js";
import { inverseOptions, withLearner } from "./shared/options.js";
import { difference, dot, norm2, unit } from "./shared/vectors.js";

export const apprenticeshipSchema = z.strictObject({
  ...inverseOptions,
  ...responseOptions,
  iterations: count().default(50).describe("largest number of rounds"),
  variant: z
    .enum(["max-margin", "projection"])
    .default("max-margin")
    .describe(
      "max-margin: the nearest mixture of all policies (a quadratic program); projection: one step towards the newest policy",
    ),
  tolerance: positive()
    .default(1e-2)
    .describe("ε: margin at which the algorithm stops, in units of the feature expectations"),
});

export type ApprenticeshipOptions = z.input<typeof apprenticeshipSchema>;

export interface ApprenticeshipState extends RoundsState, Margin {}

interface Margin {
  /** λ: the weights of the responses in the mixture nearest to the expert. */
  mixture: Float64Array;
  /** μ_E − μ of that mixture, `[k]`: the weights of the next reward, up to their length. */
  excess: Float64Array;
}

/** Apprenticeship learning, by the maximum margin or by projection. */
export const apprenticeship = defineAlgorithm({
  name: "apprenticeship",
  summary:
    "inverse RL by feature matching: maximum-margin rewards, until a mixture of policies matches the expert",
  schema: apprenticeshipSchema,
  needs: [["demonstrations", "expert"]],
  create(parsed): InverseAlgorithm<ApprenticeshipState> {
    const options = withLearner("apprenticeship", parsed);
    const { iterations, tolerance, variant } = options;
    return roundsOfResponses<ApprenticeshipState>("apprenticeship", options, {
      async start(base, add, rng) {
        const { features: expert } = base.responder.live.expert;
        const { features } = await add(
          unit(rng.stream("weights").fillNormal(new Float64Array(expert.length))),
        );
        return { ...base, mixture: Float64Array.of(1), excess: difference(expert, features) };
      },

      async round(state, add) {
        const { features: expert, value } = state.responder.live.expert;
        const newest = await add(unit(state.excess));
        Object.assign(
          state,
          variant === "projection" ? project(state, newest, expert) : nearest(state.responses, expert),
        );
        const { mixture, excess, responses } = state;
        const margin = norm2(excess);
        return {
          margin,
          // The margin is by definition the distance of the mixture's feature expectations from the expert's.
          featureGap: margin,
          policies: mixture.reduce((sum, weight) => sum + Number(weight > 0), 0),
          valueGap: value - responses.reduce((sum, response, i) => sum + mixture[i] * response.value, 0),
        };
      },

      mixture: (state) => state.mixture,

      done: ({ rounds, excess }) => rounds >= iterations || norm2(excess) <= tolerance,

      outcome({ rounds, excess }) {
        const margin = norm2(excess);
        const found = `the margin is ${margin.toPrecision(3)}`;
        return margin <= tolerance
          ? `converged in ${rounds} rounds: ${found}, within the tolerance ${tolerance}`
          : `not converged after ${rounds} rounds: ${found}, above the tolerance ${tolerance}`;
      },
    });
  },
});

/**
 * The maximum margin: max over |w| ≤ 1 of minᵢ w · (μ_E − μᵢ) equals |μ_E − Σ λᵢ μᵢ| for the nearest mixture λ, and w
 * is the direction of μ_E − Σ λᵢ μᵢ (the dual of [Abbeel & Ng 2004, eq. 10–12]).
 */
function nearest(responses: readonly Response[], expert: Float64Array): Margin {
  const { weights, point } = minNormPoint(responses.map(({ features }) => difference(expert, features)));
  return { mixture: weights, excess: point };
}

/** The projection [Abbeel & Ng 2004, §3.1]: the nearest point on the segment from the mixture to the newest policy. */
function project({ mixture, excess }: Margin, { features: newest }: Response, expert: Float64Array): Margin {
  // μ − μ̄, where μ̄ = μ_E − excess.
  const way = newest.map((x, k) => x - (expert[k] - excess[k]));
  const share = Math.min(1, Math.max(0, dot(way, excess) / Math.max(dot(way, way), Number.MIN_VALUE)));
  return {
    mixture: Float64Array.of(...mixture.map((weight) => (1 - share) * weight), share),
    excess: excess.map((x, k) => x - share * way[k]),
  };
}
