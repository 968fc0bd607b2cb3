/**
 * @file The learner that VariBAD and MILET share [Zintgraf et al. 2020, algorithm 1]: play a trial of every environment,
 * improve the actor–critics on it by PPO with the beliefs as they were, and train the encoder on recent trials.
 */

import * as z from "zod";
import { count, fraction, nonNegative, positive, resolveOptions } from "../../../src/config/options.js";
import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import { createMoments, type Moments } from "../../../src/env/moments.js";
import { type FeedbackLayout, feedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import { createNormalizer, RewardScale } from "../../../src/env/wrappers/normalize.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm, Metrics } from "../../../src/learning/contract.js";
import { type StepResult, type Trainer, type TrainState, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import {
  type BeliefEncoder,
  beliefEncoder,
  type EncoderSettings,
} from "../../../src/policies/belief/encoder.js";
import { BeliefPolicy, type BeliefSettings, beliefRowSpace } from "../../../src/policies/belief.js";
import { type ActorCritic, actorCritic } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import {
  createEpisodeTracker,
  createRollout,
  type EpisodeTracker,
} from "../../../src/rollout/rollout-buffer.js";
import { returnsByEpisode, type TrialShape, trialShape } from "../../../src/rollout/trials.js";
import { actionScaling } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { ppoTrainer } from "../../rl/ppo/loss.js";
import { improve, ppoSchema, type ResolvedPpoOptions } from "../../rl/ppo.js";
import { type EpisodeRecord, noEpisodes, recordEpisodes } from "../../shared/episodes.js";
import { NORMALISED_CLIP } from "../../shared/networks.js";
import { scheduled } from "../../shared/schedule.js";
import { tasksOption, testTasksOf, trialEndOption, trialsOf } from "../shared/trials.js";
import { type DecodedTransition, type Decoder, requireBernoulli, taskDecoder } from "./decoder.js";
import { playTrial, type TrialRecord } from "./rollout.js";
import { addTrials, createTrialBuffer, sampleTrials, type TrialBuffer } from "./trial-buffer.js";

const { clip, valueClip, valueCoefficient, maxGradientNorm, targetKl, activation, initialLogStd } =
  ppoSchema.shape;

/** The options that VariBAD and MILET share. */
export const beliefOptions = {
  environments: count().default(32).describe("number of trials that are played in parallel"),
  minibatches: count()
    .default(4)
    .describe(
      "number of minibatches in a pass over a rollout; must divide environments × the steps of an episode",
    ),
  epochs: count()
    .default(8)
    .describe("number of passes over a rollout, which is one trial of each environment"),
  discount: fraction().default(0.95).describe("γ, also from an episode of a trial to the next"),
  gaeLambda: fraction().default(0.95).describe("λ of generalised advantage estimation"),
  learningRate: scheduled(positive())
    .default(7e-4)
    .describe("step size of the policy's optimiser, or { from, to, steps, shape }"),
  clip,
  valueClip,
  entropyCoefficient: scheduled(nonNegative())
    .default(0)
    .describe("weight of the entropy bonus, or { from, to, steps, shape }"),
  valueCoefficient,
  maxGradientNorm,
  targetKl,
  hidden: z.array(count()).default([64, 64]).describe("sizes of the hidden layers of policy and critic"),
  activation,
  initialLogStd,
  latent: count().default(5).describe("dimensions of the latent task z"),
  encoderUnits: count().default(64).describe("units of each GRU of the encoder"),
  embeddings: z
    .strictObject({
      observation: count().default(16).describe("units of the embedding of the observation"),
      action: count().default(16).describe("units of the embedding of the action"),
      reward: count().default(16).describe("units of the embedding of the reward"),
    })
    .prefault({})
    .describe("layers between a transition and the encoder's GRUs"),
  decoder: z
    .strictObject({
      hidden: z.array(count()).min(1).default([64, 32]).describe("sizes of the hidden layers"),
      reward: z
        .enum(["squared", "bernoulli"])
        .default("squared")
        .describe(
          "squared: predict the reward of a transition; bernoulli: predict in which observations the reward is 1, for " +
            "discrete observations and two rewards",
        ),
      state: z
        .boolean()
        .default(false)
        .describe("whether to predict next observations too, for tasks that differ in dynamics"),
    })
    .prefault({})
    .describe("networks that predict a trial from the latent task, and so train the encoder"),
  vaeLearningRate: positive().default(1e-3).describe("step size of the optimiser of encoder and decoder"),
  vaeUpdates: count().default(3).describe("gradient steps of encoder and decoder after each rollout"),
  vaeBatch: count().default(25).describe("number of trials in such a step"),
  elboTerms: count()
    .default(16)
    .describe(
      "number of time steps t of each trial whose bound is estimated in such a step, drawn afresh; at most all",
    ),
  decodedSteps: count()
    .default(16)
    .describe("number of time steps of each trial that are decoded for each t, drawn afresh; at most all"),
  buffer: count().default(1000).describe("number of recent trials from which the encoder learns"),
  warmUp: z.int().min(0).default(5000).describe("environment steps before the policy starts to learn"),
  tasks: tasksOption,
  trialEnd: trialEndOption,
};

type Shared = z.output<z.ZodObject<typeof beliefOptions>>;

/** The inputs of a bound: the networks, a batch of B trials of T transitions, and the drawn time steps. */
export interface BoundInputs {
  encoder: BeliefEncoder;
  decoder: Decoder;
  /** Parameters by network: `encoder`, `decoder`, and those of the algorithm. `targets`: of the target network. */
  p: nn.TensorTree;
  targets?: nn.TensorTree;
  /** `[T + 1, B, m]`: the encoder's memories. */
  memories: Tensor;
  /** `[D, B, ·]`: the transitions to decode. */
  decoded: DecodedTransition;
  /** Takes the E drawn time steps of `[T + 1, …]`. */
  atTerms(x: Tensor): Tensor;
  noise: Record<string, Tensor>;
  /** T. */
  steps: number;
}

/** What distinguishes an algorithm that learns beliefs. */
export interface BeliefMethod<O extends Shared> {
  name: string;
  options: O;
  /** Least number of episodes of a trial. */
  episodes: 1 | 2;
  encoder: Pick<EncoderSettings, "clusters" | "stacked">;
  /** Whether the first episode has an actor–critic of its own. */
  explores: boolean;
  /** Options of the exploration policy that differ from those of the other. */
  exploration?: Partial<Shared>;
  /** Parameters besides those of encoder and decoder. */
  parameters?: nn.ParameterTree;
  /** Gradient steps after which the target network is set to the parameters; unset: there is none. */
  targetEvery?: number;
  /** Shapes of the noise of one step, by name: uniform or normal numbers for E terms of B trials. */
  noise: Record<string, { kind: "normal" | "uniform"; width: number }>;
  /** The loss of a batch, and its terms. */
  bound(inputs: BoundInputs): StepResult & { loss: Tensor };
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
  tracker: EpisodeTracker;
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
  batch: Record<string, Float32Array | Int32Array>;
  scale: RewardScale;
  rewardsSeen: Set<number>;
}

/** The learner of a method. */
export function beliefLearner<O extends Shared>(method: BeliefMethod<O>): Algorithm<BeliefState> {
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
    outcome: (state) => method.outcome?.(state.metrics) ?? "",
  };
}

async function init<O extends Shared>(
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
  const vae = vaeTrainer(method, encoder, layout, shape);
  const environments = trialsOf(
    await problem.vector(options.environments, rng.stream("environments")),
    options.tasks,
  );
  const bounds = method.explores ? [0, 1, shape.episodes] : [0, shape.episodes];
  const phases = bounds.slice(1).map((to, k) => ({
    from: bounds[k],
    to,
    rollout: createRollout(
      { count: environments.count, observationSpace: actor.settings.observationSpace, actionSpace },
      (to - bounds[k]) * shape.horizon,
      "trial",
    ),
  }));
  const trainers = phases.map(({ rollout }, k) =>
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
    actors: phases.length as 1 | 2,
  };
  const transition = layout.observation * 2 + layout.action + 1;
  const scale = new RewardScale(createNormalizer(1), environments.count, options.discount, NORMALISED_CLIP);
  return {
    steps: 0,
    environments,
    vae: learnt,
    actors,
    moments,
    rewardScaling: scale.state,
    tracker: createEpisodeTracker(environments.count),
    buffer: createTrialBuffer(options.buffer, shape.steps, transition),
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
      record: {
        phases,
        horizon: shape.horizon,
        transitions: new Float32Array(shape.steps * environments.count * transition),
        clusters: new Float32Array((shape.steps + 1) * environments.count * (method.encoder.clusters ?? 0)),
      },
      trainers,
      vae,
      batch: {},
      scale,
      rewardsSeen: new Set(),
    },
  };
}

