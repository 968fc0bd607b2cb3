/**
 * @file The loss of PPO (Schulman et al. 2017) and all gradient steps on one rollout as one tensor program: a loop over
 * the parameters and the optimiser's slots.
 */

import * as nn from "../../../src/nn/index.js";
import { type ActorCritic, actionInput } from "../../../src/policies/index.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor, TensorLike } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { ResolvedPpoOptions } from "../ppo.js";

/** The optimisers to choose from, with the small numbers that PPO and A2C are used with. */
export const optimisers = {
  adam: nn.adam({ epsilon: 1e-5 }),
  rmsprop: nn.rmsprop({ epsilon: 1e-5 }),
};

const schedulable = ["learningRate", "clip", "entropyCoefficient"] as const;
export type ScheduledOption = (typeof schedulable)[number];

/** The options that change over the run: inputs of the program, while the others are part of it. */
export const scheduledOptions = (options: ResolvedPpoOptions): ScheduledOption[] =>
  schedulable.filter((name) => typeof options[name] !== "number");

/** What minibatches are made of: transitions or, for policies with memory, the whole sequences of environments. */
export function gradientSteps(options: ResolvedPpoOptions) {
  const { environments, rolloutSteps, minibatchSize, epochs, recurrentUnits } = options;
  const unit = recurrentUnits ? rolloutSteps : 1;
  const units = (environments * rolloutSteps) / unit;
  const perMinibatch = minibatchSize / unit;
  return { units, perMinibatch, steps: (epochs * units) / perMinibatch };
}

/** What the loss is computed on: B transitions or, of a policy with memory, the T·B of B sequences, step-major. */
export interface Batch {
  /** `[B, w]`, or `[T, B, w]`. */
  observations: Tensor;
  actions: Tensor;
  logProbs: Tensor;
  advantages: Tensor;
  returns: Tensor;
  /** The rollout's own values, where the value loss is clipped. */
  values?: Tensor;
  /** `[B, m]`: what was remembered before the first step. */
  memory?: Tensor;
  /** `[T, B]`. */
  resets?: Tensor;
}

/**
 * The terms of the loss (2017, eq. 7 and 9): the clipped surrogate to be minimised, the mean squared value error
 * (not halved), the mean entropy, and the estimate of KL(old ‖ new) of Schulman's k3, mean(ρ − 1 − log ρ) ≥ 0.
 */
