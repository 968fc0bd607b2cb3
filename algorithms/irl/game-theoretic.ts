/**
 * @file A game-theoretic approach to apprenticeship learning: MWAL [Syed & Schapire 2007, algorithm 1]
 * [N §3.4, eq. 64].
 *
 * A zero-sum game: the learner chooses a mixture of policies, an adversary the weights of the features, from the
 * simplex. The value is the max over mixtures of the min over weights of w · (μ − μ_E). The adversary plays
 * multiplicative weights [Freund & Schapire 1999]. Each of T rounds:
 *
 *   1. Set the adversary's weights w in proportion to exp(−step · its cumulative losses).
 *   2. Compute the policy that is optimal for w, and its feature expectations μ.
 *   3. Add the adversary's loss w · (μ − μ_E), and the loss μₖ − μ_Eₖ of each feature k alone.
 *
 * The result is the uniform mixture of the T policies. If all weights of the true reward are known to be non-negative,
 * the mixture may be better than the expert under every such reward. If signs are unknown, the negative of each feature
 * is added as a feature, and the mixture is as good as the expert.
 *
 * The step size is in units of the largest gain or loss of a round. A model gives this bound beforehand. On samples it
 * is estimated from the demonstrations, and increased when a response exceeds it.
 */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { maxNorm } from "../../src/mdp/model.js";
import { softmaxInPlace } from "../../src/mdp/tables.js";
import { responseOptions } from "./best-response/responder.js";
import { type RoundsState, roundsOfResponses } from "./best-response/rounds.js";
import type { InverseAlgorithm } from "./shared/contract.js";
import { inverseOptions, withLearner } from "./shared/options.js";
import { difference, dot, mixed, norm2 } from "./shared/vectors.js";

export const gameTheoreticSchema = z.strictObject({
  ...inverseOptions,
  ...responseOptions,
  iterations: count().default(100).describe("T: number of rounds; the adversary's step size depends on it"),
  signs: z
    .enum(["unknown", "known"])
    .default("unknown")
    .describe(
      "signs of the reward's weights. known: all are non-negative (negate harmful features); unknown: any",
    ),
});

export type GameTheoreticOptions = z.input<typeof gameTheoreticSchema>;

export interface GameTheoreticState extends RoundsState {
  /** Upper bound of |μ − μ_E| / 2 over all features and rounds so far. */
  scale: number;
  /** Cumulative loss of each feature: Σ over the rounds of μ − μ_E, `[k]`, or `[2k]` with unknown signs. */
  losses: Float64Array;
  /** The adversary's cumulative loss. */
  loss: number;
  /** Σ over the rounds of the adversary's loss minus the soft minimum of the features' losses. */
  mixability: number;
}

/** MWAL: a uniform mixture of the best responses of all rounds. */
export const gameTheoretic = defineAlgorithm({
  name: "gameTheoretic",
  summary: "inverse RL as a zero-sum game between policies and rewards, by multiplicative weights (MWAL)",
  schema: gameTheoreticSchema,
  needs: [["demonstrations", "expert"]],
  create(parsed): InverseAlgorithm<GameTheoreticState> {
    const options = withLearner("gameTheoretic", parsed);
    const { iterations, signs } = options;
    const mixture = ({ responses }: RoundsState) =>
      new Float64Array(responses.length).fill(1 / responses.length);
    return roundsOfResponses<GameTheoreticState>("gameTheoretic", options, {
      async start(base) {
        const { scale, expert } = base.responder.live;
        if (scale === 0) {
          throw new UsageError(
            "gameTheoretic: every feature is 0 everywhere, so no reward depends on the features; give other features",
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
        const weights = losses.map((loss) => -step * loss);
        softmaxInPlace(weights);
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
          // Lower bound of the mixture's value minus the demonstrations', for all true weights in the simplex.
          advantage: least / rounds,
          regret: (state.loss - least) / rounds,
          regretBound: regretBound(state, step) / rounds,
          valueGap: value - responses.reduce((sum, response) => sum + response.value / rounds, 0),
        };
      },

      mixture,

      done: ({ rounds }) => rounds >= iterations,

      outcome: (state) =>
        `${state.rounds} rounds; the adversary's regret is ${((state.loss - Math.min(...state.losses)) / state.rounds).toPrecision(3)} a round`,
    });
  },
});

/** log 1/β with β = 1 / (1 + √(2 ln k / T)) [Syed & Schapire 2007, algorithm 1, step 2]. */
export const stepSize = (count: number, rounds: number): number =>
  Math.log1p(Math.sqrt((2 * Math.log(count)) / rounds));

/**
 * Upper bound of the adversary's regret over all rounds so far, with the step size of the last round: log k / step,
 * plus the losses minus their soft minima. It holds for losses of any size and non-increasing steps [de Rooij et al.
 * 2014, lemma 2]. With a constant step and losses in [0, 1] it is at most (log(1/β) min Σ loss + log k) / (1 − β) − min
 * Σ loss [Freund & Schapire 1999, theorem 2], from which [Syed & Schapire 2007, theorem 2] follows. The value of the
 * best mixture is at most the adversary's mean loss, so the learner's mixture is within this regret of the best.
 */
const regretBound = ({ losses, mixability }: GameTheoreticState, step: number): number =>
  mixability + (step > 0 ? Math.log(losses.length) / step : 0);

/** Soft minimum of x, −log(Σ w exp(−step · x)) / step ≤ Σ w x. */
function softMinimum(weights: Float64Array, x: Float64Array, step: number): number {
  if (step === 0) return dot(weights, x);
  const least = Math.min(...x);
  return least - Math.log(weights.reduce((sum, w, i) => sum + w * Math.exp(step * (least - x[i])), 0)) / step;
}

/** Weights of the features, `[count]`, from weights `[count]` or, with unknown signs, `[2 · count]`. */
const withoutNegatives = (weights: Float64Array, count: number): Float64Array =>
  weights.length === count ? weights : difference(weights.slice(0, count), weights.subarray(count));

/** The features or, with unknown signs, the features followed by their negatives. */
const withNegatives = (features: Float64Array, length: number): Float64Array =>
  features.length === length ? features : Float64Array.of(...features, ...features.map((x) => -x));
