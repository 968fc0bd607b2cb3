/**
 * @file Proximal policy optimisation [Schulman et al. 2017, algorithm 1], with generalised advantage estimation
 * [Schulman et al. 2016].
 *
 * An update collects a rollout (`collect`) and takes all gradient steps on it (`improve`). The loss is in
 * `ppo/loss.ts`.
 */

import * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";
import type { Problem, VectorEnvironment } from "../../src/env/contracts.js";
import { createMoments, type Moments } from "../../src/env/moments.js";
import { createNormalizer, RewardScale } from "../../src/env/wrappers/normalize.js";
import { UsageError } from "../../src/errors.js";
import type { Metrics, PolicyOptimiser, RewardSource } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Trainer, TrainState } from "../../src/learning/trainer.js";
import { actorCritic, rowSpace } from "../../src/policies/actor-critic.js";
import { NetworkPolicy } from "../../src/policies/network.js";
import type { ObservationStatistics } from "../../src/policies/statistics.js";
import type { Rng } from "../../src/random/rng.js";
import { permute } from "../../src/rollout/epochs.js";
import { gae } from "../../src/rollout/gae.js";
import {
  collectRollout,
  createEpisodeTracker,
  createRawObservations,
  createRollout,
  type EpisodeTracker,
  type RawObservations,
  type Rollout,
  type TrialEnd,
  transitionsOf,
} from "../../src/rollout/rollout-buffer.js";
import { returnsByEpisode } from "../../src/rollout/trials.js";
import { actionScaling, spaceWidth } from "../../src/spaces/index.js";
import { type EpisodeRecord, noEpisodes, recordEpisodes } from "../shared/episodes.js";
import {
  NORMALISED_CLIP,
  networkOptions,
  networkSettings,
  policyNetworkOptions,
  requireNormalisable,
} from "../shared/networks.js";
import { scheduled, valueAt } from "../shared/schedule.js";
import { gradientSteps, ppoTrainer, scheduledOptions } from "./ppo/loss.js";

export const ppoSchema = z.strictObject({
  environments: count().default(8).describe("number of environments stepped in parallel"),
  rolloutSteps: count().default(32).describe("number of steps of each environment in a rollout"),
  minibatchSize: count()
    .default(256)
    .describe(
      "number of transitions in a gradient step; must divide environments × rolloutSteps, " +
        "and with recurrentUnits be a multiple of rolloutSteps",
    ),
  epochs: count().default(20).describe("number of passes over a rollout"),
  discount: fraction().default(0.98).describe("γ"),
  gaeLambda: fraction().default(0.8).describe("λ of generalised advantage estimation"),
  learningRate: scheduled(positive())
    .default(1e-3)
    .describe("step size of the optimiser, or { from, to, steps, shape }"),
  clip: scheduled(positive())
    .default(0.2)
    .describe(
      "ε of the clipped objective: range 1 ± ε of the probability ratio, or { from, to, steps, shape }",
    ),
  valueClip: positive()
    .optional()
    .describe(
      "range around the rollout's values to which new values are clipped in the value loss; unset: not clipped",
    ),
  entropyCoefficient: scheduled(nonNegative())
    .default(0)
    .describe("weight of the entropy bonus, or { from, to, steps, shape }"),
  valueCoefficient: nonNegative().default(0.5).describe("weight of the value loss (mean squared error)"),
  maxGradientNorm: positive()
    .default(0.5)
    .describe("largest global norm of gradients; larger ones are scaled down"),
  normaliseAdvantages: z
    .union([z.boolean(), z.enum(["minibatch", "batch"])])
    .default(true)
    .describe(
      'scale advantages to mean 0 and deviation 1 in each "minibatch" (or true), or over the "batch" of the rollout',
    ),
  targetKl: positive()
    .optional()
    .describe(
      "estimate of KL(old ‖ new) above which the gradient steps on a rollout stop (nats); unset: never",
    ),
  normaliseObservations: z
    .boolean()
    .default(false)
    .describe("whether to standardise observations with running statistics, which become part of the policy"),
  normaliseRewards: z
    .boolean()
    .default(false)
    .describe(
      "whether to divide rewards by the running deviation of discounted returns; reported returns stay raw",
    ),
  optimiser: z.enum(["adam", "rmsprop"]).default("adam").describe("optimiser of the gradient steps"),
  ...networkOptions,
  ...policyNetworkOptions,
});