export function ppoTerms(
  network: ActorCritic,
  parameters: Parameters<ActorCritic["evaluate"]>[0],
  { observations, actions, logProbs, advantages, returns, values, memory, resets }: Batch,
  { clip, valueClip, normalise }: { clip: TensorLike; valueClip?: number; normalise: boolean },
) {
  const remembered = memory && { state: memory, resets };
  const evaluated = network.evaluate(parameters, observations, remembered);
  const pi = evaluated.distribution;
  const logRatio = t.sub(pi.logProb(actions), logProbs);
  const ratio = t.exp(logRatio);
  const gain = normalise ? standardise(advantages) : advantages;
  const clipped = t.minimum(t.maximum(ratio, t.sub(1, clip)), t.add(1, clip));
  const value = evaluated.value();
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
export function updateProgram(network: ActorCritic, options: ResolvedPpoOptions): t.Program {
  const { layout } = network;
  const { targetKl, normaliseAdvantages, valueClip, maxGradientNorm, valueCoefficient } = options;
  const { units, perMinibatch, steps } = gradientSteps(options);
  const optimiser = optimisers[options.optimiser];
  const slotNames = Array.from({ length: optimiser.slots }, (_, i) => `moment${i}`);
  const whole = perMinibatch === units;
  const inputs = {
    parameters: t.float32([layout.size]),
    ...Object.fromEntries(slotNames.map((name) => [name, t.float32([layout.size])])),
    optimiserSteps: t.float32([1]),
    ...Object.fromEntries(scheduledOptions(options).map((name) => [name, t.float32([1])])),
    ...rolloutInputs(network, options),
    ...(whole ? {} : { minibatches: t.int32([steps, perMinibatch]) }),
  };
  return t.program(inputs, (given) => {
    /** The value of an option now. */
    const current = (name: ScheduledOption): TensorLike =>
      given[name] ? t.reshape(given[name], []) : (options[name] as number);
    // What is the same for every minibatch is normalised once.
    const once = normaliseAdvantages === "batch" || (whole && normaliseAdvantages !== false);
    const terms = {
      clip: current("clip"),
      valueClip,
      normalise: normaliseAdvantages !== false && !once,
    };
    const { observations, actions, logProbs, returns, values, memory, resets } = given;
    const advantages = once ? standardise(given.advantages) : given.advantages;
    const rollout: Batch = { observations, actions, logProbs, advantages, returns, values, memory, resets };
    const minibatch = (i: Tensor): Batch => (whole ? rollout : take(rollout, t.gather(given.minibatches, i)));
    const objective = (p: Parameters<typeof ppoTerms>[1], batch: Batch) => {
      const { policyLoss, valueLoss, entropy, approximateKl } = ppoTerms(network, p, flat(batch), terms);
      const loss = t.add(policyLoss, t.mul(valueLoss, valueCoefficient));
      if (options.entropyCoefficient === 0) return { loss, approximateKl };
      return { loss: t.sub(loss, t.mul(entropy(), current("entropyCoefficient"))), approximateKl };
    };

    const start = [
      given.parameters,
      ...slotNames.map((name) => given[name]),
      t.reshape(given.optimiserSteps, []),
    ];
    const carry = targetKl === undefined ? start : [...start, t.constant(1)];
    const final = t.loop(steps, carry, (i, carried) => {
      const [vector, ...slots] = carried.slice(0, 1 + optimiser.slots);
      const [step, learning] = carried.slice(1 + optimiser.slots);
      const p = layout.unflatten(vector);
      const { loss, approximateKl } = objective(p, minibatch(i));
      const { gradient } = nn.clipByGlobalNorm(layout.gradient(loss, p), maxGradientNorm);
      const next = t.add(step, 1);
      const updated = optimiser.update(vector, gradient, slots, next, current("learningRate"));
      const moved = [updated.parameters, ...updated.slots, next];
      if (targetKl === undefined) return moved;
      // Once the estimate passes the target, the rest of the loop carries everything along unchanged.
      const still = t.mul(learning, t.cast(t.lessEqual(approximateKl(), targetKl), "float32"));
      const go = t.greater(still, 0);
      return [...moved.map((x, k) => t.where(go, x, carried[k])), still];
    });
    const after = ppoTerms(network, layout.unflatten(final[0]), flat(rollout), terms);
    return {
      parameters: final[0],
      ...Object.fromEntries(slotNames.map((name, i) => [name, final[1 + i]])),
      optimiserSteps: t.reshape(final[1 + optimiser.slots], [1]),
      policyLoss: after.policyLoss,
      valueLoss: after.valueLoss,
      entropy: after.entropy(),
      approximateKl: after.approximateKl(),
      clipFraction: after.clipFraction(),
    };
  });
}

/** The rollout as the program takes it: `[T·N, …]` or, for policies with memory, `[T, N, …]`. */
function rolloutInputs({ settings, memoryWidth }: ActorCritic, options: ResolvedPpoOptions) {
  const { environments, rolloutSteps, valueClip } = options;
  const rows = memoryWidth > 0 ? [rolloutSteps, environments] : [rolloutSteps * environments];
  const actions = actionInput(settings.actionSpace, environments);
  return {
    observations: t.float32([...rows, spaceWidth(settings.observationSpace)]),
    actions: { ...actions, shape: [...rows, ...actions.shape.slice(1)] },
    logProbs: t.float32(rows),
    advantages: t.float32(rows),
    returns: t.float32(rows),
    ...(valueClip === undefined ? {} : { values: t.float32(rows) }),
    ...(memoryWidth > 0 ? { memory: t.float32([environments, memoryWidth]), resets: t.float32(rows) } : {}),
  };
}

/** The transitions of a rollout that `indices` name or, where there is memory, the sequences of those environments. */
function take(rollout: Batch, indices: Tensor): Batch {
  const axis = rollout.memory ? 1 : 0;
  const taken = Object.entries(rollout).map(([name, x]: [string, Tensor | undefined]) => [
    name,
    x && t.gather(x, indices, name === "memory" ? 0 : axis),
  ]);
  return Object.fromEntries(taken) as Batch;
}

/** Sequences with all but what the networks run along laid out as rows, as their outputs are. */
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
