/** @file The inner step of policy-gradient meta-learning [Rothfuss et al. 2019, §5]. */

import type { Distribution } from "../../nn/index.js";
import { encodedWidth, isIntegral, type Space, spaceWidth } from "../../spaces/index.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import type { AdaptingNetwork } from "./network.js";

/** B steps of each of M tasks. */
export interface TaskBatch {
  /** `[M, B, w]`, encoded. */
  observations: Tensor;
  /** `[M, B]`, or `[M, B, k]`. */
  actions: Tensor;
  /** `[M, B]`: log-probability of each action when it was taken. */
  logProbs: Tensor;
  /** `[M, B]`. */
  advantages: Tensor;
  /** `[M, B]`: the share of each step in means over the steps of its task. */
  shares: Tensor;
  /** `[M, modulationSize]`: changes of the factors of the hidden units; unset: 0. */
  modulation?: Tensor;
}

/** The policy of each task on its batch. */
export const policyOn = (network: AdaptingNetwork, parameters: Tensor, batch: TaskBatch): Distribution =>
  network.evaluate(parameters, batch.observations, batch.modulation);

/** log ρ = log π(a | s) − log π_old(a | s) of each step, `[M, B]`. */
export const logRatioOf = (pi: Distribution, { actions, logProbs }: TaskBatch): Tensor =>
  t.sub(pi.logProb(actions), logProbs);

/** The mean of `x` `[M, B]` over the steps of each task, `[M]`. */
export const meanOfTask = (x: Tensor, { shares }: TaskBatch): Tensor => t.sum(t.mul(x, shares), -1);

/**
 * θ′ = θ + α ∇_θ E[ρ Â] of each task, `[M, size]`. The ratio is not clipped, and it is a function of θ, so that θ′ can be
 * differentiated: the Jacobian of θ′ is I + α ∇² E[ρ Â] [Rothfuss et al. 2019, §5].
 */
export function innerStep(
  network: AdaptingNetwork,
  parameters: Tensor,
  batch: TaskBatch,
  rate: number,
): Tensor {
  const pi = policyOn(network, parameters, batch);
  // A sum over tasks, because the parameters of a task act on its own batch only.
  const objective = t.sum(meanOfTask(t.mul(t.exp(logRatioOf(pi, batch)), batch.advantages), batch));
  const [slope] = t.grad(objective, [parameters]);
  return t.add(parameters, t.mul(slope, rate));
}

/** The inputs of a program for B steps of each of M tasks: the fields of {@link TaskBatch} but the modulation. */
export function taskBatchSpecs({ settings }: AdaptingNetwork, tasks: t.Dim, steps: number) {
  const numbers = t.float32([tasks, steps]);
  return {
    observations: t.float32([tasks, steps, encodedWidth(settings.observationSpace)]),
    actions: actionRows(settings.actionSpace, tasks, steps),
    logProbs: numbers,
    advantages: numbers,
    shares: numbers,
  };
}

/** The input of actions `[M, B]`, or `[M, B, k]`, in the shape that the distribution of `space` takes. */
export function actionRows(space: Space, tasks: t.Dim, steps: number): t.InputSpec {
  const shape = [tasks, steps, ...(space.kind === "discrete" ? [] : [spaceWidth(space)])];
  return isIntegral(space) ? t.int32(shape) : t.float32(shape);
}