export type PpoOptions = z.input<typeof ppoSchema>;
export type ResolvedPpoOptions = z.output<typeof ppoSchema>;

export interface PpoState extends EpisodeRecord {
  /** Number of environment steps so far. */
  steps: number;
  /** The networks of policy and critic in training. */
  network: TrainState;
  environments: VectorEnvironment;
  /** Statistics of the observations; absent unless they are normalised. */
  observationMoments?: Moments;
  /** Discounted returns of the running episodes and their statistics; absent unless rewards are normalised. */
  rewardScaling?: RewardScale["state"];
  tracker: EpisodeTracker;
  actionRng: Rng;
  shuffleRng: Rng;
  live: {
    derived: true;
    rollout: Rollout;
    /** Buffers for `rewards` callbacks, created at the first one. */
    rawObservations?: RawObservations;
    trainer: Trainer;
    policy: NetworkPolicy;
    rewardScale?: RewardScale;
  };
}

/** PPO for discrete, multi-discrete and continuous actions. */
export const ppo = defineAlgorithm({
  name: "ppo",
  summary: "proximal policy optimisation: on-policy actor-critic with a clipped objective",
  schema: ppoSchema,
  withLearntRewards: {},
  create: (options) => proximal("ppo", options),
});

/** What is different in trials: the policy receives feedback rows, and credit passes from an episode to the next. */
export interface TrialCredit {
  trialEnd: TrialEnd;
  /** Number of episodes of a trial. */
  episodes: number;
}

/**
 * The learner of `ppo`, `a2c` and `rl2`. `recorded`: options to store in the run's config if they differ from `options`
 * (A2C). `trials`: of vectors in their feedback view, whose rollouts are whole trials (RL²).
 */
export function proximal(
  name: string,
  options: ResolvedPpoOptions,
  recorded: Record<string, unknown> = options,
  trials?: TrialCredit,
): PolicyOptimiser<PpoState> {
  checkMinibatches(name, options);
  return {
    name,
    options: recorded,
    unit: "environment steps",
    defaultSteps: 50_000,
    abilities: { density: true, memory: options.recurrentUnits !== undefined, soft: false },

    async init(problem: Problem, rng: Rng): Promise<PpoState> {
      const { observationSpace, actionSpace } = problem;
      const { environments: copies } = options;
      const { sharedTrunk, recurrentUnits, initialLogStd } = options;
      if (options.normaliseObservations && !trials) requireNormalisable(name, problem);
      const inputs = { observationSpace, actionSpace, ...(trials && { view: "feedback" as const }) };
      const network = actorCritic({
        ...inputs,
        ...networkSettings(options, trials ? undefined : problem),
        critic: true,
        sharedTrunk,
        recurrentUnits,
        initialLogStd,
        actionScaling: actionScaling(actionSpace),
      });
      const trainer = ppoTrainer(network, options);
      const learnt = trainer.initialise(rng.stream("parameters"));
      const environments = await problem.vector(copies, rng.stream("environments"));
      const rewardScale = options.normaliseRewards
        ? new RewardScale(createNormalizer(1), copies, options.discount, NORMALISED_CLIP)
        : undefined;
      return {
        steps: 0,
        network: learnt,
        environments,
        observationMoments: options.normaliseObservations
          ? createMoments(spaceWidth(rowSpace(inputs)))
          : undefined,
        rewardScaling: rewardScale?.state,
        tracker: createEpisodeTracker(copies),
        ...noEpisodes(),
        actionRng: rng.stream("actions"),
        shuffleRng: rng.stream("minibatches"),
        live: {
          derived: true,
          rollout: createRollout(environments, options.rolloutSteps, trials ? "trial" : "episode"),
          trainer,
          policy: new NetworkPolicy(network.settings, learnt.parameters),
          rewardScale,
        },
      };
    },

    async update(state: PpoState, rewards?: RewardSource): Promise<Metrics> {
      const rollout = await collect(state, options, rewards, trials?.trialEnd);
      const learnt = await improve(state, options, rollout);
      state.steps += options.environments * options.rolloutSteps;
      const byEpisode = trials && returnsByEpisode(rollout, trials.episodes);
      return {
        steps: state.steps,
        ...recordEpisodes(state, rollout.episodeReturns),
        ...byEpisode,
        ...learnt,
      };
    },

    policy: (state) =>
      new NetworkPolicy(state.live.policy.settings, state.network.parameters, frozen(statisticsOf(state))),
  };
}

