/**
 * @file Proximal policy optimisation (Schulman et al. 2017), with generalised advantage estimation (2016).
 *
 * Every epoch over every minibatch of a rollout is one tensor program: a loop over parameters and Adam's moments.
 */

import { z } from "zod";
import { count, fraction, nonNegative, positive, resolveOptions } from "../../src/config/options.js";
import { mean } from "../../src/diagnostics/statistics.js";
import { UsageError } from "../../src/errors.js";
import * as nn from "../../src/nn/index.js";
import { type ActorCritic, actionInput, actorCritic, NetworkPolicy } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import type { Algorithm, Metrics, Problem, VectorEnvironment } from "../../src/rollout/contracts.js";
import { gae } from "../../src/rollout/gae.js";
import {
  collectRollout,
  createEpisodeTracker,
  createRollout,
  type EpisodeTracker,
  type Rollout,
} from "../../src/rollout/rollout-buffer.js";
import { spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { networkOptions } from "../networks.js";

export const ppoSchema = z.strictObject({
  environments: count().default(8).describe("environments stepped together"),
  rolloutSteps: count().default(32).describe("steps of each environment between updates"),
  minibatchSize: count()
    .default(256)
    .describe("transitions in a gradient step; must divide environments × rolloutSteps"),
  epochs: count().default(20).describe("passes over a rollout"),
  discount: fraction().default(0.98).describe("γ"),
  gaeLambda: fraction().default(0.8).describe("λ of generalised advantage estimation"),
  learningRate: positive().default(1e-3).describe("Adam's step size"),
  clip: positive().default(0.2).describe("how far the probability ratio may move from 1"),
  valueClip: positive()
    .optional()
    .describe("how far values may move from the rollout's; unset, they may move freely"),
  entropyCoefficient: nonNegative().default(0).describe("weight of the entropy bonus"),
  valueCoefficient: nonNegative().default(0.5).describe("weight of the value loss, a mean squared error"),
  maxGradientNorm: positive().default(0.5).describe("gradients are scaled down to this global norm"),
  normaliseAdvantages: z.boolean().default(true).describe("to mean 0 and deviation 1 in each minibatch"),
  targetKl: positive()
    .optional()
    .describe("no further gradient steps in a rollout once the KL estimate passes it"),
  ...networkOptions,
});

export type PpoOptions = z.input<typeof ppoSchema>;
type ResolvedOptions = z.output<typeof ppoSchema>;

/** Returns of this many last episodes make the reported mean. */
const RETURN_WINDOW = 100;

export interface PpoState {
  steps: number;
  parameters: Float32Array;
  /** Adam's moment vectors and step count. */
  moments: Float32Array[];
  optimiserSteps: Float32Array;
  environments: VectorEnvironment;
  tracker: EpisodeTracker;
  episodes: number;
  recentReturns: number[];
  actionRng: Rng;
  shuffleRng: Rng;
  live: { derived: true; rollout: Rollout; program: t.Program; policy: NetworkPolicy };
}

/** PPO for discrete, multi-discrete and continuous actions. */
export function ppo(input: PpoOptions = {}): Algorithm<PpoState> {
  const options = resolveOptions("ppo", ppoSchema, input);
  const batch = options.environments * options.rolloutSteps;
  if (batch % options.minibatchSize !== 0) {
    throw new UsageError(
      `ppo: minibatchSize ${options.minibatchSize} does not divide the ${batch} transitions of a rollout ` +
        `(${options.environments} environments × ${options.rolloutSteps} steps)`,
    );
  }
  if (options.normaliseAdvantages && options.minibatchSize === 1) {
    throw new UsageError(
      "ppo: advantages of a minibatch of 1 cannot be normalised; set normaliseAdvantages to false",
    );
  }
  return {
    name: "ppo",
    options,
    unit: "environment steps",
    defaultSteps: 50_000,

    async init(problem: Problem, rng: Rng): Promise<PpoState> {
      const { observationSpace, actionSpace } = problem;
      const { hidden, activation, environments: copies } = options;
      const network = actorCritic({ observationSpace, actionSpace, hidden, activation, critic: true });
      const parameters = network.layout.initialise(rng.stream("parameters"));
      const environments = await problem.vector(copies, rng.stream("environments"));
      return {
        steps: 0,
        parameters,
        moments: [new Float32Array(parameters.length), new Float32Array(parameters.length)],
        optimiserSteps: new Float32Array(1),
        environments,
        tracker: createEpisodeTracker(copies),
        episodes: 0,
        recentReturns: [],
        actionRng: rng.stream("actions"),
        shuffleRng: rng.stream("minibatches"),
        live: {
          derived: true,
          rollout: createRollout(environments, options.rolloutSteps),
          program: updateProgram(network, options),
          policy: new NetworkPolicy(network.settings, parameters),
        },
      };
    },

    async update(state: PpoState): Promise<Metrics> {
      const { live, environments } = state;
      live.policy.parameters = state.parameters;
      await collectRollout(live.policy, environments, live.rollout, state.tracker, state.actionRng);
      const { advantages, returns } = gae(live.rollout, options);
      const { observations, actions, logProbs, values, episodeReturns } = live.rollout;
      const result = await live.program.run({
        parameters: state.parameters,
        firstMoment: state.moments[0],
        secondMoment: state.moments[1],
        optimiserSteps: state.optimiserSteps,
        observations,
        actions,
        logProbs,
        advantages,
        returns,
        ...(options.valueClip === undefined ? {} : { values }),
        ...(options.minibatchSize === batch
          ? {}
          : { minibatches: shuffledEpochs(batch, options.epochs, state.shuffleRng) }),
      });
      state.parameters = result.parameters as Float32Array;
      state.moments = [result.firstMoment as Float32Array, result.secondMoment as Float32Array];
      state.optimiserSteps = result.optimiserSteps as Float32Array;
      state.steps += batch;
      state.episodes += episodeReturns.length;
      state.recentReturns = [...state.recentReturns, ...episodeReturns].slice(-RETURN_WINDOW);
      return {
        steps: state.steps,
        episodes: state.episodes,
        ...(state.recentReturns.length > 0 ? { return: mean(state.recentReturns) } : {}),
        policyLoss: result.policyLoss[0],
        valueLoss: result.valueLoss[0],
        entropy: result.entropy[0],
        approximateKl: result.approximateKl[0],
        clipFraction: result.clipFraction[0],
        explainedVariance: explainedVariance(values, returns),
      };
    },

    policy: (state) => new NetworkPolicy(state.live.policy.settings, state.parameters),
  };
}

/** What the loss is computed on: B transitions. */
interface Batch {
  observations: Tensor;
  actions: Tensor;
  logProbs: Tensor;
  advantages: Tensor;
  returns: Tensor;
  /** The rollout's own values, where the value loss is clipped. */
  values?: Tensor;
}

/**
 * The terms of the loss (2017, eq. 7 and 9): the clipped surrogate to be minimised, the mean squared value error
 * (not halved), the mean entropy, and the estimate of KL(old ‖ new) of Schulman's k3, mean(ρ − 1 − log ρ) ≥ 0.
 */
export function ppoTerms(
  network: ActorCritic,
  parameters: Parameters<ActorCritic["distribution"]>[0],
  { observations, actions, logProbs, advantages, returns, values }: Batch,
  {
    clip,
    valueClip,
    normaliseAdvantages,
  }: Pick<ResolvedOptions, "clip" | "valueClip" | "normaliseAdvantages">,
) {
  const pi = network.distribution(parameters, observations);
  const logRatio = t.sub(pi.logProb(actions), logProbs);
  const ratio = t.exp(logRatio);
  const gain = normaliseAdvantages ? standardise(advantages) : advantages;
  const clipped = t.clip(ratio, 1 - clip, 1 + clip);
  const value = network.value(parameters, observations);
  const squaredError = t.square(t.sub(value, returns));
  const clippedError = (old: Tensor) =>
    t.square(t.sub(t.add(old, t.clip(t.sub(value, old), -valueClip!, valueClip!)), returns));
  return {
    policyLoss: t.neg(t.mean(t.minimum(t.mul(ratio, gain), t.mul(clipped, gain)))),
    valueLoss: t.mean(values ? t.maximum(squaredError, clippedError(values)) : squaredError),
    entropy: () => t.mean(pi.entropy()),
    approximateKl: () => t.mean(t.sub(t.sub(ratio, 1), logRatio)),
    clipFraction: () => t.mean(t.cast(t.greater(t.abs(t.sub(ratio, 1)), clip), "float32")),
  };
}

/** (x − mean) / (deviation + 1e-8). */
function standardise(x: Tensor): Tensor {
  const centred = t.sub(x, t.mean(x));
  return t.div(centred, t.add(t.sqrt(t.mean(t.square(centred))), 1e-8));
}

/** All gradient steps on one rollout; the reported terms are those of the whole rollout after the last of them. */
function updateProgram(network: ActorCritic, options: ResolvedOptions): t.Program {
  const { layout, settings } = network;
  const { environments, rolloutSteps, minibatchSize, epochs, targetKl } = options;
  const size = environments * rolloutSteps;
  const optimiser = nn.adam({ epsilon: 1e-5 });
  const whole = minibatchSize === size;
  const actions = actionInput(settings.actionSpace, size);
  const inputs = {
    parameters: t.float32([layout.size]),
    firstMoment: t.float32([layout.size]),
    secondMoment: t.float32([layout.size]),
    optimiserSteps: t.float32([1]),
    observations: t.float32([size, spaceWidth(settings.observationSpace)]),
    actions,
    logProbs: t.float32([size]),
    advantages: t.float32([size]),
    returns: t.float32([size]),
    ...(options.valueClip === undefined ? {} : { values: t.float32([size]) }),
    ...(whole ? {} : { minibatches: t.int32([(epochs * size) / minibatchSize, minibatchSize]) }),
  };
  return t.program(inputs, (given) => {
    const { observations, logProbs, advantages, returns, values } = given;
    // A minibatch that is the whole rollout is the same in every step: its advantages are normalised once.
    const once = whole && options.normaliseAdvantages;
    const termOptions = { ...options, normaliseAdvantages: options.normaliseAdvantages && !once };
    const rollout: Batch = {
      observations,
      actions: given.actions,
      logProbs,
      advantages: once ? standardise(advantages) : advantages,
      returns,
      values,
    };
    const minibatch = (i: Tensor): Batch => {
      if (whole) return rollout;
      const rows = t.gather(given.minibatches, i);
      const taken = Object.entries(rollout).map(([name, x]) => [name, x && t.gather(x, rows)]);
      return Object.fromEntries(taken) as Batch;
    };
    const start = [
      given.parameters,
      given.firstMoment,
      given.secondMoment,
      t.reshape(given.optimiserSteps, []),
    ];
    const carry = targetKl === undefined ? start : [...start, t.constant(1)];
    const final = t.loop((epochs * size) / minibatchSize, carry, (i, [vector, m, v, step, learning]) => {
      const p = layout.unflatten(vector);
      const { policyLoss, valueLoss, entropy, approximateKl } = ppoTerms(
        network,
        p,
        minibatch(i),
        termOptions,
      );
      const bonus = options.entropyCoefficient > 0 ? t.mul(entropy(), options.entropyCoefficient) : 0;
      const loss = t.sub(t.add(policyLoss, t.mul(valueLoss, options.valueCoefficient)), bonus);
      const { gradient } = nn.clipByGlobalNorm(layout.gradient(loss, p), options.maxGradientNorm);
      const next = t.add(step, 1);
      const updated = optimiser.update(vector, gradient, [m, v], next, options.learningRate);
      const moved = [updated.parameters, ...updated.slots, next];
      if (targetKl === undefined) return moved;
      // Once the estimate passes the target, the rest of the loop carries everything along unchanged.
      const still = t.mul(learning, t.cast(t.lessEqual(approximateKl(), targetKl), "float32"));
      const go = t.greater(still, 0);
      return [...moved.map((x, k) => t.where(go, x, [vector, m, v, step][k])), still];
    });
    const after = ppoTerms(network, layout.unflatten(final[0]), rollout, termOptions);
    return {
      parameters: final[0],
      firstMoment: final[1],
      secondMoment: final[2],
      optimiserSteps: t.reshape(final[3], [1]),
      policyLoss: after.policyLoss,
      valueLoss: after.valueLoss,
      entropy: after.entropy(),
      approximateKl: after.approximateKl(),
      clipFraction: after.clipFraction(),
    };
  });
}

/** `epochs` permutations of 0, …, size − 1, one after the other. */
function shuffledEpochs(size: number, epochs: number, rng: Rng): Int32Array {
  const order = new Int32Array(epochs * size);
  for (let e = 0; e < epochs; e++) {
    const epoch = order.subarray(e * size, (e + 1) * size);
    for (let i = 0; i < size; i++) epoch[i] = i;
    rng.shuffle(epoch);
  }
  return order;
}

/** 1 − Var(returns − values) / Var(returns): 1 for a perfect critic, 0 for a constant one. */
function explainedVariance(values: Float32Array, returns: Float32Array): number {
  const variance = (x: ArrayLike<number>) => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < x.length; i++) {
      sum += x[i];
      squares += x[i] * x[i];
    }
    return squares / x.length - (sum / x.length) ** 2;
  };
  const total = variance(returns);
  return total > 0 ? 1 - variance(returns.map((r, i) => r - values[i])) / total : 0;
}
