/** @file The network of Doctor Net: shared layers, a head for each annotator, and the weights of their mean. */

import * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { DropoutMlpOptions } from "../../shared/dropout-mlp.js";
import { type ClassifierNetwork, classifierNetwork } from "../shared/classifier.js";

interface DoctorNetwork extends ClassifierNetwork {
  /** `[B, annotators, classes]`: log-probabilities of the answers of each annotator. */
  heads(parameters: nn.TensorTree, x: Tensor, uniforms?: Tensor): Tensor;
  /** `[B, classes]`: those of the annotator of each row. */
  ownLog(heads: Tensor, annotator: Tensor): Tensor;
  /** `[B, classes]`: the log of the weighted mean of the heads, without that of the annotator of each row. */
  meanLog(parameters: nn.TensorTree, heads: Tensor, annotator?: Tensor): Tensor;
}

export function doctorNetwork({
  annotators: R,
  ...options
}: DropoutMlpOptions & { annotators: number }): DoctorNetwork {
  const K = options.outputs;
  const trunk = classifierNetwork({ ...options, outputs: R * K });
  const heads: DoctorNetwork["heads"] = ({ heads: tree }, x, uniforms) =>
    t.logSoftmax(t.reshape(trunk.logits(tree as nn.TensorTree, x, uniforms), [-1, R, K]));
  const meanLog: DoctorNetwork["meanLog"] = ({ averaging }, logs, annotator) => {
    const weights = t.softmax((averaging as Record<string, Tensor>).weight);
    const p = t.exp(logs);
    if (!annotator) return t.log(t.add(t.sum(t.mul(p, t.reshape(weights, [1, R, 1])), 1), 1e-12));
    const masked = t.mul(t.sub(1, t.cast(t.oneHot(annotator, R), "float32")), weights);
    const rows = t.div(masked, t.add(t.sum(masked, -1, { keepDims: true }), 1e-12));
    return t.log(t.add(t.sum(t.mul(p, t.expandDims(rows, 2)), 1), 1e-12));
  };
  return {
    kind: "doctor-net",
    noise: trunk.noise,
    parameters: {
      heads: trunk.parameters,
      averaging: { weight: { shape: [R], initialise: nn.initialisers.zeros } },
    },
    heads,
    meanLog,
    ownLog: (logs, annotator) =>
      t.sum(t.mul(logs, t.expandDims(t.cast(t.oneHot(annotator, R), "float32"), 2)), 1),
    logits: (parameters, x, uniforms) => meanLog(parameters, heads(parameters, x, uniforms)),
  };
}
