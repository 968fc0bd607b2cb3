/** @file One round's gradient of sampled maximum entropy IRL, compared with the exact one. */

import type { MaxEntIrlOptions } from "../../../algorithms/index.js";
import type { LikelihoodModel } from "../../../algorithms/irl/entropy/likelihood-ascent.js";
import type { SampledAscentState } from "../../../algorithms/irl/entropy/sampled-ascent.js";
import type { InverseAlgorithm } from "../../../algorithms/irl/shared/contract.js";
import { demonstratedVisits } from "../../../algorithms/irl/shared/demonstrated-visits.js";
import { entryRewards, visitsOf } from "../../../algorithms/irl/shared/features.js";
import { problemOf } from "../../../src/env/problem.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import type { PolicyOptimiser, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { DISCOUNT, episodesIn, HORIZON, randomWorld } from "./likelihoods.js";

// One start: the importance weights of episodes include their starts.
const model = { ...randomWorld("samples"), initial: Float64Array.of(1, 0, 0, 0, 0) };
const horizon = { horizon: HORIZON, discount: DISCOUNT };
const demonstrations = episodesIn(model, createRng("shown to samples"), 20, HORIZON);
const table = Float64Array.of(1, -1, 0.5, 2, -0.5);

/** What the gradient from samples is compared with: the model, its rewards and the demonstrations' visits. */
export const sampledProblem = {
  model,
  horizon,
  weights: table,
  entries: entryRewards(model, "next-state", table),
  demonstrated: demonstratedVisits(model, demonstrations, horizon),
};

/** One round where the rewards are the table's and the learner's policy is this one: its gradient and its metrics. */
export async function sampledRound(
  create: (options: MaxEntIrlOptions) => InverseAlgorithm<State>,
  policy: Policy,
  options: Partial<MaxEntIrlOptions> = {},
) {
  const optimiser: PolicyOptimiser = {
    name: "oracle",
    options: {},
    unit: "updates",
    defaultSteps: 1,
    init: async () => ({}),
    update: async () => ({ steps: 1 }),
    policy: () => policy,
  };
  const settings = { demonstrations, optimiser, discount: DISCOUNT, episodes: 6000, optimiserUpdates: 1 };
  const algorithm = create({ ...settings, ...options });
  const env = () => tabularEnvironment("Random", model, { maxEpisodeSteps: HORIZON });
  const state = (await algorithm.init(await problemOf(env), createRng(0))) as SampledAscentState;
  const adam = state.optimiser;
  adam.point = table.slice();
  const metrics = await algorithm.update(state);
  // After one step the first moment is a tenth of the gradient of −L.
  return { gradient: adam.first.map((x) => -10 * x), metrics };
}

export const sampledGradient = async (...given: Parameters<typeof sampledRound>) =>
  (await sampledRound(...given)).gradient;

/** The distance of a gradient from the exact one. */
export const gradientError = (gradient: Float64Array, exact: LikelihoodModel): number => {
  const slope = visitsOf(model, "next-state", exact.evaluate(sampledProblem.entries).slope);
  return Math.hypot(...gradient.map((x, i) => x - slope[i]));
};
