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
  const clusterLogits = (p: TensorTree, memory: Tensor): Tensor =>
    clusterHead.apply(part(p, "clusterHead"), halves(memory)[0]);
  const latentOutputs = (p: TensorTree, memory: Tensor, c?: Tensor): Tensor =>
    latentHead.apply(part(p, "latentHead"), clusters ? t.concat([halves(memory)[1], c!], -1) : memory);

  return {
    settings,
    parameters,
    layout: nn.layoutOf(parameters),
    memoryWidth: clusters ? 2 * units : units,

    /**
     * The weights of {@link step} and of beliefs. A step of few rows is mostly the start of its operations, so those of
     * the same input are one product: the embeddings, and all gates of both GRUs but for what the stack adds.
     */
    stepWeights(p: TensorTree): TensorTree {
      const layer = (name: keyof typeof embed) => part(p, name) as TensorTree<nn.DenseParameters>;
      const [next, action, reward] = [layer("next"), layer("action"), layer("reward")];
      const task = taskGru.joined(gruPart(p, "taskGru"));
      const ofEmbedding = t.slice(task.input, 0, width, 0);
      const cluster = clusters ? clusterGru.joined(gruPart(p, "clusterGru")) : undefined;
      const gates = 4 * units;
      return {
        embedding: {
          weight: blockMatrix(
            [embeddings.observation, embeddings.action, embeddings.reward],
            [
              [sizes.action, [undefined, action.weight, undefined]],
              [1, [undefined, undefined, reward.weight]],
              [1, []],
              [sizes.observation, [next.weight, undefined, undefined]],
              [1, []],
            ],
          ),
          bias: t.concat([next.bias, action.bias, reward.bias], 0),
        },
        gates: cluster
          ? {
              weight: blockMatrix(
                [gates, gates],
                [
                  [width, [cluster.input, ofEmbedding]],
                  [units, [cluster.state, undefined]],
                  [units, [undefined, task.state]],
                ],
              ),
              bias: t.concat([cluster.bias, task.bias], 0),
            }
          : { weight: t.concat([task.input, task.state], 0), bias: task.bias },
        ...(cluster && stacked && { stack: t.slice(task.input, width, width + units, 0) }),
        ...(cluster && { clusterHead: p.clusterHead }),
        latentHead: p.latentHead,
      } as unknown as TensorTree;
    },

    /** The memory `[B, m]` after the transitions in feedback rows without their observations, [a, r, d, s′, first]. */
    step(w: TensorTree, rows: Tensor, memory: Tensor): Tensor {
      const { embedding, gates } = w as Record<string, TensorTree<nn.DenseParameters>>;
      const e = t.relu(t.linear(rows, embedding.weight, embedding.bias));
      const sums = t.linear(t.concat([e, memory], 1), gates.weight, gates.bias);
      if (!clusters) return taskGru.advance(sums, memory);
      const [alphaSums, betaSums] = t.split(sums, [4 * units, 4 * units], 1);
      const [alpha, beta] = halves(memory);
      const nextAlpha = clusterGru.advance(alphaSums, alpha);
      const stack = w.stack as Tensor | undefined;
      return t.concat(
        [nextAlpha, taskGru.advance(stack ? t.linear(nextAlpha, stack, betaSums) : betaSums, beta)],
        1,
      );
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
    clusterLogProbs: (p: TensorTree, memory: Tensor): Tensor => t.logSoftmax(clusterLogits(p, memory), -1),

    /** q(z | τ:t) or, with clusters, q(z | τ:t, c) for the weights c `[..., C]` of the clusters. */
    latent: (p: TensorTree, memory: Tensor, c?: Tensor): DiagonalGaussian =>
      gaussianHead(latentOutputs(p, memory, c), latent),

    /**
     * The belief that policies receive: [μ, σ²] `[..., 2z]`, with clusters at c = q(c | τ:t); and q(c | τ:t). `p`:
     * parameters, or weights of steps.
     */
    belief(p: TensorTree, memory: Tensor): { belief: Tensor; clusters?: Tensor } {
      const c = clusters ? t.softmax(clusterLogits(p, memory), -1) : undefined;
      const { mean, variance } = meanAndVariance(latentOutputs(p, memory, c), latent);
      return { belief: t.concat([mean, variance], -1), clusters: c };
    },
  };
}

/** The matrix `[Σ heights, Σ widths]` of blocks, by rows [height, blocks]; absent blocks are zero. */
const blockMatrix = (
  widths: readonly number[],
  rows: readonly (readonly [height: number, blocks: readonly (Tensor | undefined)[]])[],
): Tensor =>
  t.concat(
    rows.map(([height, blocks]) =>
      t.concat(
        widths.map((w, k) => blocks[k] ?? t.zeros([height, w])),
        1,
      ),
    ),
    0,
  );

/** Of outputs [mean, softplus⁻¹ of the variance] `[..., 2d]`. */
function meanAndVariance(outputs: Tensor, dimensions: number): { mean: Tensor; variance: Tensor } {
  const [mean, raw] = t.split(outputs, [dimensions, dimensions], -1);
  return { mean, variance: t.add(t.softplus(raw), SMALLEST_VARIANCE) };
}

/** The Gaussian of outputs [mean, softplus⁻¹ of the variance] `[..., 2d]`. */
export function gaussianHead(outputs: Tensor, dimensions: number): DiagonalGaussian {
  const { mean, variance } = meanAndVariance(outputs, dimensions);
  return nn.diagonalGaussian(mean, t.mul(t.log(variance), 0.5));
}
