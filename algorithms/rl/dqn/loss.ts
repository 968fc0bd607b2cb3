/**
 * @file The gradient steps of DQN: its target, its loss, and its target network.
 */

import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { QNetwork } from "../../../src/policies/index.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { ResolvedDqnOptions } from "../dqn.js";

/** B transitions from the replay, with importance weights if prioritised. */
export interface DqnBatch {
  observations: Tensor;
  actions: Tensor;
  returns: Tensor;
  nextObservations: Tensor;
  discounts: Tensor;
  weights?: Tensor;
}

/**
 * The loss of a gradient step, E[w h(y − Q(s, a))] with the Huber loss h, and its terms. The target is
 * y = R + γ^m Q̄(s′, argmax_a Q(s′, a)) [van Hasselt et al. 2016, eq. 4, after m steps], or with max_a Q̄(s′, a) where
 * learning is not double [Mnih et al. 2015, algorithm 1]. No gradient flows through y.
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

/** The values `[B]` of `actions` `[B]` among the values `[B, n]` of all actions. */
const chosen = (values: Tensor, actions: Tensor): Tensor =>
  t.squeeze(t.takeAlongAxis(values, t.expandDims(actions, -1), -1), -1);

/** ½ e² for |e| ≤ κ, else κ (|e| − ½ κ) [Huber 1964]; the derivative is e, clipped to ±κ. */
export function huber(error: Tensor, threshold: number): Tensor {
  const size = t.abs(error);
  const cut = t.minimum(size, threshold);
  return t.mul(cut, t.sub(size, t.mul(cut, 0.5)));
}

/**
 * The trainer that takes `steps` gradient steps on minibatches. Inputs of a run: `steps` of each array of a `DqnBatch`,
 * the `learningRate`, and with `targetEvery` above 1 the steps after which the target network moves (`targetMoves`).
 */
export function dqnTrainer(network: QNetwork, options: ResolvedDqnOptions, steps: number): Trainer {
  const { minibatchSize: size, maxGradientNorm, targetEvery, tau, prioritised } = options;
  const rows = t.float32([size, spaceWidth(network.settings.observationSpace)]);
  const column = t.float32([size]);
  return trainer({
    layout: network.layout,
    learningRate: (shared) => shared.learningRate,
    maxGradientNorm,
    steps,
    shared: { learningRate: t.float32([]) },
    minibatch: {
      observations: rows,
      actions: t.int32([size]),
      returns: column,
      nextObservations: rows,
      discounts: column,
      ...(prioritised ? { weights: column } : {}),
      ...(targetEvery > 1 ? { targetMoves: t.bool([]) } : {}),
    },
    loss({ parameters, targets, minibatch }) {
      const batch = minibatch as unknown as DqnBatch;
      const { loss, error, value } = dqnTerms(network, parameters, targets, batch, options);
      return {
        loss,
        reported: { loss, error: t.mean(t.abs(error)), value: t.mean(value) },
        ...(prioritised && { last: { errors: error } }),
      };
    },
    target(targets, parameters, { targetMoves }) {
      const nearer = nn.softUpdate(targets, parameters, tau);
      return targetMoves ? t.where(targetMoves, nearer, targets) : nearer;
    },
  });
}

/** `[steps]`: 1 where the number of gradient steps so far, `before` included, is a multiple of `every`, else 0. */
export const targetMoves = (before: number, steps: number, every: number): Uint8Array =>
  Uint8Array.from({ length: steps }, (_, k) => Number((before + k + 1) % every === 0));
