/**
 * @file Apprenticeship learning via inverse reinforcement learning [Abbeel & Ng 2004] [N §3.4, eq. 61–63].
 *
 * If a reward is linear in the features with weights no longer than 1, a policy whose feature expectations μ are within
 * ε of the expert's, μ_E, has a value within ε of the expert's, whatever the weights ([N] squares the norm; the
 * inequality does not). The algorithm of [Abbeel & Ng 2004, §3]:
 *
 *   1. a first policy, best for random weights;
 *   2. the weights w, |w| ≤ 1, under which the expert beats all policies so far by the largest margin: w points from the
 *      nearest mixture of their μᵢ to μ_E, and the margin is the distance;
 *   3. the end, once the margin is at most `tolerance`: the mixture is then as good as the expert;
 *   4. the policy that is best for w, and its feature expectations, joins the others; on to 2.
 *
 * A round is 4 and then 2, so that its metrics are those of the mixture with the new policy.
 */

import { z } from "zod";
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
  summary: "inverse RL: rewards for which the expert is best, until a mixture matches its features",
  schema: apprenticeshipSchema,
  needs: [["demonstrations", "expert"]],
  create(given): InverseAlgorithm<ApprenticeshipState> {
    const options = withLearner("apprenticeship", given);
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
          // Equal by definition: the mixture's name for it.
          featureGap: margin,
          policies: mixture.reduce((sum, weight) => sum + Number(weight > 0), 0),
          valueGap: value - responses.reduce((sum, response, i) => sum + mixture[i] * response.value, 0),
        };
      },

      mixture: (state) => state.mixture,

      done: ({ rounds, excess }) => rounds >= iterations || norm2(excess) <= tolerance,
    });
  },
});

/**
 * The maximum margin: max over |w| ≤ 1 of minᵢ w · (μ_E − μᵢ) is |μ_E − Σ λᵢ μᵢ| for the nearest mixture, and w points
 * along it: the dual of [Abbeel & Ng 2004, eq. 10–12].
 */
function nearest(responses: readonly Response[], expert: Float64Array): Margin {
  const { weights, point } = minNormPoint(responses.map(({ features }) => difference(expert, features)));
  return { mixture: weights, excess: point };
}

/** The projection [Abbeel & Ng 2004, §3.1]: the mixture moves to the nearest point on the way to the newest policy. */
function project({ mixture, excess }: Margin, { features: newest }: Response, expert: Float64Array): Margin {
  // μ − μ̄, where μ̄ = μ_E − excess.
  const way = newest.map((x, k) => x - (expert[k] - excess[k]));
  const share = Math.min(1, Math.max(0, dot(way, excess) / Math.max(dot(way, way), Number.MIN_VALUE)));
  return {
    mixture: Float64Array.of(...mixture.map((weight) => (1 - share) * weight), share),
    excess: excess.map((x, k) => x - share * way[k]),
  };
}
