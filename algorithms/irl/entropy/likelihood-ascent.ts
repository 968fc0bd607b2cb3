/**
 * @file Gradient ascent on the likelihood of demonstrations on a tabular model, without sampling: the rounds of maximum
 * entropy IRL and maximum causal entropy IRL. Their own files compute the likelihood and its derivative (steps 2 to 4).
 *
 * For linear rewards the likelihood is concave, and every round is a quasi-Newton step. Networks use Adam.
 */

import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import {
  policyOfModel,
  stateObservations,
  TimeIndexedPolicy,
  tableOfModel,
} from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Space } from "../../../src/spaces/index.js";
import type { InverseAlgorithm, LearnedReward } from "../shared/contract.js";
import { type DemonstratedVisits, visitsOfExpert } from "../shared/demonstrated-visits.js";
import { type RewardModel, rewardModel } from "../shared/feature-reward.js";
import { entryRewards, type FeatureMap, featureMap, modelRows, visitsOf } from "../shared/features.js";
import { learnedReward } from "../shared/learned-reward.js";
import {
  type AdamState,
  adamStep,
  pseudoGradient,
  type QuasiNewtonState,
  quasiNewtonStep,
  type Smooth,
  startAdam,
  startQuasiNewton,
} from "../shared/optimise.js";
import { checkExpert, isDue, recordOf } from "../shared/options.js";
import { type SparseRows, weightedSum } from "../shared/sparse-rows.js";
import { distanceToTrueReward } from "../shared/true-reward.js";
import { difference, dot, norm2 } from "../shared/vectors.js";
import type { EntropyOptions } from "./options.js";

/** The solution for one reward, the initial point of iterative solvers for the next, similar reward. */
export interface WarmStart {
  /** Soft values `[states]`. */
  values: Float64Array;
  /** Expected visits `[states]`. */
  flow: Float64Array;
}

/** The likelihood of the demonstrations under one reward. */
export interface Likelihood {
  /** L, the mean over the demonstrations (nats). */
  logLikelihood: number;
  /** ∂L / ∂reward of each transition, `[entries]`. */
  slope: Float64Array;
  /** π, `[states × actions]`, or with a horizon `[T, states × actions]`. */
  policy: Float64Array;
  warmStart?: WarmStart;
}

/** The likelihood of the demonstrations as a function of the rewards of a model's transitions. */
export interface LikelihoodModel {
  /** @param reward of each transition, `[entries]` */
  evaluate(reward: Float64Array, warmStart?: WarmStart): Likelihood;
  /** Expected count of each transition under a policy, from the demonstrations' starts, `[entries]`. */
  visits(policy: Float64Array, warmStart?: WarmStart): Float64Array;
}

/** The differences between the two methods. */
interface AscentMethod<Horizon extends number | undefined> {
  /**
   * Number of steps of an episode; undefined for an infinite, discounted future.
   *
   * @throws UsageError if the method needs a horizon and neither the options nor the demonstrations define one
   */
  horizon(): Horizon;
  likelihood(
    model: TabularModel,
    demonstrated: DemonstratedVisits,
    time: { horizon: Horizon; discount: number },
  ): LikelihoodModel;
}

export interface LikelihoodAscentState {
  rounds: number;
  /** The optimiser that minimises −L over the reward's parameters Φ. */
  optimiser: QuasiNewtonState | AdamAscent;
  /** The reward of each state or pair at Φ. */
  table: Float64Array;
  warmStart?: WarmStart;
  live: {
    derived: true;
    model: TabularModel;
    space: Space;
    horizon?: number;
    demonstrated: DemonstratedVisits;
    likelihood: LikelihoodModel;
    map: FeatureMap;
    /** Features of each state or pair. */
    rows: SparseRows;
    reward: RewardModel;
    distance: ReturnType<typeof distanceToTrueReward>;
    /** The last point at which the likelihood was evaluated. */
    latest?: Evaluation;
  };
}

/** The state of Adam, with the gradient at its point. */
interface AdamAscent extends AdamState {
  gradient: Float64Array;
  settled: boolean;
}

interface Evaluation extends Likelihood {
  point: Float64Array;
  /** The reward of each state or pair, `[states]` or `[states × actions]`. */
  table: Float64Array;
}

