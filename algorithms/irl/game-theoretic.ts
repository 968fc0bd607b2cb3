/**
 * @file A game-theoretic approach to apprenticeship learning (Syed & Schapire 2007, algorithm MWAL; notes, §3.4, eq. 64).
 *
 * The learner picks a mixture of policies, an adversary the weights of the features, from the simplex: max over mixtures
 * of min over weights of w · (μ − μ_E). The adversary plays multiplicative weights (Freund & Schapire 1999), the learner
 * the best policy for the weights of each round. If every feature is known to be good, the mixture may be better than the
 * expert, whatever the true weights; if signs are unknown, each feature is joined by its negative, and it is as good.
 */

import { z } from "zod";
import { count, resolveOptions } from "../../src/config/options.js";
import type { Metrics, Policy, Problem, Rng } from "../../src/rollout/contracts.js";
import { dot, norm2 } from "./ascent.js";
import { checkShown, type InverseAlgorithm, inverseOptions, recordOf, withLearner } from "./inverse.js";
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
} from "./responses.js";

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
  /** log of the adversary's weights, before they are scaled to sum 1, `[k]`, or with signs `[2k]`. */
  logWeights: Float64Array;
  /** Σ over the rounds of the adversary's losses, each in [0, 1]: its own, and what each weight alone would have had. */
  loss: number;
  losses: Float64Array;
}

/** MWAL: a mixture of as many policies as there are rounds, each as likely. */
export function gameTheoretic(input: GameTheoreticOptions): InverseAlgorithm<GameTheoreticState> {
  const options = withLearner("gameTheoretic", resolveOptions("gameTheoretic", gameTheoreticSchema, input));
  const { iterations, signs, diagnosticsEvery } = options;
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
      const count = responder.live.features.length * (signs === "known" ? 1 : 2);
      return {
        responder,
        responses: [],
        logWeights: new Float64Array(count),
        loss: 0,
        losses: new Float64Array(count),
      };
    },

    async update(state: GameTheoreticState): Promise<Metrics> {
      const { responder, responses, logWeights, losses } = state;
      const { features: expert, value, largest, time } = responder.live;
      const weights = simplex(logWeights);
      const { response, metrics } = await respond(responder, folded(weights, expert.length), options);
      responses.push(response);

      // The adversary's losses, scaled to [0, 1] (Syed & Schapire 2007, eq. 6).
      const scale = largest * time;
      const gained = unfolded(response.features, weights.length);
      const owed = unfolded(expert, weights.length);
      const loss = gained.map((x, i) => clamp(((x - owed[i]) / scale + 2) / 4));
      state.loss += dot(weights, loss);
      for (let i = 0; i < losses.length; i++) losses[i] += loss[i];
      const step = stepSize(weights.length, iterations);
      for (let i = 0; i < logWeights.length; i++) logWeights[i] -= step * loss[i];

      const rounds = responses.length;
      const features = mixed(
        responses.map((r) => r.features),
        average(state),
      );
      const { regret, bound } = regretOf(state, step);
      const due = isDone(state) || rounds === 1 || rounds % diagnosticsEvery === 0;
      return {
        steps: rounds,
        featureGap: norm2(features.map((x, k) => x - expert[k])),
        // Whatever the true weights in the simplex, the mixture is worth so much more than the demonstrations at least.
        advantage: 4 * scale * (Math.min(...losses) / rounds) - 2 * scale,
        regret: 4 * scale * regret,
        regretBound: 4 * scale * bound,
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
}

/** log 1/β with β = 1 / (1 + √(2 ln k / T)) (Syed & Schapire 2007, algorithm 1, step 2). */
export const stepSize = (count: number, rounds: number): number =>
  Math.log1p(Math.sqrt((2 * Math.log(count)) / rounds));

/**
 * How much more the adversary has lost a round than its best weight would have, and the most that it can be, after any
 * number of rounds with step size log 1/β: Σ w · G ≤ (log(1/β) min Σ G + log k) / (1 − β) (Freund & Schapire 1999, theorem
 * 2; what theorem 2 of Syed & Schapire rests on). No mixture can gain more on the adversary than it has lost; so the
 * learner's is within the regret of the best there is.
 */
function regretOf(
  { responses, loss, losses }: Pick<GameTheoreticState, "responses" | "loss" | "losses">,
  step: number,
): { regret: number; bound: number } {
  const rounds = responses.length;
  const least = Math.min(...losses);
  const most = step > 0 ? (step * least + Math.log(losses.length)) / -Math.expm1(-step) : least;
  return { regret: (loss - least) / rounds, bound: (most - least) / rounds };
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

const clamp = (x: number): number => Math.min(1, Math.max(0, x));
