/**
 * @file Maximum-entropy inverse reinforcement learning on a tabular model: the likelihood of demonstrations and its
 * gradient, demonstrated less expected feature counts (notes, §3.4, eq. 66), followed upwards without sampling.
 */

import { nonEmptyEpisodes } from "../../../src/datasets/transitions.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import { TimeIndexedPolicy } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Space } from "../../../src/spaces/index.js";
import type { Demonstrated } from "../shared/demonstrations-on-model.js";
import { type RewardModel, rewardModel } from "../shared/feature-reward.js";
import { entryRewards, type FeatureMap, featureMap, modelRows, visitsOf } from "../shared/features.js";
import {
  distanceToTruth,
  isDue,
  type LearnedReward,
  looksOf,
  shownOn,
  tabularPolicy,
} from "../shared/inverse-problem.js";
import {
  type AdamState,
  adamStep,
  dot,
  norm2,
  pseudoGradient,
  type QuasiNewtonState,
  quasiNewtonStep,
  startAdam,
  startQuasiNewton,
} from "../shared/optimise.js";
import { type SparseRows, weightedSum } from "../shared/sparse-rows.js";
import type { EntropyKind, ResolvedEntropyOptions } from "./entropy-irl.js";
import {
  causalDiscounted,
  causalHorizon,
  type Likelihood,
  type SoftModel,
  trajectories,
  type Warmth,
} from "./soft-models.js";

export interface ExactEntropyState {
  rounds: number;
  /** Of the reward's parameters, against their likelihood. */
  optimiser: QuasiNewtonState | AdamAscent;
  /** The reward of each state or pair at the current parameters. */
  table: Float64Array;
  warmth?: Warmth;
  live: {
    derived: true;
    task: EntropyTask;
    reward: RewardModel;
    space: Space;
    distance: ReturnType<typeof distanceToTruth>;
    /** The last point that was looked at. */
    latest?: { point: Float64Array; view: View };
  };
}

/** Adam, with what it is to follow next. */
interface AdamAscent extends AdamState {
  gradient: Float64Array;
  settled: boolean;
}

/** All that the likelihood of a reward depends on. */
export interface EntropyTask {
  model: TabularModel;
  map: FeatureMap;
  /** Of each state or pair. */
  rows: SparseRows;
  shown: Demonstrated;
  soft: SoftModel;
  discount: number;
  horizon?: number;
}

/** @throws UsageError where there is no model, or no horizon where one is needed. */
async function entropyTask(
  name: string,
  kind: EntropyKind,
  problem: Problem,
  options: ResolvedEntropyOptions,
): Promise<EntropyTask> {
  const { model } = problem;
  if (!model) {
    throw new UsageError(
      `${name}: ${problem.id} has no exact model; give an optimiser, such as sac({ temperature: 1 }), to learn on samples`,
    );
  }
  const { demonstrations, objective = "moments" } = options;
  const longest =
    demonstrations &&
    Math.max(...nonEmptyEpisodes(demonstrations.trajectories).map(({ rewards }) => rewards.length));
  const horizon = options.horizon ?? (kind === "causal" ? undefined : longest);
  if (kind === "trajectories" && horizon === undefined)
    throw new UsageError(`${name}: an expert needs a horizon`);
  const discount = options.discount ?? (horizon === undefined ? model.discount : 1);
  if (horizon === undefined && discount === 1) {
    throw new UsageError(`${name}: without a horizon the discount must be below 1, or values have no end`);
  }
  const map = featureMap(name, problem, options);
  const shown = await shownOn(model, options, { discount, horizon });
  const soft =
    horizon === undefined
      ? causalDiscounted(model, shown, objective, { discount })
      : kind === "causal"
        ? causalHorizon(model, shown, objective, { horizon, discount })
        : trajectories(model, shown, { horizon, discount });
  return { model, map, rows: modelRows(map, model), shown, soft, discount, horizon };
}

/** A reward and what the demonstrations say of it. */
interface View extends Likelihood {
  /** `[states]`, or `[states × actions]`. */
  table: Float64Array;
}

/** The mean log-likelihood of the demonstrations under a reward `table` of the states or pairs. */
function likelihood({ model, map, soft }: EntropyTask, table: Float64Array, warmth?: Warmth): View {
  return { ...soft.likelihood(entryRewards(model, map.rewardOf, table), warmth), table };
}

/** Its gradient in the table, from that in the transitions. */
const tableSlope = ({ model, map }: EntropyTask, { slope }: Likelihood): Float64Array =>
  visitsOf(model, map.rewardOf, slope);

