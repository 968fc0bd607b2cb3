/** @file The loss of a method of `algorithms/crowds` on given numbers, with its gradient, in double precision. */

import { classifierNetwork } from "../../algorithms/crowds/shared/classifier.js";
import type { Crowd, CrowdMethod } from "../../algorithms/crowds/shared/learner.js";
import type { Annotations } from "../../src/crowds/index.js";
import * as nn from "../../src/nn/index.js";
import { createRng } from "../../src/random/rng.js";
import * as t from "../../src/tensor/index.js";

export const crowdOf = (annotations: Annotations, width: number): Crowd => ({
  annotations,
  width,
  truth: new Int32Array(annotations.items).fill(-1),
});

export interface MethodInputs {
  /** Rows of features of the examples. */
  x: number[];
  item: number[];
  annotator: number[];
  label: number[];
  weight?: number[];
  targets?: number[];
}

/** The loss, answers and gradient of a method whose classifier is linear. */
export function methodAt(method: CrowdMethod, { annotations, width }: Crowd, inputs: MethodInputs) {
  const { items, classes } = annotations;
  const network =
    method.network ?? classifierNetwork({ inputs: width, hidden: [], outputs: classes, dropout: 0 });
  const layout = nn.layoutOf({ classifier: network.parameters, ...method.parameters });
  const B = inputs.item.length;
  const shared = Object.entries(method.shared ?? {});
  const program = t.program(
    {
      parameters: t.float32([layout.size]),
      x: t.float32([B, width]),
      ...{ item: t.int32([B]), annotator: t.int32([B]), label: t.int32([B]), weight: t.float32([B]) },
      ...Object.fromEntries(shared.map(([name, { spec }]) => [name, spec])),
      targets: t.float32([items, classes]),
    },
    ({ parameters, x, item, annotator, label, weight, ...fed }) => {
      const tree = layout.unflatten(parameters) as nn.TensorTree;
      const logits = network.logits(tree.classifier as nn.TensorTree, x);
      const examples = { item, x, logits, logProbabilities: t.logSoftmax(logits), annotator, label, weight };
      const { loss, reported = {} } = method.loss(tree, { ...examples, shared: fed });
      return {
        ...reported,
        loss,
        gradient: layout.gradient(loss, tree as Parameters<typeof layout.gradient>[1]),
        ...(method.answers && { answers: method.answers(tree, examples) }),
        logProbabilities: examples.logProbabilities,
      };
    },
  );
  const run = (parameters: ArrayLike<number>) =>
    program.interpret({
      ...{ parameters: Array.from(parameters), x: inputs.x },
      ...{ item: inputs.item, annotator: inputs.annotator, label: inputs.label },
      weight: inputs.weight ?? new Array(B).fill(1),
      ...Object.fromEntries(shared.map(([name, { data }]) => [name, Array.from(data)])),
      targets: inputs.targets ?? Array.from(method.targets ?? new Float32Array(items * classes)),
    });
  return { layout, run, start: Float64Array.from(layout.initialise(createRng(0))) };
}

/** The largest difference between a gradient and central differences, over all parameters. */
export function gradientError({ run }: Pick<ReturnType<typeof methodAt>, "run">, at: Float64Array): number {
  const { gradient } = run(at);
  const step = 1e-5;
  let most = 0;
  for (let i = 0; i < at.length; i++) {
    const [up, down] = [at.slice(), at.slice()];
    up[i] += step;
    down[i] -= step;
    const slope = (run(up).loss[0] - run(down).loss[0]) / (2 * step);
    most = Math.max(most, Math.abs(slope - gradient[i]));
  }
  return most;
}
