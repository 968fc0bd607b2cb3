/** @file The loss of PPO [Schulman et al. 2017], and its gradient steps on one rollout. */

import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import { type ActorCritic, rowSpace } from "../../../src/policies/actor-critic.js";
import { actionInput } from "../../../src/policies/network.js";
import { logScale, spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor, TensorLike } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { ResolvedPpoOptions } from "../ppo.js";

/** The available optimisers, with the customary ε of PPO and A2C. */
const optimisers = {
  adam: nn.adam({ epsilon: 1e-5 }),
  rmsprop: nn.rmsprop({ epsilon: 1e-5 }),
};

const schedulable = ["learningRate", "clip", "entropyCoefficient"] as const;
export type ScheduledOption = (typeof schedulable)[number];

/** The values of scheduled options, which are inputs of the program. Other options are constants in it. */
export const scheduledOptions = (options: ResolvedPpoOptions): ScheduledOption[] =>
  schedulable.filter((name) => typeof options[name] !== "number");

/** The units of minibatches: transitions or, for policies with memory, whole sequences of environments. */
export function gradientSteps(options: ResolvedPpoOptions) {
  const { environments, rolloutSteps, minibatchSize, epochs, recurrentUnits } = options;
  const unit = recurrentUnits ? rolloutSteps : 1;
  const units = (environments * rolloutSteps) / unit;
  const perMinibatch = minibatchSize / unit;
  return { units, perMinibatch, steps: (epochs * units) / perMinibatch };
}

/** The inputs of the loss: B transitions or, for policies with memory, B sequences of T steps, step-major. */
export interface Batch {
  /** Observations `[B, w]`, or `[T, B, w]`. */
  observations: Tensor;
  actions: Tensor;
  logProbs: Tensor;
  advantages: Tensor;
  returns: Tensor;
  /** The values in the rollout; present if the value loss is clipped. */
  values?: Tensor;
  /** `[B]`: 1 for rows that count, 0 for padding; unset: all count. Not for policies with memory. */
  weights?: Tensor;
  /** Memory before the first step, `[B, m]`. */
  memory?: Tensor;
  /** `[T, B]`: 1 where an episode starts and the memory is reset, else 0. */
  resets?: Tensor;
}

type PpoParameters = Parameters<ActorCritic["evaluate"]>[0];

/**
 * The terms of the loss [Schulman et al. 2017, eq. 7 and 9], scalars: the negated clipped surrogate, the mean squared
 * value error (not halved), the mean entropy of normalised actions, and the estimate mean(ρ − 1 − log ρ) ≥ 0 of KL(old ‖ new).
 * Padding is in none of them.
 */
export function ppoTerms(
  network: ActorCritic,
  parameters: PpoParameters,
  { observations, actions, logProbs, advantages, returns, values, weights, memory, resets }: Batch,
  { clip, valueClip, normalise }: { clip: TensorLike; valueClip?: number; normalise: boolean },
) {
  const remembered = memory && { state: memory, resets };
  const evaluated = network.evaluate(parameters, observations, remembered);
  const pi = evaluated.distribution;
  // ρ = π(a | s) / π_old(a | s), and eq. 7: L^CLIP = E[min(ρ Â, clip(ρ, 1 − ε, 1 + ε) Â)].
  const change = t.sub(pi.logProb(actions), logProbs);
  // 0 in padding, where the ratio could be infinite.
  const logRatio = weights ? t.mul(change, weights) : change;
  const ratio = t.exp(logRatio);
  const gain = normalise ? standardise(advantages, weights) : advantages;
  const clipped = t.minimum(t.maximum(ratio, t.sub(1, clip)), t.add(1, clip));
  const value = evaluated.value();
  const squaredError = t.square(t.sub(value, returns));
  const clippedError = (old: Tensor) =>
    t.square(t.sub(t.add(old, t.clip(t.sub(value, old), -valueClip!, valueClip!)), returns));
  const mean = (x: Tensor) => meanOf(x, weights);
  return {
    policyLoss: t.neg(mean(t.minimum(t.mul(ratio, gain), t.mul(clipped, gain)))),
    valueLoss: mean(values ? t.maximum(squaredError, clippedError(values)) : squaredError),
    entropy: t.sub(mean(pi.entropy()), logScale(network.settings.actionScaling)),
    approximateKl: mean(t.sub(t.sub(ratio, 1), logRatio)),
    clipFraction: mean(t.cast(t.greater(t.abs(t.sub(ratio, 1)), clip), "float32")),
  };
}

/** The mean over the rows that count; 0 where none does. Without padding the weights are exactly 1. */
const meanOf = (x: Tensor, weights?: Tensor): Tensor =>
  t.mean(weights ? t.mul(x, t.div(weights, t.maximum(t.mean(weights), 1e-9))) : x);

/** (x − mean) / (deviation + 1e-8). */
function standardise(x: Tensor, weights?: Tensor): Tensor {
  const centred = t.sub(x, meanOf(x, weights));
  return t.div(centred, t.add(t.sqrt(meanOf(t.square(centred), weights)), 1e-8));
}

