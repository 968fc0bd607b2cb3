/**
 * @file Best responses: the optimal policy for given weights of the features, and its feature expectations. Exact on a
 * model, or learnt by a reinforcement learner and estimated from episodes.
 */

import type * as z from "zod";
import { count, fraction } from "../../../src/config/options.js";
import { nonEmptyEpisodes } from "../../../src/datasets/transitions.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics, PolicyOptimiser, State } from "../../../src/learning/contract.js";
import { discountedFlow, valueIteration } from "../../../src/mdp/index.js";
import { maxNorm } from "../../../src/mdp/model.js";
import { argmaxRow, deterministicTable } from "../../../src/mdp/tables.js";
import type { Policy } from "../../../src/policies/contract.js";
import { policyOfModel, savePolicy } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { discountOf } from "../../shared/horizon.js";
import { geometric, visitsOfExpert } from "../shared/demonstrated-visits.js";
import { entryRewards, type FeatureMap, featureMap, visitsOf } from "../shared/features.js";
import type { inverseOptions } from "../shared/options.js";
import {
  type Collector,
  collectWith,
  createCollector,
  featureExpectations,
  learnFrom,
  linearRewards,
  sampledSteps,
  sampledValue,
} from "../shared/sampled-episodes.js";
import { type SparseRows, times, weightedSum } from "../shared/sparse-rows.js";
import { type RewardMeasure, rewardMeasure } from "../shared/true-reward.js";
import { unit } from "../shared/vectors.js";

/** Options of the methods that compute best responses. */
export const responseOptions = {
  discount: fraction().optional().describe("γ; unset: the optimiser's, or the exact model's"),
  episodes: count()
    .optional()
    .describe(
      "number of episodes from which feature expectations, also an expert's, are estimated; unset: exact on a model, " +
        "50 with an optimiser",
    ),
};

export type ResponderOptions = Pick<
  z.output<z.ZodObject<typeof inverseOptions>>,
  "demonstrations" | "expert" | "features" | "rewardOf" | "optimiserUpdates"
> & { discount?: number; episodes?: number; learner?: PolicyOptimiser };

/** A policy that is optimal for some weights. */
export interface Response {
  /** The weights of the features, `[k]`. */
  weights: Float64Array;
  /** μ: the policy's expected discounted sums of features, `[k]`. */
  features: Float64Array;
  /** The policy's value under the environment's rewards. */
  value: number;
  /** On a model: the action in each state, `[states]`, and the discounted flow through each state, `[states]`. */
  choices?: Int32Array;
  flow?: Float64Array;
  /** The learner's policy as plain data. */
  policy?: Uint8Array;
}

export interface Responder {
  learner?: State;
  collector?: Collector;
  live: {
    derived: true;
    problem: Problem;
    map: FeatureMap;
    discount: number;
    /** How episodes that a time limit truncated are counted, in demonstrations and in responses alike. */
    tails: "cut" | "scaled";
    /** μ_E: the expert's feature expectations, `[k]`, and its value under the environment's rewards. */
    expert: { features: Float64Array; value: number };
    /**
     * Largest absolute discounted sum of a feature: the possible one on a model, else the one in the demonstrations.
     */
    scale: number;
    measure?: RewardMeasure;
    exact?: {
      model: TabularModel;
      /** Features of each state or pair. */
      rows: SparseRows;
      /** Distribution of the demonstrations' first states, `[states]`. */
      starts: Float64Array;
    };
  };
}

/** Error of values and flows, relative to the largest possible value. */
const ACCURACY = 1e-9;

/** Default number of episodes with an optimiser. */
const EPISODES = 50;

/** @throws UsageError without a model and without a learner, or with a discount of 1 and no learner */
export async function createResponder(
  name: string,
  problem: Problem,
  options: ResponderOptions,
  rng: Rng,
): Promise<Responder> {
  const map = featureMap(name, problem, options);
  const { learner, episodes } = options;
  const collector =
    learner || episodes ? await createCollector(problem, episodes ?? EPISODES, rng) : undefined;
  return learner
    ? {
        learner: await learner.init(problem, rng.stream("learner")),
        collector,
        live: learnedContext(problem, map, options, learner),
      }
    : { collector, live: await exactContext(name, problem, map, options, collector) };
}

/** The expert's feature expectations from demonstrations. */
function learnedContext(
  problem: Problem,
  map: FeatureMap,
  options: ResponderOptions,
  learner: PolicyOptimiser,
): Responder["live"] {
  const { discount = discountOf(learner) } = options;
  const { trajectories } = options.demonstrations!;
  const demonstrated = sampledSteps(map, problem, trajectories, { discount });
  const measure = rewardMeasure(problem, map, discount);
  const lengths = nonEmptyEpisodes(trajectories).map(({ rewards }) => geometric(discount, rewards.length));
  return {
    derived: true,
    problem,
    map,
    discount,
    tails: "cut",
    expert: { features: featureExpectations(demonstrated), value: sampledValue(demonstrated) },
    scale: maxNorm((measure ?? demonstrated).rows.value) * Math.max(...lengths),
    measure,
  };
}

