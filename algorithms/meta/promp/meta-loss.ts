/** @file The objective of proximal meta-policy search, and its gradient steps [Rothfuss et al. 2019, algorithm 1]. */

import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import {
  innerStep,
  logRatioOf,
  meanOfTask,
  type TaskBatch,
  taskBatchSpecs,
} from "../../../src/policies/adapting/inner-step.js";
import type { AdaptingNetwork } from "../../../src/policies/adapting/network.js";
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
}

/** A batch of each stage, the last with adapted parameters; and the parameters `[M, size]` with which each was played. */
export interface StageBatches {
  batches: readonly TaskBatch[];
  played: readonly Tensor[];
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
  { batches, played }: StageBatches,
  { innerRate, clip }: MetaObjective,
) {
  const tasks = batches[0].advantages.shape[0];
  let current = t.broadcastTo(t.expandDims(parameters, 0), [tasks, network.layout.size]);
  const divergences: Tensor[] = [];
  for (const [s, batch] of batches.slice(0, -1).entries()) {
    const old = network.evaluate(played[s], batch.observations);
    divergences.push(t.mean(meanOfTask(old.kl(network.evaluate(current, batch.observations)), batch)));
    current = innerStep(network, current, batch, innerRate);
  }
  const last = batches[batches.length - 1];
  const logRatio = logRatioOf(network.evaluate(current, last.observations), last);
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
  /** Number of tasks, and of steps of each task in a stage. */
  tasks: number;
  steps: number;
  /** Number of stages: the inner steps and one. */
  stages: number;
}

/** The inputs of a run: for each stage s the fields of its batch and `played`, as `observations0` and so on. */
export function metaTrainer(network: AdaptingNetwork, options: MetaTrainerOptions): Trainer {
  const { learningRate, gradientSteps, klCoefficient, tasks, steps, stages } = options;
  const { layout } = network;
  const specs = {
    ...taskBatchSpecs(network, tasks, steps),
    played: t.float32([tasks, layout.size]),
  };
  const numbers = Array.from({ length: stages }, (_, s) => s);
  const inputs = numbers.flatMap((s) => Object.entries(specs).map(([name, spec]) => [name + s, spec]));
  const termsOf = (tensors: Parameters<typeof layout.flatten>[0], shared: Record<string, Tensor>) => {
    const batches = numbers.map(
      (s) =>
        Object.fromEntries(Object.keys(specs).map((name) => [name, shared[name + s]])) as Record<
          keyof typeof specs,
          Tensor
        >,
    );
    const fed = { batches, played: batches.map(({ played }) => played) };
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