/**
 * The trainer of one rollout: `epochs` passes over its minibatches, all in one run.
 *
 * Inputs of a run: the rollout, the values of scheduled options, and with several minibatches their `indices`
 * `[steps, perMinibatch]`. It reports the terms on the whole rollout after the last step.
 *
 * @param padded whether rollouts have `weights`, 0 where they are padding
 */
export function ppoTrainer(network: ActorCritic, options: ResolvedPpoOptions, padded = false): Trainer {
  const { targetKl, normaliseAdvantages, valueClip, maxGradientNorm, valueCoefficient } = options;
  const { units, perMinibatch, steps } = gradientSteps(options);
  const whole = perMinibatch === units;
  // Normalisation over the batch is the same for every minibatch, so it is done once.
  const once = normaliseAdvantages === "batch" || (whole && normaliseAdvantages !== false);
  const normalise = normaliseAdvantages !== false && !once;
  const schedules = scheduledOptions(options).map((name) => [name, t.float32([])]);
  const rollout = rolloutInputs(network, options, padded);
  /** The current value of a scheduled option. */
  const current = (name: ScheduledOption, shared: Record<string, Tensor>): TensorLike =>
    shared[name] ?? options[name];
  const termsOf = (parameters: PpoParameters, batch: Batch, shared: Record<string, Tensor>) =>
    ppoTerms(network, parameters, flat(batch), { clip: current("clip", shared), valueClip, normalise });

  return trainer({
    layout: network.layout,
    optimiser: optimisers[options.optimiser],
    learningRate: (shared) => current("learningRate", shared),
    maxGradientNorm,
    steps,
    shared: { ...rollout, ...Object.fromEntries(schedules) },
    prepare: once
      ? ({ advantages, weights }) => ({ advantages: standardise(advantages, weights) })
      : undefined,
    minibatch: whole ? {} : { indices: t.int32([perMinibatch]) },
    loss({ parameters, shared, minibatch: { indices } }) {
      const batch = take(shared, rollout, indices);
      const { policyLoss, valueLoss, entropy, approximateKl } = termsOf(parameters, batch, shared);
      // Eq. 9, negated: −L^CLIP + c₁ L^VF − c₂ S.
      let loss = t.add(policyLoss, t.mul(valueLoss, valueCoefficient));
      if (options.entropyCoefficient !== 0) {
        loss = t.sub(loss, t.mul(entropy, current("entropyCoefficient", shared)));
      }
      return { loss, ...(targetKl !== undefined && { proceed: t.lessEqual(approximateKl, targetKl) }) };
    },
    report: ({ parameters, shared }) => termsOf(parameters, take(shared, rollout), shared),
  });
}

/** Input specifications of the rollout: `[T·N, …]` or, for policies with memory, `[T, N, …]`. */
function rolloutInputs({ settings, memoryWidth }: ActorCritic, options: ResolvedPpoOptions, padded: boolean) {
  const { environments, rolloutSteps, valueClip } = options;
  const rows = memoryWidth > 0 ? [rolloutSteps, environments] : [rolloutSteps * environments];
  const actions = actionInput(settings.actionSpace, environments);
  return {
    observations: t.float32([...rows, spaceWidth(rowSpace(settings))]),
    actions: { ...actions, shape: [...rows, ...actions.shape.slice(1)] },
    logProbs: t.float32(rows),
    advantages: t.float32(rows),
    returns: t.float32(rows),
    ...(valueClip === undefined ? {} : { values: t.float32(rows) }),
    ...(padded ? { weights: t.float32(rows) } : {}),
    ...(memoryWidth > 0 ? { memory: t.float32([environments, memoryWidth]), resets: t.float32(rows) } : {}),
  };
}

/**
 * A batch from the rollout among the inputs of a run: all of it, or the transitions at `indices` or, for policies with
 * memory, the sequences of the environments at `indices`.
 */
function take(fed: Record<string, Tensor>, rollout: Record<string, unknown>, indices?: Tensor): Batch {
  const axis = fed.memory ? 1 : 0;
  const taken = Object.keys(rollout).map((name) => [
    name,
    indices ? t.gather(fed[name], indices, name === "memory" ? 0 : axis) : fed[name],
  ]);
  return Object.fromEntries(taken) as Batch;
}

/**
 * The batch with actions, advantages and the like flattened to rows `[T·B, …]`, the layout of the network's outputs.
 */
function flat(batch: Batch): Batch {
  if (!batch.memory) return batch;
  const rows = (x: Tensor) => t.reshape(x, [-1, ...x.shape.slice(2)]);
  return {
    ...batch,
    actions: rows(batch.actions),
    logProbs: rows(batch.logProbs),
    advantages: rows(batch.advantages),
    returns: rows(batch.returns),
    values: batch.values && rows(batch.values),
  };
}
