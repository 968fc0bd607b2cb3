/**
 * @file Best responses: the policies that are best for given weights of the features, what features they meet, and
 * mixtures of them. The inner step of apprenticeship learning, exact on a model or by a reinforcement learner.
 */

import type { z } from "zod";
import { count, fraction } from "../../../src/config/options.js";
import { nonEmptyEpisodes } from "../../../src/datasets/transitions.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics, PolicyOptimiser, State } from "../../../src/learning/contract.js";
import { discountedFlow, valueIteration } from "../../../src/mdp/index.js";
import { argmaxRow, deterministicTable } from "../../../src/mdp/tables.js";
import { maxNorm } from "../../../src/mdp/value-iteration.js";
import type { Policy } from "../../../src/policies/contract.js";
import { loadPolicy, MixturePolicy, savePolicy, TabularPolicy } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Space } from "../../../src/spaces/index.js";
import { discountOf } from "../../shared/policy-optimiser.js";
import {
  createStage,
  featureExpectations,
  learnFrom,
  linearSource,
  type Stage,
  sampledSteps,
  sampledValue,
  watch,
} from "../entropy/sampling.js";
import { geometric } from "./demonstrations-on-model.js";
import { entryRewards, type FeatureMap, featureMap, visitsOf } from "./features.js";
import { type inverseOptions, looksOf, shownOn, type Truth, truthOf } from "./inverse-problem.js";
import { unit } from "./optimise.js";
import { type SparseRows, times, weightedSum } from "./sparse-rows.js";

/** Options of methods that answer with best responses. */
export const responseOptions = {
  discount: fraction().optional().describe("γ; unset, the optimiser's, or of an exact model its own"),
  episodes: count()
    .optional()
    .describe(
      "estimate feature expectations from so many episodes, also those of an expert; unset, exactly, or with an " +
        "optimiser from 50",
    ),
};

/** A policy that was best for some weights. */
export interface Response {
  /** Its weights, `[k]`. */
  weights: Float64Array;
  /** μ: its expected discounted sums of features, `[k]`. */
  features: Float64Array;
  /** Its value by the true rewards. */
  value: number;
  /** On a model: what it does, `[states]`, and its discounted flow through them, `[states]`. */
  choices?: Int32Array;
  flow?: Float64Array;
  /** Of a learner: its policy, as bytes. */
  policy?: Uint8Array;
}

export interface ResponderState {
  learner?: State;
  stage?: Stage;
  live: {
    derived: true;
    problem: Problem;
    map: FeatureMap;
    discount: number;
    /** What becomes of episodes that the clock cuts off: of demonstrations and of responses alike. */
    tails: "cut" | "scaled";
    /** Of the demonstrations. */
    features: Float64Array;
    value: number;
    /** The most that a discounted sum of a feature can be; of a learner, that it is as far as the demonstrations show. */
    scale: number;
    truth?: Truth;
    exact?: {
      model: TabularModel;
      rows: SparseRows;
      /** Where demonstrations start, `[states]`. */
      source: Float64Array;
    };
  };
}

export type ResponderOptions = Pick<
  z.output<z.ZodObject<typeof inverseOptions>>,
  "demonstrations" | "expert" | "features" | "rewardOf" | "optimiserUpdates"
> & { discount?: number; episodes?: number; learner?: PolicyOptimiser };

/** Relative to the largest value that there could be: what best responses may fall short of the best. */
const ACCURACY = 1e-9;

/** Episodes to watch a learner's policy in, unless it is said. */
const EPISODES = 50;

/** @throws UsageError without a model and without a learner, or with a discount of 1 and no learner. */
export async function createResponder(
  name: string,
  problem: Problem,
  options: ResponderOptions,
  rng: Rng,
): Promise<ResponderState> {
  const { demonstrations, learner, episodes } = options;
  const map = featureMap(name, problem, options);
  const { model } = problem;
  const watched = learner || episodes ? await createStage(problem, episodes ?? EPISODES, rng) : undefined;
  if (learner) {
    const { discount = discountOf(learner) } = options;
    const shown = sampledSteps(map, problem, demonstrations!.trajectories, { discount });
    const truth = truthOf(problem, map, discount);
    return {
      learner: await learner.init(problem, rng.stream("learner")),
      stage: watched,
      live: {
        derived: true,
        problem,
        map,
        discount,
        tails: "cut",
        features: featureExpectations(shown),
        value: sampledValue(shown),
        scale:
          maxNorm((truth ?? shown).rows.value) *
          Math.max(
            ...nonEmptyEpisodes(demonstrations!.trajectories).map(({ rewards }) =>
              geometric(discount, rewards.length),
            ),
          ),
        truth,
      },
    };
  }
  if (!model) {
    throw new UsageError(
      `${name}: ${problem.id} has no exact model; give an optimiser, such as ppo(), to learn on samples`,
    );
  }
  const { discount = model.discount } = options;
  if (discount === 1) throw new UsageError(`${name}: the discount must be below 1 on a model`);
  const tails = "scaled";
  const shown = await shownOn(model, options, { discount, tails });
  const truth = truthOf(problem, map, discount)!;
  const { rows } = truth;
  const source = new Float64Array(model.states);
  for (const { state, mass } of shown.entries) source[state] += mass;
  // Whom responses are compared with is watched as they are: to the time limit.
  const seen =
    watched && options.expert
      ? sampledSteps(map, problem, await watch(watched, options.expert, episodes!), { discount, tails })
      : undefined;
  return {
    stage: watched,
    live: {
      derived: true,
      problem,
      map,
      discount,
      tails,
      features: seen
        ? featureExpectations(seen)
        : weightedSum(rows, visitsOf(model, map.rewardOf, shown.visits)),
      value: seen ? sampledValue(seen) : shown.value,
      scale: maxNorm(rows.value) / (1 - discount),
      truth,
      exact: { model, rows, source },
    },
  };
}

