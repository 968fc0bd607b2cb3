/** @file The networks of CrowdInG beside the classifier: the generator of answers, and the judge of them. */

import type { Annotations } from "../../../src/crowds/index.js";
import * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

export interface PairTensors {
  /** `[B, width]` */
  x: Tensor;
  /** `[B]` */
  annotator: Tensor;
}

/** The generator G: log-probabilities of the answer of an annotator to an item [Chu & Wang 2021, eq. 3]. */
export interface Generator {
  readonly layout: nn.Layout;
  /** @param z `[B, classes]`: what the classifier predicts. @param noise `[B, noise]` @returns `[B, classes]` */
  answers(parameters: nn.TensorTree, pair: PairTensors, z: Tensor, noise: Tensor): Tensor;
}

export interface GeneratorOptions {
  width: number;
  annotators: number;
  classes: number;
  embedding: number;
  noise: number;
  sees: "everything" | "no items" | "no annotators";
}

const HIDDEN = [64, 128];

export function generator({
  width,
  annotators,
  classes,
  embedding,
  noise,
  sees,
}: GeneratorOptions): Generator {
  const ofItems = sees === "no items" ? 0 : width;
  const ofAnnotators = sees === "no annotators" ? 0 : embedding;
  const body = nn.mlp({
    inputs: ofItems + ofAnnotators + classes + noise,
    hidden: HIDDEN,
    outputs: classes,
    activation: "relu",
    outputGain: 0.1,
  });
  const layout = nn.layoutOf({
    body: body.parameters,
    ...(ofAnnotators > 0 && {
      annotator: { shape: [annotators, embedding], initialise: nn.initialisers.normal(embedding ** -0.5) },
    }),
  }) as nn.Layout;
  return {
    layout,
    answers(parameters, { x, annotator }, z, epsilon) {
      const inputs = [
        ...(ofItems > 0 ? [x] : []),
        ...(ofAnnotators > 0 ? [t.gather(parameters.annotator as Tensor, annotator)] : []),
        z,
        epsilon,
      ];
      return t.logSoftmax(body.apply(parameters.body as nn.TensorTree, t.concat(inputs, 1)));
    },
  };
}

/** The discriminator D and the auxiliary network Q, which share their encoders. */
export interface Judge {
  readonly layout: nn.Layout;
  /** `[B, classes]`: logits of D, by which each answer is authentic [Chu & Wang 2021, eq. 4]. */
  scores(parameters: nn.TensorTree, pair: PairTensors): Tensor;
  /** `[B, classes]`: log Q(z | x, annotator, answer). */
  predictions(parameters: nn.TensorTree, pair: PairTensors, answer: Tensor): Tensor;
}

export interface JudgeOptions {
  width: number;
  annotators: number;
  classes: number;
  embedding: number;
  /** `[classes, classes]`: how classes lend each other their weights; the identity if unset. */
  correlation?: Float32Array;
}

/** Size of the embedding of an answer in Q. */
const ANSWER = 16;

export function judge({ width, annotators, classes: K, embedding: e, correlation }: JudgeOptions): Judge {
  const auxiliary = nn.mlp({ inputs: 2 * e + ANSWER, hidden: HIDDEN, outputs: K, activation: "relu" });
  const item = nn.dense(width, e);
  const answer = nn.dense(e * e, ANSWER);
  const { normal } = nn.initialisers;
  const layout = nn.layoutOf({
    item: item.parameters,
    annotator: { shape: [annotators, e], initialise: normal(e ** -0.5) },
    classes: { shape: [K, e * e], initialise: normal(1 / e) },
    mix: { shape: [e, e], initialise: normal(e ** -0.5) },
    answer: answer.parameters,
    auxiliary: auxiliary.parameters,
  }) as nn.Layout;
  /** M̂ `[K, e, e]`: the matrices of the classes, which correlated ones share. */
  const matrices = (parameters: nn.TensorTree): Tensor => {
    const own = parameters.classes as Tensor;
    const mixed = correlation ? t.matmul(t.constant(correlation, [K, K]), own) : own;
    return t.reshape(t.matmul(t.reshape(mixed, [K * e, e]), parameters.mix as Tensor), [K, e, e]);
  };
  const encoded = (parameters: nn.TensorTree, { x, annotator }: PairTensors) => ({
    u: t.gather(parameters.annotator as Tensor, annotator),
    v: item.apply(parameters.item as nn.TensorTree<nn.DenseParameters>, x),
  });
  return {
    layout,
    scores(parameters, pair) {
      const { u, v } = encoded(parameters, pair);
      // [e, K · e]: u M̂_c for all classes, times v.
      const all = t.reshape(t.transpose(matrices(parameters), [1, 0, 2]), [e, K * e]);
      const sides = t.reshape(t.matmul(u, all), [-1, K, e]);
      return t.sum(t.mul(sides, t.expandDims(v, 1)), -1);
    },
    predictions(parameters, pair, label) {
      const { u, v } = encoded(parameters, pair);
      const table = answer.apply(
        parameters.answer as nn.TensorTree<nn.DenseParameters>,
        t.reshape(matrices(parameters), [K, e * e]),
      );
      const inputs = t.concat([u, v, t.gather(table, label)], 1);
      return t.logSoftmax(auxiliary.apply(parameters.auxiliary as nn.TensorTree, inputs));
    },
  };
}

/**
 * D̂^(−½) (A + I) D̂^(−½) of the counts A of two classes among the labels of an item by different answers, as a graph
 * convolution normalises them. `[classes, classes]`
 */
export function labelCorrelation({ items, classes: K, itemStart, label }: Annotations): Float32Array {
  const counts = new Float64Array(K * K);
  for (let k = 0; k < K; k++) counts[k * K + k] = 1;
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      for (let m = itemStart[i]; m < itemStart[i + 1]; m++) {
        if (label[n] !== label[m]) counts[label[n] * K + label[m]]++;
      }
    }
  }
  const degree = Array.from({ length: K }, (_, k) =>
    counts.subarray(k * K, (k + 1) * K).reduce((sum, count) => sum + count, 0),
  );
  return Float32Array.from(
    counts,
    (count, at) => count / Math.sqrt(degree[Math.floor(at / K)] * degree[at % K]),
  );
}
