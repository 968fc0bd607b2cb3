/**
 * @file A game-theoretic approach to apprenticeship learning (Syed & Schapire 2007, algorithm MWAL; notes, §3.4, eq. 64).
 *
 * The learner picks a mixture of policies, an adversary the weights of the features, from the simplex: max over mixtures
 * of min over weights of w · (μ − μ_E). The adversary plays multiplicative weights (Freund & Schapire 1999), the learner
 * the best policy for the weights of each round. If every feature is known to be good, the mixture may be better than the
 * expert, whatever the true weights; if signs are unknown, each feature is joined by its negative, and it is as good.
 *
 * The step size is in units of the most that there is to gain or lose in a round. On a model that is known beforehand; on
 * samples it is what the demonstrations show, until a response shows more.
 */

import { z } from "zod";
import { count } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { maxNorm } from "../../src/mdp/value-iteration.js";
import type { Policy } from "../../src/policies/contract.js";
import type { Rng } from "../../src/random/rng.js";
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
import { dot, norm2 } from "./shared/optimise.js";

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

export interface GameTheoreticState {
  responder: ResponderState;
  responses: Response[];
  /** No μ − μ_E that was met is more than twice this. */
  scale: number;
  /** Σ over the rounds of μ − μ_E, which the adversary loses, `[k]`, or with signs `[2k]`. */
  losses: Float64Array;
  /** What it has lost by its own weights, and by how much the rounds' soft minima were less. */
  loss: number;
  mixability: number;
}

/** MWAL: a mixture of as many policies as there are rounds, each as likely. */
export const gameTheoretic = defineAlgorithm({
  name: "gameTheoretic",
  summary: "inverse RL as a game against the reward, which may end up better than the expert",
  schema: gameTheoreticSchema,
  needs: ["demonstrations or expert"],
  create(given): InverseAlgorithm<GameTheoreticState> {
    const options = withLearner("gameTheoretic", given);
    const { iterations, signs } = options;
    const isDone = ({ responses }: GameTheoreticState) => responses.length >= iterations;
    const average = ({ responses }: GameTheoreticState) =>
      new Float64Array(responses.length).fill(1 / responses.length);
    const learned = (state: GameTheoreticState) =>
      mixed(
        state.responses.map(({ weights }) => weights),
        average(state),
      );
    return {
      name: "gameTheoretic",
      options: recordOf(options),
      unit: "rounds",
      defaultSteps: iterations,

      async init(problem: Problem, rng: Rng): Promise<GameTheoreticState> {
        checkShown("gameTheoretic", problem, options);
        const responder = await createResponder("gameTheoretic", problem, options, rng);
        const { features, scale } = responder.live;
        if (scale === 0) {
          throw new UsageError(
            "gameTheoretic: every feature is 0 everywhere, so there is nothing to weigh; give features that are not",
          );
        }
        const losses = new Float64Array(features.length * (signs === "known" ? 1 : 2));
        return { responder, responses: [], scale, losses, loss: 0, mixability: 0 };
      },

      async update(state: GameTheoreticState): Promise<Metrics> {
        const { responder, responses, losses, scale } = state;
        const { features: expert, value } = responder.live;
        // Losses are in [0, 1] in units of 4 · scale (Syed & Schapire 2007, eq. 6).
        const step = stepSize(losses.length, iterations) / (4 * scale);
        const weights = simplex(losses.map((loss) => -step * loss));
        const { response, metrics } = await respond(responder, folded(weights, expert.length), options);
        responses.push(response);

        const owed = unfolded(expert, weights.length);
        const loss = unfolded(response.features, weights.length).map((x, i) => x - owed[i]);
        const own = dot(weights, loss);
        for (let i = 0; i < losses.length; i++) losses[i] += loss[i];
        state.loss += own;
        state.mixability += own - softMinimum(weights, loss, step);
        state.scale = Math.max(scale, maxNorm(loss) / 2);

        const rounds = responses.length;
        const features = mixed(
          responses.map((r) => r.features),
          average(state),
        );
        const least = Math.min(...losses);
        const due = isDue(rounds, isDone(state), options);
        return {
          steps: rounds,
          featureGap: norm2(features.map((x, k) => x - expert[k])),
          // Whatever the true weights in the simplex, the mixture is worth so much more than the demonstrations at least.
          advantage: least / rounds,
          regret: (state.loss - least) / rounds,
          regretBound: regretBound(state, step) / rounds,
          valueGap: value - responses.reduce((sum, r) => sum + r.value / rounds, 0),
          ...(due ? rewardDistance(responder, learned(state)) : {}),
          ...metrics,
        };
      },

      policy: (state: GameTheoreticState): Policy =>
        mixturePolicy(state.responder, state.responses, average(state)),

      done: isDone,

      reward: (state: GameTheoreticState) => linearReward(state.responder, learned(state)),
    };
  },
});

/** log 1/β with β = 1 / (1 + √(2 ln k / T)) (Syed & Schapire 2007, algorithm 1, step 2). */
export const stepSize = (count: number, rounds: number): number =>
  Math.log1p(Math.sqrt((2 * Math.log(count)) / rounds));

/**
 * The most that the adversary can have lost more than its best weight would have, over all rounds so far, the last with
 * this step size: log k / step, and what the soft minima were less than its losses. It holds for losses of any size and
 * steps that only grow smaller (de Rooij, van Erven, Grünwald & Koolen 2014, "Follow the leader if you can, hedge if you
 * must", lemma 2); with a constant step and losses in [0, 1] it is never above the (log(1/β) min Σ loss + log k) / (1 − β)
 * of Freund & Schapire (1999, theorem 2), which theorem 2 of Syed & Schapire rests on. No mixture can gain more on the
 * adversary than it has lost; so the learner's is within the regret of the best there is.
 */
const regretBound = ({ losses, mixability }: GameTheoreticState, step: number): number =>
  mixability + (step > 0 ? Math.log(losses.length) / step : 0);

/** −log(Σ w exp(−step · x)) / step, a soft minimum of x that is never above Σ w x. */
function softMinimum(weights: Float64Array, x: Float64Array, step: number): number {
  if (step === 0) return dot(weights, x);
  const least = Math.min(...x);
  return least - Math.log(weights.reduce((sum, w, i) => sum + w * Math.exp(step * (least - x[i])), 0)) / step;
}

function simplex(logWeights: Float64Array): Float64Array {
  const largest = logWeights.reduce((most, x) => Math.max(most, x), -Infinity);
  const weights = logWeights.map((x) => Math.exp(x - largest));
  const total = weights.reduce((sum, x) => sum + x, 0);
  return weights.map((x) => x / total);
}

/** Weights of features and of their negatives as weights of features, `[count]`. */
const folded = (weights: Float64Array, count: number): Float64Array =>
  weights.length === count
    ? weights
    : weights.slice(0, count).map((weight, k) => weight - weights[count + k]);

/** Features, joined by their negatives where weights are for both. */
const unfolded = (features: Float64Array, length: number): Float64Array =>
  features.length === length ? features : Float64Array.of(...features, ...features.map((x) => -x));