async function update<O extends Shared>(method: BeliefMethod<O>, state: BeliefState): Promise<Metrics> {
  const { options, name } = method;
  const { live, environments } = state;
  const { shape, record, layout, scale } = live;
  const count = environments.count;

  // One trial of every environment, with encoder and policies as they are.
  await playTrial(
    policyOf(state),
    environments,
    record,
    state.tracker,
    state.moments,
    layout,
    state.actionRng,
    options.trialEnd,
  );
  addTrials(state.buffer, record.transitions, shape.steps, count);
  state.steps += shape.steps * count;
  const episodes = episodeMetrics(state, record, shape.episodes);
  if (options.decoder.reward === "bernoulli") {
    for (const { rollout } of record.phases) requireBernoulli(name, rollout.rewards, live.rewardsSeen);
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

function episodeMetrics(state: BeliefState, { phases }: TrialRecord, episodes: number): Metrics {
  const [{ rollout }] = phases;
  const join = <K extends "terminated" | "truncated">(key: K) =>
    Uint8Array.from(phases.flatMap((phase) => Array.from(phase.rollout[key])));
  const whole = { ...rollout, terminated: join("terminated"), truncated: join("truncated") };
  return {
    ...recordEpisodes(state, rollout.episodeReturns),
    ...returnsByEpisode(whole, episodes),
  };
}

/** Divides rewards, in place, by the deviation of the discounted returns of trials. */
function scaleRewards({ phases }: TrialRecord, scale: RewardScale): void {
  for (const [p, { rollout }] of phases.entries()) {
    const { rewards, count, ends } = rollout;
    const isLast = p === phases.length - 1;
    for (let k = 0; k < rewards.length; k++) {
      rewards[k] = scale.scaled(k % count, rewards[k], isLast && ends![k] === 1);
    }
  }
}

/** The PPO trainer of an actor–critic, on rollouts of `rolloutSteps` steps. */
function policyTrainer(name: string, actor: ActorCritic, rolloutSteps: number, options: Shared) {
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
  return { options: ppo, trainer: ppoTrainer(actor, ppo) };
}

/** The trainer of encoder and decoder: all gradient steps after a rollout in one run. */
function vaeTrainer<O extends Shared>(
  method: BeliefMethod<O>,
  encoder: BeliefEncoder,
  { observation, action }: FeedbackLayout,
  { steps }: TrialShape,
): Trainer {
  const { options, parameters = {}, noise, targetEvery } = method;
  const { vaeBatch: batch, vaeUpdates, latent } = options;
  const terms = Math.min(options.elboTerms, steps + 1);
  const decodedSteps = Math.min(options.decodedSteps, steps);
  const decoder = taskDecoder({ observation, action, latent }, options.decoder);
  const layout = nn.layoutOf({ encoder: encoder.parameters, decoder: decoder.parameters, ...parameters });
  const widths = [observation, action, 1, observation];
  return trainer({
    layout,
    learningRate: options.vaeLearningRate,
    maxGradientNorm: 1,
    steps: vaeUpdates,
    minibatch: {
      transitions: t.float32([steps, batch, widths.reduce((a, b) => a + b)]),
      terms: t.int32([terms]),
      decoded: t.int32([decodedSteps]),
      ...Object.fromEntries(
        Object.entries(noise).map(([key, { width }]) => [`noise.${key}`, t.float32([terms, batch, width])]),
      ),
      ...(targetEvery && { copies: t.float32([]) }),
    },
    ...(targetEvery && {
      target: (old: Tensor, now: Tensor, { copies }: Record<string, Tensor>) =>
        t.add(old, t.mul(copies, t.sub(now, old))),
    }),
    loss({ parameters: p, targets, minibatch }) {
      const [s, a, r, next] = t.split(minibatch.transitions, widths, -1);
      const pick = (x: Tensor) => t.gather(x, minibatch.decoded, 0);
      const trees = p as unknown as Record<string, nn.TensorTree>;
      return method.bound({
        encoder,
        decoder,
        p: trees as unknown as nn.TensorTree,
        targets: targets as unknown as nn.TensorTree,
        memories: encoder.memories(trees.encoder, { next, action: a, reward: r }),
        decoded: { observation: pick(s), action: pick(a), reward: pick(r), next: pick(next) },
        atTerms: (x) => t.gather(x, minibatch.terms, 0),
        noise: Object.fromEntries(Object.keys(noise).map((key) => [key, minibatch[`noise.${key}`]])),
        steps,
      });
    },
  });
}

async function trainEncoder<O extends Shared>(
  { options, noise, targetEvery }: BeliefMethod<O>,
  state: BeliefState,
): Promise<Metrics> {
  const { live, buffer, batchRng, vae } = state;
  const { steps } = live.shape;
  const { vaeBatch: batch, vaeUpdates } = options;
  const width = live.record.transitions.length / (steps * state.environments.count);
  const terms = Math.min(options.elboTerms, steps + 1);
  const decodedSteps = Math.min(options.decodedSteps, steps);
  const size = steps * batch * width;
  const feeds = live.batch;
  const floats = (key: string, length: number) => {
    feeds[key] ??= new Float32Array(length);
    return feeds[key] as Float32Array;
  };
  const transitions = floats("transitions", vaeUpdates * size);
  const drawn = {
    terms: new Int32Array(vaeUpdates * terms),
    decoded: new Int32Array(vaeUpdates * decodedSteps),
  };
  for (let k = 0; k < vaeUpdates; k++) {
    sampleTrials(buffer, batch, steps, batchRng, transitions.subarray(k * size, (k + 1) * size));
    drawSteps(drawn.terms.subarray(k * terms, (k + 1) * terms), steps + 1, batchRng);
    drawSteps(drawn.decoded.subarray(k * decodedSteps, (k + 1) * decodedSteps), steps, batchRng);
  }
  for (const [key, { kind, width }] of Object.entries(noise)) {
    const out = floats(`noise.${key}`, vaeUpdates * terms * batch * width);
    if (kind === "normal") batchRng.fillNormal(out);
    else batchRng.fillUniform(out);
  }
  const copies: Record<string, Float32Array> = targetEvery
    ? {
        copies: Float32Array.from({ length: vaeUpdates }, (_, k) =>
          Number((vae.steps + k) % targetEvery === 0),
        ),
      }
    : {};
  const { means } = await live.vae.run(vae, { ...feeds, ...drawn, ...copies });
  return means;
}

/** Different time steps, drawn uniformly among `total`, in ascending order. */
function drawSteps(out: Int32Array, total: number, rng: Rng): void {
  const all = Int32Array.from({ length: total }, (_, k) => k);
  for (let k = 0; k < out.length; k++) {
    const j = k + rng.integer(total - k);
    const kept = all[j];
    all[j] = all[k];
    all[k] = kept;
    out[k] = kept;
  }
  out.sort();
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