/**
 * Algorithm 1, lines 2–4: runs the policy for `rolloutSteps` steps of every environment. `rewards`, if given, replaces
 * the environment's rewards. The next call overwrites the returned rollout.
 */
export async function collect(
  state: PpoState,
  { rolloutSteps }: Pick<ResolvedPpoOptions, "rolloutSteps">,
  rewards?: RewardSource,
  trialEnd?: TrialEnd,
): Promise<Rollout> {
  const { live, environments, tracker, actionRng } = state;
  const { rollout, policy, rewardScale } = live;
  policy.parameters = state.network.parameters;
  if (rewards) live.rawObservations ??= createRawObservations(environments, rolloutSteps);
  const rawObservations = rewards && live.rawObservations;
  await collectRollout(
    policy,
    environments,
    rollout,
    tracker,
    actionRng,
    statisticsOf(state),
    rawObservations,
    trialEnd,
  );
  if (rewards && rawObservations) rollout.rewards.set(await rewards(transitionsOf(rollout, rawObservations)));
  if (rewardScale) (rewards ? scaleLearntRewards : scaleRewards)(rollout, rewardScale);
  return rollout;
}

/** The part of the state that `improve` reads and updates. */
export type Improved = Pick<PpoState, "steps" | "network" | "shuffleRng"> & { live: { trainer: Trainer } };

/**
 * Algorithm 1, lines 5 and 6: estimates the advantages of a rollout and takes `epochs` passes of gradient steps over
 * its minibatches. Scheduled options are evaluated at `state.steps`.
 */
export async function improve(
  state: Improved,
  options: ResolvedPpoOptions,
  rollout: Rollout,
): Promise<Metrics> {
  const { advantages, returns } = gae(rollout, options);
  const { observations, actions, logProbs, values, weights, memory, resets } = rollout;
  const rates = Object.fromEntries(
    scheduledOptions(options).map((name) => [name, valueAt(options[name], state.steps)]),
  );
  const { report } = await state.live.trainer.run(state.network, {
    ...{ observations, actions, logProbs, advantages, returns, ...rates },
    ...(options.valueClip === undefined ? {} : { values }),
    ...(weights ? { weights } : {}),
    ...(options.recurrentUnits ? { memory, resets: Float32Array.from(resets) } : {}),
    ...shuffledMinibatches(options, state.shuffleRng),
  });
  return { ...report, explainedVariance: explainedVariance(values, returns, weights), ...rates };
}

/**
 * @throws UsageError unless minibatches divide the rollout, and for a recurrent policy its environments, and hold at
 * least 2 transitions where advantages are normalised
 */
