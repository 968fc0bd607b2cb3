/**
 * @file The gradient steps of DQN: its target, its loss, and the program that repeats them over minibatches.
 */

import * as nn from "../../../src/nn/index.js";
import type { QNetwork } from "../../../src/policies/index.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { ResolvedDqnOptions } from "../dqn.js";

/** B transitions, as the replay gathers them, and their importance weights where they have any. */
export interface DqnBatch {
  observations: Tensor;
  actions: Tensor;
  returns: Tensor;
  nextObservations: Tensor;
  discounts: Tensor;
  weights?: Tensor;
}

/**
 * What a gradient step minimises, E[w h(y − Q(s, a))] with the Huber loss h, and what it is made of:
 * y = R + γ^m Q̄(s′, argmax_a Q(s′, a)) (van Hasselt et al. 2016, eq. 4, after m steps), or with max_a Q̄(s′, a) where
 * learning is not double (Mnih et al. 2015, algorithm 1). The gradient of Q is not followed through y.
 */
export function dqnTerms(
  network: QNetwork,
  parameters: nn.TensorTree,
  targets: nn.TensorTree,
  { observations, actions, returns, nextObservations, discounts, weights }: DqnBatch,
  { double, huberThreshold }: Pick<ResolvedDqnOptions, "double" | "huberThreshold">,
) {
  const next = network.values(targets, nextObservations);
  const after = double
    ? chosen(next, t.argmax(network.values(parameters, nextObservations), -1))
    : t.max(next, -1);
  const target = t.stopGradient(t.add(returns, t.mul(discounts, after)));
  const value = chosen(network.values(parameters, observations), actions);
  const error = t.sub(target, value);
  const losses = huber(error, huberThreshold);
  return { target, value, error, loss: t.mean(weights ? t.mul(weights, losses) : losses) };
}

/** Of the values `[B, n]` of all actions, those of `actions` `[B]`. */
const chosen = (values: Tensor, actions: Tensor): Tensor =>
  t.squeeze(t.takeAlongAxis(values, t.expandDims(actions, -1), -1), -1);

/** ½ e² up to |e| = κ, and κ (|e| − ½ κ) beyond (Huber 1964): the slope is e, cut to ±κ. */
export function huber(error: Tensor, threshold: number): Tensor {
  const size = t.abs(error);
  const cut = t.minimum(size, threshold);
  return t.mul(cut, t.sub(size, t.mul(cut, 0.5)));
}

/** So many gradient steps on minibatches one after the other, and the errors of the last. */
export function updateProgram(network: QNetwork, options: ResolvedDqnOptions, steps: number): t.Program {
  const { layout, settings } = network;
  const { minibatchSize: size, targetEvery, prioritised } = options;
  const vector = t.float32([layout.size]);
  const rows = t.float32([steps, size, spaceWidth(settings.observationSpace)]);
  const column = t.float32([steps, size]);
  const minibatches = {
    observations: rows,
    actions: t.int32([steps, size]),
    returns: column,
    nextObservations: rows,
    discounts: column,
    ...(prioritised ? { weights: column } : {}),
  };
  const inputs = {
    parameters: vector,
    firstMoment: vector,
    secondMoment: vector,
    optimiserSteps: t.float32([1]),
    targets: vector,
    learningRate: t.float32([1]),
    ...(targetEvery > 1 ? { targetMoves: t.float32([steps]) } : {}),
    ...minibatches,
  };
  const optimiser = nn.adam();

  return t.program(inputs, (given) => {
    const minibatch = (i: Tensor) => {
      const names = Object.keys(minibatches) as (keyof typeof minibatches)[];
      return Object.fromEntries(names.map((name) => [name, t.gather(given[name], i)])) as unknown as DqnBatch;
    };
    const learningRate = t.reshape(given.learningRate, []);
    const vectors = [given.parameters, given.firstMoment, given.secondMoment, given.targets];
    const start = [...vectors, t.reshape(given.optimiserSteps, []), t.zeros([3]), t.zeros([size])];
    const [parameters, firstMoment, secondMoment, targets, , sums, errors] = t.loop(
      steps,
      start,
      (i, [online, m, v, target, step, sums]) => {
        const p = layout.unflatten(online);
        const terms = dqnTerms(network, p, layout.unflatten(target), minibatch(i), options);
        const { loss, error, value } = terms;
        const { gradient } = nn.clipByGlobalNorm(layout.gradient(loss, p), options.maxGradientNorm);
        const next = t.add(step, 1);
        const moved = optimiser.update(online, gradient, [m, v], next, learningRate);
        const nearer = nn.softUpdate(target, moved.parameters, options.tau);
        const due = given.targetMoves && t.greater(t.gather(given.targetMoves, i), 0.5);
        return [
          moved.parameters,
          ...moved.slots,
          due ? t.where(due, nearer, target) : nearer,
          next,
          t.add(sums, t.stack([loss, t.mean(t.abs(error)), t.mean(value)])),
          error,
        ];
      },
    );
    const moved = { parameters, firstMoment, secondMoment, targets };
    return { ...moved, means: t.div(sums, steps), ...(prioritised ? { errors } : {}) };
  });
}

/** 1 for each of `steps` gradient steps after `before` others that completes a multiple of `every`, else 0. */
export const targetMoves = (before: number, steps: number, every: number): Float32Array =>
  Float32Array.from({ length: steps }, (_, k) => Number((before + k + 1) % every === 0));