/** The expert policy's feature expectations on a model: exact or, with a collector, from episodes. */
async function exactContext(
  name: string,
  problem: Problem,
  map: FeatureMap,
  options: ResponderOptions,
  collector?: Collector,
): Promise<Responder["live"]> {
  const { model } = problem;
  if (!model) {
    throw new UsageError(
      `${name}: ${problem.id} has no exact model; give an optimiser, such as ppo(), to learn from samples`,
    );
  }
  const { discount = model.discount, expert, episodes } = options;
  if (discount === 1) throw new UsageError(`${name}: the discount must be below 1 on a model`);
  const tails = "scaled";
  const demonstrated = await visitsOfExpert(model, options, { discount, tails });
  const measure = rewardMeasure(problem, map, discount)!;
  const { rows } = measure;
  const starts = new Float64Array(model.states);
  for (const { state, mass } of demonstrated.entries) starts[state] += mass;
  // The expert's episodes are truncated like those of the responses, at the time limit.
  const sampled =
    collector && expert
      ? sampledSteps(map, problem, await collectWith(collector, expert, episodes!), { discount, tails })
      : undefined;
  return {
    derived: true,
    problem,
    map,
    discount,
    tails,
    expert: sampled
      ? { features: featureExpectations(sampled), value: sampledValue(sampled) }
      : {
          features: weightedSum(rows, visitsOf(model, map.rewardOf, demonstrated.visits)),
          value: demonstrated.value,
        },
    scale: maxNorm(rows.value) / (1 - discount),
    measure,
    exact: { model, rows, starts },
  };
}

/** The optimal policy for the rewards features · `weights`, and the metrics of the learner, if any. */
export async function respond(
  responder: Responder,
  weights: Float64Array,
  options: ResponderOptions,
): Promise<{ response: Response; metrics: Metrics }> {
  return responder.live.exact
    ? { response: await solve(responder, responder.live.exact, weights, options), metrics: {} }
    : learn(responder, weights, options);
}

/** The best response by value iteration. */
async function solve(
  responder: Responder,
  { model, rows, starts }: NonNullable<Responder["live"]["exact"]>,
  weights: Float64Array,
  options: ResponderOptions,
): Promise<Response> {
  const { map, discount, problem } = responder.live;
  const { states, actions, rowStart, probability } = model;
  const discounted = { ...model, discount };
  const reward = entryRewards(model, map.rewardOf, times(rows, weights));
  const largest = maxNorm(reward) / (1 - discount);
  const { q } = valueIteration(
    { ...discounted, reward },
    { tolerance: Math.max(ACCURACY * largest, Number.MIN_VALUE) },
  );
  const choices = Int32Array.from({ length: states }, (_, s) => argmaxRow(q, s * actions, actions));
  const table = deterministicTable(model, choices);
  const flow = discountedFlow(discounted, table, starts, { tolerance: ACCURACY });
  const own = { weights, choices, flow };
  if (responder.collector) {
    const policy = policyOfModel(model, table, problem.observationSpace);
    return { ...own, ...(await sampleExpectations(responder, policy, options)) };
  }
  const visits = new Float64Array(probability.length);
  for (let s = 0; s < states; s++) {
    const pair = s * actions + choices[s];
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) visits[e] = flow[s] * probability[e];
  }
  return {
    ...own,
    features: weightedSum(rows, visitsOf(model, map.rewardOf, visits)),
    value: visits.reduce((sum, x, e) => sum + x * model.reward[e], 0),
  };
}

/** The best response by the reinforcement learner. */
async function learn(responder: Responder, weights: Float64Array, options: ResponderOptions) {
  const learner = options.learner!;
  // A policy is optimal for every positive multiple of its weights. Norm 1 keeps rewards on a fixed scale, on which the
  // learner's temperature and step sizes depend.
  const rewards = linearRewards(responder.live.map, unit(weights));
  const metrics = await learnFrom(learner, responder.learner!, options.optimiserUpdates, rewards);
  const policy = learner.policy(responder.learner!);
  const expectations = await sampleExpectations(responder, policy, options);
  const response: Response = { weights, ...expectations, policy: savePolicy(policy) };
  return { response, metrics };
}

async function sampleExpectations(
  { collector, live: { map, problem, discount, tails } }: Responder,
  policy: Policy,
  { episodes = EPISODES }: ResponderOptions,
): Promise<Pick<Response, "features" | "value">> {
  const trajectories = await collectWith(collector!, policy, episodes);
  const steps = sampledSteps(map, problem, trajectories, { discount, tails });
  return { features: featureExpectations(steps), value: sampledValue(steps) };
}