function checkMinibatches(name: string, options: ResolvedPpoOptions): void {
  const { environments, rolloutSteps, minibatchSize, normaliseAdvantages, recurrentUnits } = options;
  const batch = environments * rolloutSteps;
  if (batch % minibatchSize !== 0) {
    throw new UsageError(
      `${name}: minibatchSize ${minibatchSize} does not divide the ${batch} transitions of a rollout ` +
        `(${environments} environments × ${rolloutSteps} steps)`,
    );
  }
  if (recurrentUnits && minibatchSize % rolloutSteps !== 0) {
    throw new UsageError(
      `${name}: minibatchSize ${minibatchSize} is not a multiple of rolloutSteps ${rolloutSteps}: a policy with ` +
        "memory learns from whole sequences",
    );
  }
  if (batch === 1 && normaliseAdvantages !== false) {
    throw new UsageError(
      `${name}: the advantage of a rollout of 1 transition, normalised, is always 0; ` +
        "set normaliseAdvantages to false, or raise environments or rolloutSteps",
    );
  }
  if (minibatchSize === 1 && (normaliseAdvantages === true || normaliseAdvantages === "minibatch")) {
    throw new UsageError(
      `${name}: advantages of a minibatch of 1 cannot be normalised; set normaliseAdvantages to "batch" or false`,
    );
  }
}

/** A view of the current observation statistics, which later updates change. */
const statisticsOf = ({ observationMoments: moments }: PpoState): ObservationStatistics | undefined =>
  moments && { moments, clip: NORMALISED_CLIP };

/** A copy of the observation statistics. */
const frozen = (statistics?: ObservationStatistics): ObservationStatistics | undefined =>
  statistics && structuredClone(statistics);

/** Divides the rewards of a rollout, in place, by the deviation of discounted returns at each step. */
function scaleRewards(rollout: Rollout, scale: RewardScale): void {
  const { rewards, count } = rollout;
  for (let k = 0; k < rewards.length; k++) {
    rewards[k] = scale.scaled(k % count, rewards[k], hasEnded(rollout, k));
  }
}

/**
 * Divides learnt rewards, in place, by the deviation of discounted returns at the end of the rollout, without clipping.
 * At the end of an episode a learnt reward includes the return of the absorbing state: clipping would remove it, and
 * the deviation of the first returns would be a poor scale for it.
 */
function scaleLearntRewards(rollout: Rollout, scale: RewardScale): void {
  const { rewards, count } = rollout;
  for (let k = 0; k < rewards.length; k++) scale.observe(k % count, rewards[k], hasEnded(rollout, k));
  const { deviation } = scale;
  for (let k = 0; k < rewards.length; k++) rewards[k] /= deviation;
}

/** Whether the return that is accumulated ends with entry k: with its episode, or with its trial. */
const hasEnded = ({ terminated, truncated, ends }: Rollout, k: number) =>
  ends ? ends[k] === 1 : (terminated[k] | truncated[k]) === 1;

/** Indices of the minibatches of all epochs: rows or, with memory, environments. Empty for one minibatch an epoch. */
function shuffledMinibatches(options: ResolvedPpoOptions, rng: Rng): { indices?: Int32Array } {
  const { units, perMinibatch } = gradientSteps(options);
  if (perMinibatch === units) return {};
  const indices = new Int32Array(options.epochs * units);
  for (let start = 0; start < indices.length; start += units) {
    permute(indices.subarray(start, start + units), rng);
  }
  return { indices };
}

/** 1 − Var(returns − values) / Var(returns), without padding: 1 for a perfect critic, 0 for a constant one. */
function explainedVariance(values: Float32Array, returns: Float32Array, weights?: Float32Array): number {
  const variance = (x: ArrayLike<number>) => {
    let sum = 0;
    let squares = 0;
    let rows = 0;
    for (let i = 0; i < x.length; i++) {
      if (weights?.[i] === 0) continue;
      rows++;
      sum += x[i];
      squares += x[i] * x[i];
    }
    return squares / rows - (sum / rows) ** 2;
  };
  const total = variance(returns);
  return total > 0 ? 1 - variance(returns.map((r, i) => r - values[i])) / total : 0;
}
