/**
 * @file The learner that VariBAD and MILET share [Zintgraf et al. 2020, algorithm 1]: play a trial of every environment,
 * improve the actor–critics on it by PPO with the beliefs as they were, and train the encoder on recent trials.
 */

import { resolveOptions } from "../../../src/config/options.js";
import { mean } from "../../../src/diagnostics/statistics.js";
import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import { createMoments, type Moments } from "../../../src/env/moments.js";
import { type FeedbackLayout, feedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import { createNormalizer, RewardScale } from "../../../src/env/wrappers/normalize.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm, Metrics } from "../../../src/learning/contract.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import {
  type BeliefEncoder,
  beliefEncoder,
  type EncoderSettings,
} from "../../../src/policies/belief/encoder.js";
import { BeliefPolicy, type BeliefSettings, beliefRowSpace } from "../../../src/policies/belief.js";
import { type ActorCritic, actorCritic } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { type TrialShape, trialShape } from "../../../src/rollout/trials.js";
import { actionScaling } from "../../../src/spaces/index.js";
import { ppoTrainer } from "../../rl/ppo/loss.js";
import { improve, ppoSchema, type ResolvedPpoOptions } from "../../rl/ppo.js";
import { type EpisodeRecord, noEpisodes, recordEpisodes } from "../../shared/episodes.js";
import { NORMALISED_CLIP } from "../../shared/networks.js";
import { testTasksOf, trialsOf } from "../shared/trials.js";
import { requireBernoulli } from "./decoder.js";
import type { BeliefOptions } from "./options.js";
import { playTrial } from "./rollout.js";
import { addTrials, createTrialBuffer, type TrialBuffer } from "./trial-buffer.js";
import { createTrialRecord, type TrialRecord, transitionWidth, trialLengths } from "./trial-record.js";
import { type Bound, boundTrainer, trainEncoder } from "./variational.js";

/** What distinguishes an algorithm that learns beliefs. */
export interface BeliefMethod<O extends BeliefOptions> extends Bound {
  name: string;
  options: O;
  /** Least number of episodes of a trial. */
  episodes: 1 | 2;
  encoder: Pick<EncoderSettings, "clusters" | "stacked">;
  /** Whether the first episode has an actor–critic of its own. */
  explores: boolean;
  /** Options of the exploration policy that differ from those of the other. */
  exploration?: Partial<BeliefOptions>;
  /** Adds intrinsic rewards to those of the first episode, in place, after normalisation. Returns metrics. */
  reward?(record: TrialRecord, count: number): Metrics;
  /** A sentence about the end of training. */
  outcome?(metrics: Metrics): string | undefined;
}

interface Actor {
  network: TrainState;
  shuffleRng: Rng;
}

export interface BeliefState extends EpisodeRecord {
  steps: number;
  environments: VectorEnvironment;
  /** Encoder, decoder, and what else the bound trains. */
  vae: TrainState;
  actors: Actor[];
  /** Statistics of rows [o, d, belief]. */
  moments: Moments;
  rewardScaling: RewardScale["state"];
  buffer: TrialBuffer;
  actionRng: Rng;
  batchRng: Rng;
  /** The last metrics, for the outcome. */
  metrics: Metrics;
  live: Live;
}

interface Live {
  derived: true;
  shape: TrialShape;
  layout: FeedbackLayout;
  encoder: BeliefEncoder;
  settings: BeliefSettings;
  record: TrialRecord;
  trainers: { options: ResolvedPpoOptions; trainer: Trainer }[];
  vae: Trainer;
  batch: Record<string, Float32Array>;
  scale: RewardScale;
  rewardsSeen: Set<number>;
}

/** The learner of a method. */
export function beliefLearner<O extends BeliefOptions>(method: BeliefMethod<O>): Algorithm<BeliefState> {
  const { name, options } = method;
  if (options.buffer < options.vaeBatch) {
    throw new UsageError(
      `${name}: a buffer of ${options.buffer} trials is smaller than vaeBatch ${options.vaeBatch}; raise buffer`,
    );
  }
  return {
    name,
    options,
    unit: "environment steps",
    defaultSteps: 1_000_000,
    abilities: { density: true, memory: true },
    testTasks: (family) => testTasksOf(family, options.tasks),
    init: (problem, rng) => init(method, problem, rng),
    update: (state) => update(method, state),
    policy: (state) => policyOf({ ...state, moments: structuredClone(state.moments) }),
    outcome: (state) => method.outcome?.(state.metrics),
  };
}

async function init<O extends BeliefOptions>(
  method: BeliefMethod<O>,
  problem: Problem,
  rng: Rng,
): Promise<BeliefState> {
  const { name, options } = method;
  const { observationSpace, actionSpace } = problem;
  const shape = trialShape(name, problem, method.episodes);
  const layout = feedbackLayout(observationSpace, actionSpace);
  if (options.decoder.reward === "bernoulli" && observationSpace.kind !== "discrete") {
    throw new UsageError(
      `${name}: decoder.reward "bernoulli" has one output for each discrete observation; use "squared" in ${problem.id}`,
    );
  }
  const encoderSettings: EncoderSettings = {
    observationSpace,
    actionSpace,
    embeddings: options.embeddings,
    units: options.encoderUnits,
    latent: options.latent,
    ...method.encoder,
  };
  const encoder = beliefEncoder(encoderSettings);
  const actor = actorCritic({
    observationSpace: beliefRowSpace(encoderSettings),
    actionSpace,
    hidden: options.hidden,
    activation: options.activation,
    critic: true,
    initialLogStd: options.initialLogStd,
    actionScaling: actionScaling(actionSpace),
  });
  const vae = boundTrainer(method, encoder, layout, shape);
  const environments = trialsOf(
    await problem.vector(options.environments, rng.stream("environments")),
    options.tasks,
  );
  const bounds = method.explores ? [0, 1, shape.episodes] : [0, shape.episodes];
  const width = transitionWidth(layout);
  const record = createTrialRecord(
    environments.count,
    { rowSpace: actor.settings.observationSpace, actionSpace },
    bounds,
    shape.horizon,
    width,
    method.encoder.clusters ?? 0,
  );
  const trainers = record.phases.map(({ rollout }, k) =>
    policyTrainer(name, actor, rollout.steps, {
      ...options,
      ...(k === 0 && method.explores && method.exploration),
    }),
  );
  const learnt = vae.initialise(rng.stream("encoder"));
  const actors = trainers.map(({ trainer }, k) => ({
    network: trainer.initialise(rng.stream("parameters", k)),
    shuffleRng: rng.stream("minibatches", k),
  }));
  const moments = createMoments(beliefRowSpace(encoderSettings).low.length);
  const settings: BeliefSettings = {
    encoder: encoderSettings,
    actor: actor.settings,
    actors: record.phases.length as 1 | 2,
  };
  const scale = new RewardScale(createNormalizer(1), environments.count, options.discount, NORMALISED_CLIP);
  return {
    steps: 0,
    environments,
    vae: learnt,
    actors,
    moments,
    rewardScaling: scale.state,
    buffer: createTrialBuffer(options.buffer, shape.steps, width),
    ...noEpisodes(),
    actionRng: rng.stream("actions"),
    batchRng: rng.stream("trials"),
    metrics: {},
    live: {
      derived: true,
      shape,
      layout,
      encoder,
      settings,
      record,
      trainers,
      vae,
      batch: {},
      scale,
      rewardsSeen: new Set(),
    },
  };
}

async function update<O extends BeliefOptions>(
  method: BeliefMethod<O>,
  state: BeliefState,
): Promise<Metrics> {
  const { options, name } = method;
  const { live, environments } = state;
  const { shape, record, layout, scale } = live;
  const count = environments.count;

  // One trial of every environment, with encoder and policies as they are.
  await playTrial(
    policyOf(state),
    environments,
    record,
    state.moments,
    layout,
    state.actionRng,
    options.trialEnd,
  );
  const lengths = trialLengths(record);
  // Checkpoints from before episodes could end early have no lengths.
  state.buffer.lengths ??= new Int32Array(options.buffer).fill(shape.steps);
  addTrials(state.buffer, record.transitions, shape.steps, lengths);
  state.steps += lengths.reduce((sum, length) => sum + length);
  const episodes = episodeMetrics(state, record);
  if (options.decoder.reward === "bernoulli") {
    for (const { rollout } of record.phases) {
      const { rewards, weights } = rollout;
      requireBernoulli(
        name,
        rewards.filter((_, k) => weights[k] === 1),
        live.rewardsSeen,
      );
    }
  }
  scaleRewards(record, scale);
  const intrinsic = method.reward?.(record, count) ?? {};

  const learnt: Metrics = {};
  for (const [k, { rollout }] of record.phases.entries()) {
    if (state.steps <= options.warmUp) break;
    const improved = { ...state.actors[k], steps: state.steps, live: live.trainers[k] };
    const metrics = await improve(improved, live.trainers[k].options, rollout);
    for (const [key, value] of Object.entries(metrics))
      learnt[metricName(key, k, record.phases.length)] = value;
  }

  const bound = state.buffer.added < options.vaeBatch ? {} : await trainEncoder(method, state);
  state.metrics = { steps: state.steps, ...episodes, ...intrinsic, ...learnt, ...bound };
  return state.metrics;
}

/** Metrics of the exploration policy have its name in front. */
const metricName = (key: string, phase: number, phases: number) =>
  phases === 2 && phase === 0 ? `exploration${key[0].toUpperCase()}${key.slice(1)}` : key;

function episodeMetrics(state: BeliefState, { returns, phases }: TrialRecord): Metrics {
  const { count } = phases[0].rollout;
  const episodes = returns.length / count;
  const byEpisode = Array.from({ length: episodes }, (_, e) => [
    `returnEpisode${e + 1}`,
    mean(returns.subarray(e * count, (e + 1) * count)),
  ]);
  return { ...recordEpisodes(state, Array.from(returns)), ...Object.fromEntries(byEpisode) };
}

/** Divides rewards, in place, by the deviation of the discounted returns of trials. */
function scaleRewards({ phases }: TrialRecord, scale: RewardScale): void {
  for (const [p, { rollout }] of phases.entries()) {
    const { rewards, count, ends, weights } = rollout;
    const isLast = p === phases.length - 1;
    for (let k = 0; k < rewards.length; k++) {
      if (weights[k] === 1) rewards[k] = scale.scaled(k % count, rewards[k], isLast && ends[k] === 1);
    }
  }
}

/** The PPO trainer of an actor–critic, on rollouts of `rolloutSteps` steps. */
function policyTrainer(name: string, actor: ActorCritic, rolloutSteps: number, options: BeliefOptions) {
  const { environments, minibatches } = options;
  const rows = environments * rolloutSteps;
  if (rows % minibatches !== 0) {
    throw new UsageError(
      `${name}: ${minibatches} minibatches do not divide the ${rows} transitions of ${environments} environments × ` +
        `${rolloutSteps} steps`,
    );
  }
  const { clip, valueClip, valueCoefficient, maxGradientNorm, targetKl, epochs, discount, gaeLambda } =
    options;
  const { learningRate, entropyCoefficient } = options;
  const ppo = resolveOptions(name, ppoSchema, {
    ...{ environments, rolloutSteps, minibatchSize: rows / minibatches, epochs, discount, gaeLambda },
    ...{ learningRate, entropyCoefficient, clip, valueCoefficient, maxGradientNorm },
    ...(valueClip !== undefined && { valueClip }),
    ...(targetKl !== undefined && { targetKl }),
  });
  return { options: ppo, trainer: ppoTrainer(actor, ppo, true) };
}

/** The policy with the current parameters and statistics, which later updates change. */
function policyOf({ live, vae, actors, moments }: BeliefState): BeliefPolicy {
  return new BeliefPolicy(
    live.settings,
    vae.parameters.subarray(0, live.encoder.layout.size),
    actors.map(({ network }) => network.parameters),
    { moments, clip: NORMALISED_CLIP },
  );
}
