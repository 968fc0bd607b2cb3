/**
 * @file Soft actor–critic (Haarnoja et al. 2018a, "Soft Actor-Critic"; 2018b, "Soft Actor-Critic Algorithms and
 * Applications", with a learned temperature), and its variant for discrete actions (Christodoulou 2019).
 *
 * All gradient steps of an update are one tensor program: a loop over the networks, their targets, the temperature and
 * Adam's moments. The three losses of a step are taken at the same parameters.
 */

import { z } from "zod";
import { count, fraction, positive, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import * as nn from "../../src/nn/index.js";
import { type ActionValues, actionValues } from "../../src/policies/action-values.js";
import {
  type ActorCritic,
  actionInput,
  actorCritic,
  NetworkPolicy,
  UniformPolicy,
} from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import type { Algorithm, Metrics, Problem, VectorEnvironment } from "../../src/rollout/contracts.js";
import { createTransitionBatch, Replay, type TransitionBatch } from "../../src/rollout/replay.js";
import {
  createEpisodeTracker,
  type EpisodeTracker,
  trackEpisodes,
} from "../../src/rollout/rollout-buffer.js";
import { describeSpace, type Space, spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { type EpisodeRecord, noEpisodes, recordEpisodes } from "./episodes.js";

export const sacSchema = z.strictObject({
  environments: count().default(1).describe("environments stepped together"),
  discount: fraction().default(0.99).describe("γ"),
  learningRate: positive().default(3e-4).describe("Adam's step size, of networks and temperature"),
  hidden: z.array(count()).default([256, 256]).describe("sizes of the hidden layers; [] is linear"),
  activation: z.enum(nn.activationNames).default("relu").describe("of the hidden layers"),
  minibatchSize: count().default(256).describe("transitions in a gradient step"),
  replaySize: count().default(1_000_000).describe("transitions kept: the last ones"),
  learningStarts: count().default(1000).describe("environment steps with random actions before learning"),
  trainEvery: count().default(64).describe("environment steps between trainings; a multiple of environments"),
  gradientSteps: count()
    .optional()
    .describe("gradient steps in a training; unset, one for every environment step"),
  nStep: count().default(1).describe("rewards summed before the critics' value is taken"),
  tau: positive().max(1).default(0.005).describe("how far the target critics move to the critics in a step"),
  temperature: z
    .union([z.literal("learned"), positive()], 'it must be "learned" or a positive number')
    .default("learned")
    .describe('weight of the entropy: "learned", or a number'),
  initialTemperature: positive().default(1).describe("where a learned temperature starts"),
  targetEntropy: z
    .number()
    .optional()
    .describe(
      "entropy that a learned temperature aims at, in nats, of actions scaled to [−1, 1]; " +
        "unset, −1 for each dimension, or 0.85 log n for n discrete actions",
    ),
});

export type SacOptions = z.input<typeof sacSchema>;
type ResolvedOptions = z.output<typeof sacSchema>;

/**
 * Of log n, for n discrete actions. Christodoulou (2019) takes 0.98: over two actions that is all but uniform, which
 * finds the best action but does not take it. On CartPole a half learns much slower than 0.85.
 */
const DISCRETE_ENTROPY_SHARE = 0.85;

/**
 * Added to every gradient. A unit that has died gets none, and its moments would fade into subnormal numbers, on which
 * processors are some twenty times slower. This is below the rounding of gradients above 1e-9, its square is a normal
 * number, and against Adam's ε it moves a parameter by 1e-9 of the learning rate.
 */
const TINY = 1e-17;

/** What gradients move; the logarithm keeps the temperature positive. */
const learnt = ["actor", "critics", "logTemperature"] as const;

/** The flat vector called `name` and Adam's moments of it. */
const withMoments = (name: (typeof learnt)[number]) =>
  [name, `${name}FirstMoment`, `${name}SecondMoment`] as const;

/** All that a gradient step changes, which is what the program takes and returns. */
type Vectors = Record<ReturnType<typeof withMoments>[number] | "targets" | "optimiserSteps", Float32Array>;

export interface SacState extends EpisodeRecord {
  steps: number;
  vectors: Vectors;
  environments: VectorEnvironment;
  replay: Replay;
  tracker: EpisodeTracker;
  actionRng: Rng;
  replayRng: Rng;
  noiseRng: Rng;
  live: {
    derived: true;
    program: t.Program;
    policy: NetworkPolicy;
    explorer: UniformPolicy;
    minibatches: Minibatches;
  };
}

/** SAC for discrete actions and for actions in a bounded box. */
export function sac(input: SacOptions = {}): Algorithm<SacState> {
  const options = resolveOptions("sac", sacSchema, input);
  const { environments: copies, trainEvery, learningStarts, minibatchSize } = options;
  const gradientSteps = options.gradientSteps ?? trainEvery;
  if (trainEvery % copies !== 0) {
    throw new UsageError(`sac: trainEvery ${trainEvery} is not a multiple of environments ${copies}`);
  }
  return {
    name: "sac",
    options,
    unit: "environment steps",
    defaultSteps: 50_000,

    async init(problem: Problem, rng: Rng): Promise<SacState> {
      const networks = sacNetworks(problem, options);
      const actor = networks.actor.layout.initialise(rng.stream("actor"));
      const critics = networks.critics.layout.initialise(rng.stream("critics"));
      const temperature =
        options.temperature === "learned" ? options.initialTemperature : options.temperature;
      const environments = await problem.vector(copies, rng.stream("environments"));
      return {
        steps: 0,
        vectors: initialVectors({
          actor,
          critics,
          logTemperature: Float32Array.of(Math.log(temperature)),
        }),
        environments,
        replay: new Replay(environments, options.replaySize),
        tracker: createEpisodeTracker(copies),
        ...noEpisodes(),
        actionRng: rng.stream("actions"),
        replayRng: rng.stream("replay"),
        noiseRng: rng.stream("noise"),
        live: {
          derived: true,
          program: updateProgram(networks, options, gradientSteps),
          policy: new NetworkPolicy(networks.actor.settings, actor),
          explorer: new UniformPolicy(problem.observationSpace, problem.actionSpace),
          minibatches: createMinibatches(problem, minibatchSize * gradientSteps),
        },
      };
    },

    async update(state: SacState): Promise<Metrics> {
      const { environments, replay, live, tracker } = state;
      live.policy.parameters = state.vectors.actor;
      const finished = { episodeReturns: [] as number[], episodeLengths: [] as number[] };
      for (let taken = 0; taken < trainEvery; taken += copies) {
        const policy = state.steps < learningStarts ? live.explorer : live.policy;
        const { actions } = await policy.act(environments.observations, { rng: state.actionRng });
        replay.step(environments, actions);
        trackEpisodes(tracker, environments, finished);
        state.steps += copies;
      }
      return {
        steps: state.steps,
        ...recordEpisodes(state, finished.episodeReturns),
        ...(state.steps < learningStarts ? {} : await learn(state, options)),
      };
    },

    policy: ({ live, vectors }) => new NetworkPolicy(live.policy.settings, vectors.actor),
  };
}

/** Targets that equal the critics, and no moments yet. */
function initialVectors(start: Pick<Vectors, (typeof learnt)[number]>): Vectors {
  const zeros = learnt.flatMap((name) => {
    const [, ...moments] = withMoments(name);
    return moments.map((moment) => [moment, new Float32Array(start[name].length)]);
  });
  const { critics } = start;
  const rest = { targets: critics.slice(), optimiserSteps: new Float32Array(1) };
  return { ...start, ...Object.fromEntries(zeros), ...rest };
}

/** The gradient steps of one training, on minibatches drawn from the replay. */
async function learn(state: SacState, options: ResolvedOptions): Promise<Metrics> {
  const { live, replay } = state;
  const { rows, batch, uniforms } = live.minibatches;
  replay.gather(replay.sample(rows, state.replayRng), options, batch);
  const { means, ...vectors } = await live.program.run({
    ...state.vectors,
    ...batch,
    ...(uniforms ? { uniforms: state.noiseRng.fillUniform(uniforms) } : {}),
  });
  state.vectors = vectors as Vectors;
  const [criticLoss, actorLoss, entropy] = means;
  return { criticLoss, actorLoss, entropy, temperature: Math.exp(state.vectors.logTemperature[0]) };
}

/** What a training reads: rows of the replay, and the uniforms that actions in a box are made from. */
interface Minibatches {
  rows: Int32Array;
  batch: TransitionBatch;
  uniforms?: Float32Array;
}

function createMinibatches(
  spaces: Pick<Problem, "observationSpace" | "actionSpace">,
  size: number,
): Minibatches {
  const { actionSpace } = spaces;
  return {
    rows: new Int32Array(size),
    batch: createTransitionBatch(spaces, size),
    uniforms: actionSpace.kind === "box" ? new Float32Array(2 * size * spaceWidth(actionSpace)) : undefined,
  };
}

/** The policy and the twin critics. */
export interface SacNetworks {
  actor: ActorCritic;
  critics: ActionValues;
}

/** @throws UsageError when the actions are neither discrete nor in a bounded box */
export function sacNetworks(
  { observationSpace, actionSpace }: Pick<Problem, "observationSpace" | "actionSpace">,
  { hidden, activation }: Pick<ResolvedOptions, "hidden" | "activation">,
): SacNetworks {
  const bounded =
    actionSpace.kind === "box" && [...actionSpace.low, ...actionSpace.high].every(Number.isFinite);
  if (!bounded && actionSpace.kind !== "discrete") {
    throw new UsageError(
      `sac acts in bounded boxes and discrete spaces, not in ${describeSpace(actionSpace)}; ` +
        "bound it with a wrapper, or use ppo",
    );
  }
  const shape = { observationSpace, actionSpace, hidden, activation };
  return {
    actor: actorCritic({ ...shape, critic: false, squashed: bounded }),
    critics: actionValues({ ...shape, count: 2 }),
  };
}

/** The parameters of a step, as trees of tensors. */
export interface SacParameters {
  actor: Parameters<ActorCritic["distribution"]>[0];
  critics: nn.TensorTree;
  targets: nn.TensorTree;
  /** Scalar. */
  logTemperature: Tensor;
}

/** B transitions, as the replay gathers them, and for actions in a box two normals a dimension: `[B, d]` each. */
export interface SacBatch {
  observations: Tensor;
  actions: Tensor;
  returns: Tensor;
  nextObservations: Tensor;
  discounts: Tensor;
  noise?: Tensor;
  nextNoise?: Tensor;
}

/**
 * The losses of a step, each to be minimised for its own parameters only:
 *
 * - of the critics, ½ E (Q_j(s, a) − y)² summed over both, with y = R + γ^m V̄(s′) (2018b, eq. 5–6; m steps);
 * - of the actor, −E V(s) = E[α log π(a | s) − min_j Q_j(s, a)] (2018b, eq. 9; 2019, eq. 12);
 * - of the temperature, log α · (E[−log π] − H̄), whose gradient has the sign of 2018b, eq. 18.
 */
export function sacLosses(
  networks: SacNetworks,
  { actor, critics, targets, logTemperature }: SacParameters,
  { observations, actions, returns, nextObservations, discounts, noise, nextNoise }: SacBatch,
  targetEntropy: number,
) {
  const temperature = t.stopGradient(t.exp(logTemperature));
  const after = softValue(networks, { actor, critics: targets, temperature }, nextObservations, nextNoise);
  const target = t.stopGradient(t.add(returns, t.mul(discounts, after.value)));
  const errors = networks.critics
    .values(critics, observations, actions)
    .map((q) => t.sub(chosen(q, actions), target));
  const now = softValue(networks, { actor, critics, temperature }, observations, noise);
  const entropy = t.mean(now.entropy);
  return {
    target,
    criticLoss: t.mul(t.add(...(errors.map((e) => t.mean(t.square(e))) as [Tensor, Tensor])), 0.5),
    actorLoss: t.neg(t.mean(now.value)),
    temperatureLoss: t.mul(logTemperature, t.sub(t.stopGradient(entropy), targetEntropy)),
    entropy,
  };
}

/** Q of the action taken, `[B]`: out of those of all discrete actions, or as it is. */
const chosen = (q: Tensor, actions: Tensor): Tensor =>
  q.shape.length === 1 ? q : t.squeeze(t.takeAlongAxis(q, t.expandDims(actions, -1), -1), -1);

/**
 * V(s) = E[min_j Q_j(s, a) − α log π(a | s)] and the entropy E[−log π(a | s)], `[B]` each: exact over discrete actions
 * (2019, eq. 10), from one reparameterised sample in a box (2018b, eq. 3), whose density is of actions in [−1, 1].
 */
function softValue(
  { actor, critics }: SacNetworks,
  p: Pick<SacParameters, "actor" | "critics"> & { temperature: Tensor },
  observations: Tensor,
  noise?: Tensor,
) {
  const pi = actor.distribution(p.actor, observations);
  if (!noise) {
    const { logProbs } = pi as nn.Categorical;
    const [first, second] = critics.values(p.critics, observations);
    const advantage = t.sub(t.minimum(first, second), t.mul(logProbs, p.temperature));
    return { value: t.sum(t.mul(t.exp(logProbs), advantage), -1), entropy: pi.entropy() };
  }
  const { action, logProb } = (pi as nn.TanhGaussian).sampleWithLogProb(noise);
  const [first, second] = critics.values(p.critics, observations, action);
  const entropy = t.neg(t.add(logProb, logHalfWidths(actor.settings.actionSpace)));
  return { value: t.add(t.minimum(first, second), t.mul(entropy, p.temperature)), entropy };
}

/** What the log-density of actions gains when they are scaled to [−1, 1]. */
const logHalfWidths = (space: Space): number =>
  space.kind === "box" ? space.low.reduce((sum, low, i) => sum + Math.log((space.high[i] - low) / 2), 0) : 0;

/** What the entropy of a policy should be, in nats. */
export function targetEntropyOf(
  space: Space,
  { targetEntropy }: Pick<ResolvedOptions, "targetEntropy">,
): number {
  return (
    targetEntropy ??
    (space.kind === "discrete" ? DISCRETE_ENTROPY_SHARE * Math.log(space.n) : -spaceWidth(space))
  );
}

/** All gradient steps of a training, and the means over them of what is reported. */
export function updateProgram(
  networks: SacNetworks,
  options: ResolvedOptions,
  gradientSteps: number,
): t.Program {
  const { actor, critics } = networks;
  const { observationSpace, actionSpace } = actor.settings;
  const size = options.minibatchSize;
  const sizes = { actor: actor.layout.size, critics: critics.layout.size, logTemperature: 1 };
  const vectors = learnt.flatMap((name) => withMoments(name).map((key) => [key, t.float32([sizes[name]])]));
  const rows = t.float32([size, spaceWidth(observationSpace)]);
  const stacks = Object.entries({
    observations: rows,
    actions: actionInput(actionSpace, size),
    returns: t.float32([size]),
    nextObservations: rows,
    discounts: t.float32([size]),
    ...(actionSpace.kind === "box" ? { uniforms: t.float32([2, size, spaceWidth(actionSpace)]) } : {}),
  });
  const inputs: Record<string, t.InputSpec> = {
    ...Object.fromEntries(vectors),
    targets: t.float32([sizes.critics]),
    optimiserSteps: t.float32([1]),
    ...Object.fromEntries(
      stacks.map(([name, { shape, dtype }]) => [name, { shape: [gradientSteps, ...shape], dtype }]),
    ),
  };
  const optimiser = nn.adam();
  const entropyAim = targetEntropyOf(actionSpace, options);

  return t.program(inputs, (given) => {
    const minibatch = (i: Tensor): SacBatch => {
      const { uniforms, ...taken } = Object.fromEntries(
        stacks.map(([name]) => [name, t.gather(given[name], i)]),
      );
      return { ...(taken as unknown as SacBatch), ...(uniforms ? normals(uniforms) : {}) };
    };
    const rest = [given.targets, t.reshape(given.optimiserSteps, []), t.zeros([3])];
    const start = [...learnt.flatMap(withMoments).map((name) => given[name]), ...rest];
    const final = t.loop(
      gradientSteps,
      start,
      (i, [a, a1, a2, c, c1, c2, l, l1, l2, targets, step, sums]) => {
        const p: SacParameters = {
          actor: actor.layout.unflatten(a),
          critics: critics.layout.unflatten(c),
          targets: critics.layout.unflatten(targets),
          logTemperature: t.reshape(l, []),
        };
        const loss = sacLosses(networks, p, minibatch(i), entropyAim);
        const next = t.add(step, 1);
        const move = (vector: Tensor, gradient: Tensor, ...moments: Tensor[]) => {
          const moved = optimiser.update(vector, t.add(gradient, TINY), moments, next, options.learningRate);
          return [moved.parameters, ...moved.slots];
        };
        const movedCritics = move(c, critics.layout.gradient(loss.criticLoss, p.critics), c1, c2);
        return [
          ...move(a, actor.layout.gradient(loss.actorLoss, p.actor), a1, a2),
          ...movedCritics,
          ...(options.temperature === "learned"
            ? move(l, t.grad(loss.temperatureLoss, [l])[0], l1, l2)
            : [l, l1, l2]),
          nn.softUpdate(targets, movedCritics[0], options.tau),
          next,
          t.add(sums, t.stack([loss.criticLoss, loss.actorLoss, loss.entropy])),
        ];
      },
    );
    const [targets, steps, sums] = final.slice(-3);
    return {
      ...Object.fromEntries(learnt.flatMap(withMoments).map((name, k) => [name, final[k]])),
      targets,
      optimiserSteps: t.reshape(steps, [1]),
      means: t.div(sums, gradientSteps),
    };
  });
}

/** Two sets of standard normals from two of uniforms on [0, 1), `[2, ...]` (Box & Muller 1958). */
function normals(uniforms: Tensor): { noise: Tensor; nextNoise: Tensor } {
  const [first, second] = [0, 1].map((k) => t.gather(uniforms, t.constant(k, [], "int32")));
  const radius = t.sqrt(t.mul(t.log(t.sub(1, first)), -2));
  const angle = t.mul(second, 2 * Math.PI);
  return { noise: t.mul(radius, t.cos(angle)), nextNoise: t.mul(radius, t.sin(angle)) };
}