export function likelihoodAscent<Horizon extends number | undefined>(
  name: string,
  options: EntropyOptions,
  method: AscentMethod<Horizon>,
): InverseAlgorithm<LikelihoodAscentState> {
  const { iterations, l1, l2, learningRate, tolerance } = options;
  return {
    name,
    options: recordOf(options),
    unit: "rounds",
    defaultSteps: iterations,

    async init(problem: Problem, rng: Rng): Promise<LikelihoodAscentState> {
      checkExpert(name, problem, options);
      const { model, id, observationSpace: space } = problem;
      if (!model) {
        throw new UsageError(
          `${name}: ${id} has no exact model; give an optimiser, such as sac({ temperature: 1 }), to learn from samples`,
        );
      }
      const horizon = method.horizon();
      const discount = options.discount ?? (horizon === undefined ? model.discount : 1);
      if (horizon === undefined && discount === 1) {
        throw new UsageError(
          `${name}: without a horizon the discount must be below 1, else values are infinite`,
        );
      }
      const map = featureMap(name, problem, options);
      const demonstrated = await visitsOfExpert(model, options, { discount, horizon });
      const reward = rewardModel(map.width, options);
      const point = reward.initialise(rng.stream("reward"));
      const state = {
        rounds: 0,
        live: {
          derived: true,
          model,
          space,
          demonstrated,
          horizon,
          likelihood: method.likelihood(model, demonstrated, { horizon, discount }),
          map,
          rows: modelRows(map, model),
          reward,
          distance: distanceToTrueReward(model, map, discount),
        },
      } as LikelihoodAscentState;
      const objective = objectiveOf(state, l2);
      state.optimiser = reward.linear
        ? await startQuasiNewton(point, objective, l1)
        : { ...startAdam(point), gradient: (await objective(point)).gradient, settled: false };
      moveTo(state, await evaluate(state, point));
      return state;
    },

    /** One ascent step on the likelihood. The metrics are those of the new reward. */
    async update(state: LikelihoodAscentState): Promise<Metrics> {
      const { optimiser, live } = state;
      const { linear } = live.reward;
      // Evaluations depend on the initial point of the solvers. A resumed run has no last evaluation, so drop it here
      // too.
      live.latest = undefined;
      const objective = objectiveOf(state, l2);
      if (linear) await quasiNewtonStep(optimiser as QuasiNewtonState, objective, l1);
      else {
        const adam = optimiser as AdamAscent;
        adamStep(adam, adam.gradient, learningRate, l1);
        adam.gradient = (await objective(adam.point)).gradient;
      }
      state.rounds++;
      const now = await evaluate(state, optimiser.point);
      moveTo(state, now);
      const gradientNorm = gradientNormOf(optimiser, l1);
      if (linear && gradientNorm <= tolerance) optimiser.settled = true;
      const isLast = state.rounds >= iterations || optimiser.settled;
      return {
        steps: state.rounds,
        logLikelihood: now.logLikelihood,
        gradientNorm,
        ...(linear && { converged: Number(gradientNorm <= tolerance) }),
        ...(isDue(state.rounds, isLast, options) ? measure(state, now) : {}),
      };
    },

    policy({ table, warmStart, live: { model, space, horizon, map, likelihood } }): Policy {
      const { policy } = likelihood.evaluate(entryRewards(model, map.rewardOf, table), warmStart);
      if (horizon === undefined) return policyOfModel(model, policy, space);
      const observed = stateObservations(model, space);
      return new TimeIndexedPolicy(model.states, horizon, tableOfModel(model, policy, observed), observed);
    },

    done: ({ rounds, optimiser }): boolean => rounds >= iterations || optimiser.settled,

    outcome({ rounds, optimiser, live: { reward } }): string {
      const norm = gradientNormOf(optimiser, l1).toPrecision(3);
      if (!reward.linear) return `${rounds} rounds of Adam; the norm of the gradient is ${norm}`;
      if (gradientNormOf(optimiser, l1) <= tolerance) {
        return `converged in ${rounds} rounds: the norm of the gradient is ${norm}, within the tolerance ${tolerance}`;
      }
      const why = optimiser.settled
        ? "no step increases the likelihood any further"
        : "more rounds (iterations) would bring it nearer";
      return (
        `not converged after ${rounds} rounds: the norm of the gradient is ${norm}, above the tolerance ${tolerance}; ` +
        why
      );
    },

    reward: ({ optimiser: { point }, table, live: { map, model } }): LearnedReward =>
      learnedReward({ map, parameters: point, table, grid: model.grid }, options),
  };
}

const gradientNormOf = ({ point, gradient }: QuasiNewtonState | AdamAscent, l1: number): number =>
  norm2(pseudoGradient(point, gradient, l1));

/** Steps 1 to 4: the rewards of all transitions at Φ = `point`, and the likelihood under them. */
async function evaluate(
  { live, warmStart }: LikelihoodAscentState,
  point: Float64Array,
): Promise<Evaluation> {
  if (live.latest?.point === point) return live.latest;
  const { model, map, rows, reward, likelihood } = live;
  const table = await reward.rewards(point, rows);
  live.latest = {
    point,
    table,
    ...likelihood.evaluate(entryRewards(model, map.rewardOf, table), warmStart),
  };
  return live.latest;
}

/** Step 5: −L(Φ) + l2 |Φ|² / 2 and its gradient, from ∂L / ∂reward by the chain rule. */
const objectiveOf =
  (state: LikelihoodAscentState, l2: number): Smooth =>
  async (point) => {
    const { model, map, rows, reward } = state.live;
    const { logLikelihood, slope } = await evaluate(state, point);
    const gradient = await reward.gradient(point, rows, visitsOf(model, map.rewardOf, slope));
    return {
      value: (l2 / 2) * dot(point, point) - logLikelihood,
      gradient: gradient.map((g, i) => l2 * point[i] - g),
    };
  };

function moveTo(state: LikelihoodAscentState, { table, warmStart }: Evaluation): void {
  state.table = table;
  state.warmStart = warmStart;
}

/** Diagnostics: the distance of the policy from the demonstrations, and of the reward from the true reward. */
function measure({ live }: LikelihoodAscentState, { policy, warmStart, table }: Evaluation): Metrics {
  const { model, map, rows, demonstrated, likelihood, distance } = live;
  const own = likelihood.visits(policy, warmStart);
  const gap = visitsOf(model, map.rewardOf, difference(demonstrated.visits, own));
  return {
    featureGap: norm2(weightedSum(rows, gap)),
    valueGap: demonstrated.value - dot(own, model.reward),
    epic: distance(table),
  };
}