/** The best policy for rewards features · `weights`, and metrics of the learner that found it, if one did. */
export async function respond(
  state: ResponderState,
  weights: Float64Array,
  options: ResponderOptions,
): Promise<{ response: Response; metrics: Metrics }> {
  const { live } = state;
  if (!live.exact) return learnResponse(state, weights, options);
  const { model, rows, source } = live.exact;
  const { states, actions, rowStart, probability } = model;
  const reward = entryRewards(model, live.map.rewardOf, times(rows, weights));
  const discounted = { ...model, discount: live.discount };
  const largest = maxNorm(reward) / (1 - live.discount);
  const { q } = valueIteration(
    { ...discounted, reward },
    { tolerance: Math.max(ACCURACY * largest, Number.MIN_VALUE) },
  );
  const choices = Int32Array.from({ length: states }, (_, s) => argmaxRow(q, s * actions, actions));
  const table = deterministicTable(model, choices);
  const flow = discountedFlow(discounted, table, source, { tolerance: ACCURACY });
  const visits = new Float64Array(probability.length);
  for (let s = 0; s < states; s++) {
    const pair = s * actions + choices[s];
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) visits[e] = flow[s] * probability[e];
  }
  const own = { weights, choices, flow };
  if (state.stage) {
    const steps = await sample(
      state,
      new TabularPolicy(states, table, looksOf(model, spaceOf(live))),
      options,
    );
    return {
      response: { ...own, features: featureExpectations(steps), value: sampledValue(steps) },
      metrics: {},
    };
  }
  const features = weightedSum(rows, visitsOf(model, live.map.rewardOf, visits));
  const value = visits.reduce((sum, x, e) => sum + x * model.reward[e], 0);
  return { response: { ...own, features, value }, metrics: {} };
}

async function learnResponse(state: ResponderState, weights: Float64Array, options: ResponderOptions) {
  const { live } = state;
  const learner = options.learner!;
  // What is best for weights is best for any multiple of them; a learner, whose temperature or step size is in units of
  // rewards, is spared those that are tiny.
  const source = linearSource(live.map, unit(weights));
  const metrics = await learnFrom(learner, state.learner!, options.optimiserUpdates, source);
  const policy = learner.policy(state.learner!);
  const steps = await sample(state, policy, options);
  const response: Response = {
    weights,
    features: featureExpectations(steps),
    value: sampledValue(steps),
    policy: savePolicy(policy),
  };
  return { response, metrics };
}

async function sample(
  { stage, live: { map, problem, discount, tails } }: ResponderState,
  policy: Policy,
  { episodes = EPISODES }: ResponderOptions,
) {
  return sampledSteps(map, problem, await watch(stage!, policy, episodes), { discount, tails });
}

const spaceOf = ({ problem }: ResponderState["live"]): Space => problem.observationSpace;

/** Σ λᵢ xᵢ. */
export function mixed(parts: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(parts[0].length);
  for (const [i, part] of parts.entries()) {
    if (weights[i] === 0) continue;
    for (let k = 0; k < sum.length; k++) sum[k] += weights[i] * part[k];
  }
  return sum;
}

/**
 * The policy that draws one of the responses at the start of an episode. On a model it is the one policy without memory
 * that has the same occupancy: π(a | s) is each one's share of the flow through s (Syed, Bowling & Schapire 2008, theorem
 * 2; Puterman 1994, theorem 6.9.1); where none ever comes, their shares of the mixture.
 */
export function mixturePolicy(
  { live }: ResponderState,
  responses: readonly Response[],
  weights: ArrayLike<number>,
): Policy {
  if (!live.exact) {
    const used = responses.flatMap((response, i) =>
      weights[i] > 0 ? [{ response, weight: weights[i] }] : [],
    );
    return new MixturePolicy(
      used.map(({ response }) => loadPolicy(response.policy!)),
      used.map(({ weight }) => weight),
    );
  }
  const { model } = live.exact;
  const { states, actions } = model;
  const table = new Float64Array(states * actions);
  const through = mixed(
    responses.map(({ flow }) => flow!),
    weights,
  );
  for (const [i, { choices, flow }] of responses.entries()) {
    if (weights[i] === 0) continue;
    for (let s = 0; s < states; s++) {
      const share = through[s] > 0 ? (weights[i] * flow![s]) / through[s] : weights[i];
      table[s * actions + choices![s]] += share;
    }
  }
  return new TabularPolicy(states, normalised(table, actions), looksOf(model, spaceOf(live)));
}

/** Rows made to sum to 1, from which flows that are all but 0 stray. */
function normalised(table: Float64Array, actions: number): Float64Array {
  for (let start = 0; start < table.length; start += actions) {
    let total = 0;
    for (let a = 0; a < actions; a++) total += Math.max(table[start + a], 0);
    for (let a = 0; a < actions; a++)
      table[start + a] = total > 0 ? Math.max(table[start + a], 0) / total : 1 / actions;
  }
  return table;
}

/** The reward features · weights, as a table where there is a model. */
export function linearReward({ live: { map, exact } }: ResponderState, weights: Float64Array) {
  return {
    rewardOf: map.rewardOf,
    parameters: weights,
    ...(exact && { table: times(exact.rows, weights) }),
    rewards: linearSource(map, weights),
  };
}

/** How far the learner's reward is from the true one, where that is known. */
export function rewardDistance({ live: { truth } }: ResponderState, weights: Float64Array): Metrics {
  return truth ? { epic: truth.distance(times(truth.rows, weights)) } : {};
}
