/**
 * @file A game-theoretic approach to apprenticeship learning: MWAL [Syed & Schapire 2007, algorithm 1] [N §3.4, eq. 64].
 *
 * The learner picks a mixture of policies, an adversary the weights of the features, from the simplex: max over
 * mixtures of min over weights of w · (μ − μ_E). The adversary plays multiplicative weights [Freund & Schapire 1999].
 * Each of T rounds:
 *
 *   1. the adversary's weights w, in proportion to exp(−step · its losses so far);
 *   2. the policy that is best for w, and its feature expectations μ;
 *   3. the adversary loses w · (μ − μ_E), and would have lost μₖ − μ_Eₖ by each feature k alone.
 *
 * The result draws one of the T policies, all with the same probability. If every feature is known to be good, the
 * mixture may be better than the expert, whatever the true weights. If signs are unknown, each feature is joined by its
 * negative, and the mixture is as good.
 *
 * The step size is in units of the largest gain or loss of a round. On a model that is known beforehand; on samples it is
 * estimated from the demonstrations, and raised when a response exceeds it.
 */

import { z } from "zod";
import { count } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { maxNorm } from "../../src/mdp/value-iteration.js";
import { responseOptions } from "./best-response/responder.js";
import { type RoundsState, roundsOfResponses } from "./best-response/rounds.js";
import type { InverseAlgorithm } from "./shared/contract.js";
import { inverseOptions, withLearner } from "./shared/options.js";
import { difference, dot, mixed, norm2 } from "./shared/vectors.js";

export const gameTheoreticSchema = z.strictObject({
  ...inverseOptions,
  ...responseOptions,
  iterations: count().default(100).describe("T: rounds, which the adversary's step size is chosen for"),
  signs: z
    .enum(["unknown", "known"])
    .default("unknown")
    .describe("known: no feature has a negative weight; give harmful ones with the sign turned"),
});

export type GameTheoreticOptions = z.input<typeof gameTheoreticSchema>;

export interface GameTheoreticState extends RoundsState {
  /** At least half of |μ − μ_E| in every feature and round so far. */
  scale: number;
  /** Σ over the rounds of μ − μ_E, `[k]`, or with unknown signs `[2k]`: the loss of each feature alone. */
  losses: Float64Array;
  /** The adversary's loss, and the sum over the rounds of its loss less their soft minimum. */
  loss: number;
  mixability: number;
}

/** MWAL: a mixture of as many policies as there are rounds, with equal weights. */
export const gameTheoretic = defineAlgorithm({
  name: "gameTheoretic",
  summary: "inverse RL as a game against the reward, which may end up better than the expert",
  schema: gameTheoreticSchema,
  needs: [["demonstrations", "expert"]],
  create(given): InverseAlgorithm<GameTheoreticState> {
    const options = withLearner("gameTheoretic", given);
    const { iterations, signs } = options;
    const mixture = ({ responses }: RoundsState) =>
      new Float64Array(responses.length).fill(1 / responses.length);
    return roundsOfResponses<GameTheoreticState>("gameTheoretic", options, {
      async start(base) {
        const { scale, expert } = base.responder.live;
        if (scale === 0) {
          throw new UsageError(
            "gameTheoretic: every feature is 0 everywhere, so no reward depends on them; give features that are not",
          );
        }
        const losses = new Float64Array(expert.features.length * (signs === "known" ? 1 : 2));
        return { ...base, scale, losses, loss: 0, mixability: 0 };
      },

      async round(state, add) {
        const { responder, responses, losses, scale } = state;
        const { features: expert, value } = responder.live.expert;
        // 1. Losses are in [0, 1] in units of 4 · scale [Syed & Schapire 2007, eq. 6].
        const step = stepSize(losses.length, iterations) / (4 * scale);
        const weights = softmax(losses.map((loss) => -step * loss));
        // 2.
        const { features } = await add(withoutNegatives(weights, expert.length));
        // 3.
        const loss = difference(
          withNegatives(features, weights.length),
          withNegatives(expert, weights.length),
        );
        const own = dot(weights, loss);
        for (let i = 0; i < losses.length; i++) losses[i] += loss[i];
        state.loss += own;
        state.mixability += own - softMinimum(weights, loss, step);
        state.scale = Math.max(scale, maxNorm(loss) / 2);

        const rounds = responses.length;
        const mean = mixed(
          responses.map((response) => response.features),
          mixture(state),
        );
        const least = Math.min(...losses);
        return {
          featureGap: norm2(difference(mean, expert)),
          // Lower bound of the mixture's value less the demonstrations', for all true weights in the simplex.
          advantage: least / rounds,
          regret: (state.loss - least) / rounds,
          regretBound: regretBound(state, step) / rounds,
          valueGap: value - responses.reduce((sum, response) => sum + response.value / rounds, 0),
        };
      },

      mixture,

      done: ({ rounds }) => rounds >= iterations,
    });
  },
});

/** log 1/β with β = 1 / (1 + √(2 ln k / T)) [Syed & Schapire 2007, algorithm 1, step 2]. */
export const stepSize = (count: number, rounds: number): number =>
  Math.log1p(Math.sqrt((2 * Math.log(count)) / rounds));

/**
 * Upper bound of the adversary's regret over all rounds so far, with the step size of the last: log k / step, plus its
 * losses less their soft minima. It holds for losses of any size and steps that only decrease [de Rooij et al. 2014,
 * lemma 2]. With a constant step and losses in [0, 1] it is never above (log(1/β) min Σ loss + log k) / (1 − β) − min Σ
 * loss [Freund & Schapire 1999, theorem 2], on which [Syed & Schapire 2007, theorem 2] rests. No mixture gains more
 * than the adversary has lost, so the learner's is within this regret of the best mixture.
 */
const regretBound = ({ losses, mixability }: GameTheoreticState, step: number): number =>
  mixability + (step > 0 ? Math.log(losses.length) / step : 0);

/** −log(Σ w exp(−step · x)) / step: a soft minimum of x, at most Σ w x. */
function softMinimum(weights: Float64Array, x: Float64Array, step: number): number {
  if (step === 0) return dot(weights, x);
  const least = Math.min(...x);
  return least - Math.log(weights.reduce((sum, w, i) => sum + w * Math.exp(step * (least - x[i])), 0)) / step;
}

function softmax(logWeights: Float64Array): Float64Array {
  const largest = logWeights.reduce((most, x) => Math.max(most, x), -Infinity);
  const weights = logWeights.map((x) => Math.exp(x - largest));
  const total = weights.reduce((sum, x) => sum + x, 0);
  return weights.map((x) => x / total);
}

/** One weight a feature, `[count]`, from weights of the features and, with unknown signs, of their negatives. */
const withoutNegatives = (weights: Float64Array, count: number): Float64Array =>
  weights.length === count ? weights : difference(weights.slice(0, count), weights.subarray(count));

/** The features, joined by their negatives if there are weights for these. */
const withNegatives = (features: Float64Array, length: number): Float64Array =>
  features.length === length ? features : Float64Array.of(...features, ...features.map((x) => -x));