export async function startExact(
  name: string,
  kind: EntropyKind,
  problem: Problem,
  options: ResolvedEntropyOptions,
  rng: Rng,
): Promise<ExactEntropyState> {
  const task = await entropyTask(name, kind, problem, options);
  const reward = rewardModel(task.map.width, options);
  const point = reward.initialise(rng.stream("reward"));
  const state = {
    rounds: 0,
    live: {
      derived: true,
      task,
      reward,
      space: problem.observationSpace,
      distance: distanceToTruth(task.model, task.discount),
    },
  } as ExactEntropyState;
  const smooth = smoothOf(state, options);
  if (reward.linear) state.optimiser = await startQuasiNewton(point, smooth, options.l1);
  else {
    state.optimiser = { ...startAdam(point), gradient: (await smooth(point)).gradient, settled: false };
  }
  settle(state, await look(state, point));
  return state;
}

/** The view of a point, which is usually the one just looked at. */
async function look(state: ExactEntropyState, point: Float64Array): Promise<View> {
  const { live, warmth } = state;
  if (live.latest?.point === point) return live.latest.view;
  const { task, reward } = live;
  const view = likelihood(task, await reward.rewards(point, task.rows), warmth);
  live.latest = { point, view };
  return view;
}

/** −log-likelihood and the L2 penalty, to be gone down. */
const smoothOf =
  (state: ExactEntropyState, { l2 }: Pick<ResolvedEntropyOptions, "l2">) =>
  async (point: Float64Array) => {
    const { task, reward } = state.live;
    const view = await look(state, point);
    const gradient = await reward.gradient(point, task.rows, tableSlope(task, view));
    return {
      value: (l2 / 2) * dot(point, point) - view.logLikelihood,
      gradient: gradient.map((g, i) => l2 * point[i] - g),
    };
  };

/** Moves the state to the point of a view. */
function settle(state: ExactEntropyState, view: View): void {
  state.table = view.table;
  state.warmth = view.warmth;
}

/** One step up the likelihood. The metrics are of the new reward. */
export async function updateExact(
  state: ExactEntropyState,
  options: ResolvedEntropyOptions,
): Promise<Metrics> {
  const { optimiser, live } = state;
  const { l1, learningRate, tolerance } = options;
  // A run that is resumed has not looked yet.
  live.latest = undefined;
  const smooth = smoothOf(state, options);
  if (live.reward.linear) await quasiNewtonStep(optimiser as QuasiNewtonState, smooth, l1);
  else {
    const adam = optimiser as AdamAscent;
    adamStep(adam, adam.gradient, learningRate, l1);
    adam.gradient = (await smooth(adam.point)).gradient;
  }
  state.rounds++;
  const view = await look(state, optimiser.point);
  settle(state, view);
  const slope = norm2(pseudoGradient(optimiser.point, optimiser.gradient, l1));
  if (live.reward.linear && slope <= tolerance) optimiser.settled = true;
  const last = state.rounds >= options.iterations || optimiser.settled;
  const due = isDue(state.rounds, last, options);
  return {
    steps: state.rounds,
    logLikelihood: view.logLikelihood,
    gradientNorm: slope,
    ...(due ? measure(state, view) : {}),
  };
}

/** How near the policy is to the demonstrations, and the reward to the true one. */
function measure({ live: { task, distance } }: ExactEntropyState, view: View): Metrics {
  const { model, map, shown, soft } = task;
  const own = soft.visits(view.policy, view.warmth);
  const excess = visitsOf(
    model,
    map.rewardOf,
    own.map((x, e) => shown.visits[e] - x),
  );
  return {
    featureGap: norm2(weightedSum(task.rows, excess)),
    valueGap: shown.value - dot(own, model.reward),
    epic: distance({ rewardOf: map.rewardOf, table: view.table }),
  };
}

export function exactPolicy({ table, warmth, live }: ExactEntropyState): Policy {
  const { model, map, soft, horizon } = live.task;
  const { policy } = soft.likelihood(entryRewards(model, map.rewardOf, table), warmth);
  return horizon === undefined
    ? tabularPolicy(model, live.space, policy)
    : new TimeIndexedPolicy(model.states, horizon, policy, looksOf(model, live.space));
}

export function exactReward({ optimiser, table, live: { task, reward } }: ExactEntropyState): LearnedReward {
  return {
    rewardOf: task.map.rewardOf,
    parameters: optimiser.point,
    table,
    rewards: (transitions) => reward.rewards(optimiser.point, task.map.rows(transitions)),
  };
}
