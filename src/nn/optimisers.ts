/**
 * @file Optimisers of one flat parameter vector, as tensor expressions, so that many updates can run in one `loop`.
 *
 * For small networks, the optimiser takes a considerable part of a step. Each rule therefore reads the vector as few
 * times as possible, and computes bias corrections on scalars.
 */

import { UsageError } from "../errors.js";
import type { Tensor, TensorLike } from "../tensor/index.js";
import * as t from "../tensor/index.js";

/** Parameters and slots, all of shape `[size]`. */
export interface OptimiserState {
  readonly parameters: Tensor;
  readonly slots: readonly Tensor[];
}

/** A rule that computes new parameters from a gradient. */
export interface Optimiser {
  /** The number of state vectors `[size]`, such as moments. They start as zeros. */
  readonly slots: number;
  /**
   * One descent step.
   *
   * @param gradient `[size]`
   * @param step scalar, `float32` or `int32`: 1 at the first update, 2 at the second, …
   */
  update(
    parameters: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    step: Tensor,
    learningRate: TensorLike,
  ): OptimiserState;
}

export interface AdamOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

export interface AdamWOptions extends AdamOptions {
  weightDecay?: number;
}

/**
 * Adam [Kingma & Ba 2015, algorithm 1].
 *
 * The slots hold the decayed *sums* of g and g², that is m/(1 − β₁) and v/(1 − β₂). This saves two passes over the
 * vector; the factors 1 − β₁ and 1 − β₂ are applied to scalars.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser {
  const scale = 1 / Math.sqrt(1 - beta2);
  return {
    slots: 2,
    update(parameters, gradient, [first, second], step, learningRate) {
      const steps = t.cast(step, "float32");
      const m = t.add(t.mul(first, beta1), gradient);
      const v = t.add(t.mul(second, beta2), t.square(gradient));
      // m̂ / (√v̂ + ε), with numerator and denominator multiplied by `scale` · `spread`, so that v is used as stored.
      const spread = t.sqrt(t.sub(1, t.pow(beta2, steps)));
      const uncorrected = t.mul(learningRate, (1 - beta1) * scale);
      const rate = t.mul(t.div(uncorrected, t.sub(1, t.pow(beta1, steps))), spread);
      const change = t.div(m, t.add(t.sqrt(v), t.mul(spread, epsilon * scale)));
      return { parameters: t.sub(parameters, t.mul(change, rate)), slots: [m, v] };
    },
  };
}

/**
 * Adam with decoupled weight decay [Loshchilov & Hutter 2019, algorithm 2]: parameters first shrink by rate · decay.
 */
export function adamW({ weightDecay = 0.01, ...options }: AdamWOptions = {}): Optimiser {
  const { slots, update } = adam(options);
  return {
    slots,
    update(parameters, gradient, moments, step, learningRate) {
      const kept = t.sub(1, t.mul(learningRate, weightDecay));
      return update(t.mul(parameters, kept), gradient, moments, step, learningRate);
    },
  };
}

export interface RmspropOptions {
  decay?: number;
  epsilon?: number;
}

/**
 * RMSprop [Tieleman & Hinton 2012]: the gradient divided by the root of the running mean of its square. As in `adam`,
 * the slot holds the decayed sum, which is the running mean divided by 1 − decay.
 */
export function rmsprop({ decay = 0.99, epsilon = 1e-8 }: RmspropOptions = {}): Optimiser {
  const scale = 1 / Math.sqrt(1 - decay);
  return {
    slots: 1,
    update(parameters, gradient, [squares], _step, learningRate) {
      const v = t.add(t.mul(squares, decay), t.square(gradient));
      const change = t.div(gradient, t.add(t.sqrt(v), epsilon * scale));
      return { parameters: t.sub(parameters, t.mul(change, t.mul(learningRate, scale))), slots: [v] };
    },
  };
}

export interface SgdOptions {
  momentum?: number;
}

/** Gradient descent; with `momentum`, along the decayed sum of gradients [Polyak 1964]. */
export function sgd({ momentum = 0 }: SgdOptions = {}): Optimiser {
  return {
    slots: momentum === 0 ? 0 : 1,
    update(parameters, gradient, slots, _step, learningRate) {
      const direction = momentum === 0 ? gradient : t.add(t.mul(slots[0], momentum), gradient);
      return {
        parameters: t.sub(parameters, t.mul(direction, learningRate)),
        slots: momentum === 0 ? [] : [direction],
      };
    },
  };
}

/**
 * Scales a gradient `[size]` of larger Euclidean norm to norm `max` [Pascanu et al. 2013]; a shorter gradient is
 * returned bit for bit. Also returns the norm before clipping, and the factor in (0, 1] applied to the gradient.
 */
export function clipByGlobalNorm(
  gradient: Tensor,
  max: number,
): { gradient: Tensor; norm: Tensor; scale: Tensor } {
  if (!(max > 0)) throw new UsageError(`the maximum gradient norm is ${max}; it must be above 0`);
  const norm = t.sqrt(t.sum(t.square(gradient)));
  const scale = t.div(max, t.maximum(norm, max));
  return { gradient: t.mul(gradient, scale), norm, scale };
}

/** target + tau · (source − target); entries that are equal stay exactly equal. */
export const softUpdate = (target: Tensor, source: Tensor, tau: TensorLike): Tensor =>
  tau === 1 ? source : t.add(target, t.mul(t.sub(source, target), tau));
