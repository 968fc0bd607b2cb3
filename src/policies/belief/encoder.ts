/**
 * @file The encoder of beliefs about the task of a trial, as parameters and tensor expressions: from the transitions so
 * far to a Gaussian over a latent task z [Zintgraf et al. 2020, §3] or, with clusters, to a distribution over clusters c
 * and a Gaussian over z for each c (MILET, stacked GRUs).
 */

import { feedbackLayout } from "../../env/wrappers/feedback-view.js";
import type { DiagonalGaussian, TensorTree } from "../../nn/index.js";
import * as nn from "../../nn/index.js";
import type { Space } from "../../spaces/index.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";

/** The architecture of the encoder: plain data, saved with the weights. */
export interface EncoderSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** Units of the embedding of the next observation, of the action, and of the reward. */
  embeddings: { observation: number; action: number; reward: number };
  /** Units of each GRU. */
  units: number;
  /** Dimensions of the latent task z. */
  latent: number;
  /** Number of clusters C; unset: z alone, from one GRU. */
  clusters?: number;
  /** With clusters: whether the GRU of z also receives the state of the GRU of c. Default: true. */
  stacked?: boolean;
}

/** Encoded transitions `[..., width]`: the observation that was reached, the action and the raw reward. */
export interface EncodedTransition {
  next: Tensor;
  action: Tensor;
  reward: Tensor;
}

/** Units of the layer between the GRUs and the distributions, where there are clusters. */
const HEAD_UNITS = 32;
/** Added to variances. */
const SMALLEST_VARIANCE = 1e-6;

export type BeliefEncoder = ReturnType<typeof beliefEncoder>;

/** The encoder of `settings`. Memory rows are [h] or, with clusters, [h_α, h_β]. */
export function beliefEncoder(settings: EncoderSettings) {
  const { observationSpace, actionSpace, embeddings, units, latent, clusters, stacked = true } = settings;
  const sizes = feedbackLayout(observationSpace, actionSpace);
  const embed = {
    next: nn.dense(sizes.observation, embeddings.observation),
    action: nn.dense(sizes.action, embeddings.action),
    reward: nn.dense(1, embeddings.reward),
  };
  const width = embeddings.observation + embeddings.action + embeddings.reward;
  const clusterGru = nn.gru({ inputs: width, units });
  const taskGru = nn.gru({ inputs: clusters && stacked ? width + units : width, units });
  const head = (inputs: number, outputs: number) =>
    nn.mlp({ inputs, hidden: [HEAD_UNITS], outputs, activation: "relu" });
  const clusterHead = head(units, clusters ?? 1);
  const latentHead = (
    clusters ? head(units + clusters, 2 * latent) : nn.dense(units, 2 * latent)
  ) as nn.Module;
  const parameters = {
    next: embed.next.parameters,
    action: embed.action.parameters,
    reward: embed.reward.parameters,
    ...(clusters && { clusterGru: clusterGru.parameters, clusterHead: clusterHead.parameters }),
    taskGru: taskGru.parameters,
    latentHead: latentHead.parameters,
  } as nn.ParameterTree;
  const part = (p: TensorTree, name: string) => p[name] as TensorTree;
  const gruPart = (p: TensorTree, name: string) => p[name] as TensorTree<nn.GruParameters>;

  const embedded = (p: TensorTree, transition: EncodedTransition): Tensor => {
    const layer = (name: keyof typeof embed) =>
      t.relu(embed[name].apply(part(p, name) as TensorTree<nn.DenseParameters>, transition[name]));
    return t.concat([layer("next"), layer("action"), layer("reward")], -1);
  };
  const halves = (memory: Tensor) => t.split(memory, [units, units], -1);

  return {
    settings,
    parameters,
    layout: nn.layoutOf(parameters),
    memoryWidth: clusters ? 2 * units : units,

    /** The memory `[B, m]` after one more transition. */
    step(p: TensorTree, transition: EncodedTransition, memory: Tensor): Tensor {
      const e = embedded(p, transition);
      if (!clusters) return taskGru.step(gruPart(p, "taskGru"), e, memory);
      const [alpha, beta] = halves(memory);
      const nextAlpha = clusterGru.step(gruPart(p, "clusterGru"), e, alpha);
      const input = stacked ? t.concat([e, nextAlpha], -1) : e;
      return t.concat([nextAlpha, taskGru.step(gruPart(p, "taskGru"), input, beta)], -1);
    },

    /** The memories `[T + 1, B, m]` before the first of T transitions `[T, B, ·]` and after each of them. */
    memories(p: TensorTree, transitions: EncodedTransition): Tensor {
      const e = embedded(p, transitions);
      const [, batch] = e.shape;
      const none = t.zeros([batch as number, units]);
      const run = (gru: typeof taskGru, name: string, xs: Tensor) =>
        gru.sequence(gruPart(p, name), xs, none).states;
      const first = t.zeros([1, batch as number, clusters ? 2 * units : units]);
      if (!clusters) return t.concat([first, run(taskGru, "taskGru", e)], 0);
      const alphas = run(clusterGru, "clusterGru", e);
      const betas = run(taskGru, "taskGru", stacked ? t.concat([e, alphas], -1) : e);
      return t.concat([first, t.concat([alphas, betas], -1)], 0);
    },

    /** log q(c | τ:t) `[..., C]` of memories `[..., m]`. */
    clusterLogProbs(p: TensorTree, memory: Tensor): Tensor {
      const [alpha] = halves(memory);
      return t.logSoftmax(clusterHead.apply(part(p, "clusterHead"), alpha), -1);
    },

    /** q(z | τ:t) or, with clusters, q(z | τ:t, c) for the weights c `[..., C]` of the clusters. */
    latent(p: TensorTree, memory: Tensor, c?: Tensor): DiagonalGaussian {
      const inputs = clusters ? t.concat([halves(memory)[1], c!], -1) : memory;
      return gaussianHead(latentHead.apply(part(p, "latentHead"), inputs), latent);
    },

    /** The belief that policies receive: [μ, σ²] `[..., 2z]`, with clusters at c = q(c | τ:t); and q(c | τ:t). */
    belief(p: TensorTree, memory: Tensor): { belief: Tensor; clusters?: Tensor } {
      const c = clusters ? t.exp(this.clusterLogProbs(p, memory)) : undefined;
      const { mean, logStd } = this.latent(p, memory, c);
      return { belief: t.concat([mean, t.exp(t.mul(logStd, 2))], -1), clusters: c };
    },
  };
}

/** The Gaussian of outputs [mean, softplus⁻¹ of the variance] `[..., 2d]`. */
export function gaussianHead(outputs: Tensor, dimensions: number): DiagonalGaussian {
  const [mean, raw] = t.split(outputs, [dimensions, dimensions], -1);
  return nn.diagonalGaussian(mean, t.mul(t.log(t.add(t.softplus(raw), SMALLEST_VARIANCE)), 0.5));
}
