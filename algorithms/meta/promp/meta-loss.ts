/** @file The objective of proximal meta-policy search, and its gradient steps [Rothfuss et al. 2019, algorithm 1]. */

import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import {
  innerStep,
  logRatioOf,
  meanOfTask,
  policyOn,
  type TaskBatch,
  taskBatchSpecs,
} from "../../../src/policies/adapting/inner-step.js";
import type { ModulatingEpisodes } from "../../../src/policies/adapting/modulation.js";
import type { AdaptingNetwork } from "../../../src/policies/adapting/network.js";
import { modulatingSpecs } from "../../../src/policies/adapting/programs.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

/** The options of the objective. */
export interface MetaObjective {
  /** Step size of an inner step, α. */
  innerRate: number;
  /** ε of the clipped surrogate; unset: not clipped. */
  clip?: number;
  /** η, the weight of the divergence of the policies before the last stage; 0: none. */
  klCoefficient: number;
  /** Episodes of a task in a stage, K. */
  episodes: number;
}

/** A stage: its batch, with what it was played with. */
export interface PlayedBatch extends TaskBatch {
  /** `[M, adapted.size]`: the parameters, and for modulated networks `[M, modulationSize]`. */
  parameters: Tensor;
  modulation?: Tensor;
  /** `[M, B]`: what the modulation needs of the first stage. */
  rewards?: Tensor;
  lasts?: Tensor;
}

/**
 * The terms of the objective as a function of the parameters θ `[size]`, scalars that are means over tasks:
 *
 * - `policyLoss`: the negated surrogate of the last stage, min(ρ Â, clip(ρ, 1 − ε, 1 + ε) Â) at the parameters that the
 *   inner steps make of θ [Rothfuss et al. 2019, §6];
 * - `kl`: KL(π_old ‖ π) of the policies before the last stage, the mean over their stages;
 * - `approximateKl` and `clipFraction` of the last stage, as in PPO.
 */
export function metaTerms(
  network: AdaptingNetwork,
  parameters: Tensor,
  stages: readonly PlayedBatch[],
  { innerRate, clip, episodes }: MetaObjective,
) {
  const tasks = stages[0].advantages.shape[0];
  const { size } = network.adapted;
  let current = t.broadcastTo(t.expandDims(t.slice(parameters, 0, size), 0), [tasks, size]);
  const modulated =
    network.modulationSize > 0
      ? network.modulate(parameters, stages[0] as PlayedBatch & ModulatingEpisodes, episodes)
      : undefined;
  // The first stage is played without modulation.
  const batches = stages.map((stage, s) => ({ ...stage, modulation: s === 0 ? undefined : modulated }));
  const divergences: Tensor[] = [];
  for (const [s, batch] of batches.slice(0, -1).entries()) {
    const old = policyOn(network, stages[s].parameters, stages[s]);
    divergences.push(t.mean(meanOfTask(old.kl(policyOn(network, current, batch)), batch)));
    current = innerStep(network, current, batch, innerRate);
  }
  const last = batches[batches.length - 1];
  const logRatio = logRatioOf(policyOn(network, current, last), last);
  const ratio = t.exp(logRatio);
  const gain = t.mul(ratio, last.advantages);
  const surrogate =
    clip === undefined ? gain : t.minimum(gain, t.mul(t.clip(ratio, 1 - clip, 1 + clip), last.advantages));
  const outside = t.greater(t.abs(t.sub(ratio, 1)), clip ?? Number.MAX_VALUE);
  const mean = (x: Tensor) => t.mean(meanOfTask(x, last));
  return {
    policyLoss: t.neg(mean(surrogate)),
    kl: t.mean(t.stack(divergences)),
    approximateKl: mean(t.sub(t.sub(ratio, 1), logRatio)),
    clipFraction: mean(t.cast(outside, "float32")),
  };
}

export interface MetaTrainerOptions extends MetaObjective {
  learningRate: number;
  /** Gradient steps on the episodes of an iteration. */
  gradientSteps: number;
  /** Number of tasks, and of the steps of an episode, at most. */
  tasks: number;
  horizon: number;
  /** Number of stages: the inner steps and one. */
  stages: number;
}

/** The inputs of a run: for each stage s the fields of a `PlayedBatch`, as `observations0` and so on. */
export function metaTrainer(network: AdaptingNetwork, options: MetaTrainerOptions): Trainer {
  const { learningRate, gradientSteps, klCoefficient, tasks, episodes, horizon, stages } = options;
  const { layout, adapted, modulationSize } = network;
  const specs = {
    ...taskBatchSpecs(network, tasks, episodes * horizon),
    parameters: t.float32([tasks, adapted.size]),
    ...(modulationSize > 0 && {
      ...modulatingSpecs(network, tasks, options),
      modulation: t.float32([tasks, modulationSize]),
    }),
  };
  const numbers = Array.from({ length: stages }, (_, s) => s);
  const inputs = numbers.flatMap((s) => Object.entries(specs).map(([name, spec]) => [name + s, spec]));
  const termsOf = (tensors: Parameters<typeof layout.flatten>[0], shared: Record<string, Tensor>) => {
    const fed = numbers.map((s) => {
      const entries = Object.keys(specs).map((name) => [name, shared[name + s]]);
      return Object.fromEntries(entries) as unknown as PlayedBatch;
    });
    return metaTerms(network, layout.flatten(tensors), fed, options);
  };
  return trainer({
    layout,
    learningRate,
    steps: gradientSteps,
    shared: Object.fromEntries(inputs),
    minibatch: {},
    loss({ parameters, shared }) {
      const { policyLoss, kl } = termsOf(parameters, shared);
      return { loss: klCoefficient === 0 ? policyLoss : t.add(policyLoss, t.mul(kl, klCoefficient)) };
    },
    report: ({ parameters, shared }) => termsOf(parameters, shared),
  });
}
