/**
 * @file The learner of networks from annotations: gradient steps on minibatches of labels or of items, an epoch an
 * iteration. The methods differ in the parameters beside those of the classifier, and in their loss.
 */

import { type Annotations, type Items, labelsOf, splitLabels } from "../../../src/crowds/index.js";
import { inputsOf, rowsFor, type Standard, standardOf } from "../../../src/crowds/items.js";
import { logOf } from "../../../src/crowds/log-weights.js";
import { UsageError } from "../../../src/errors.js";
import type { Learner, Metrics } from "../../../src/learning/contract.js";
import type { DataSource } from "../../../src/learning/define.js";
import { type Trainer, type TrainState, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { permute } from "../../../src/rollout/epochs.js";
import type { InputSpec, ProgramArray, Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import {
  type ClassifierNetwork,
  type CrowdClassifier,
  classifierNetwork,
  classifierProgram,
  crowdClassifier,
} from "./classifier.js";
import { annotationsRecord, type ClassifierOptions } from "./options.js";

/** The most gradient steps in a run of the program. */
const CHUNK = 32;

/** What a method learns from. */
export interface Crowd {
  /** The labels to learn from; held-out ones are left out. Item i has row i of the features. */
  readonly annotations: Annotations;
  /** Number of features. */
  readonly width: number;
  /** `[items]`: the true classes of the data set, −1 where unknown. */
  readonly truth: Int32Array;
}

/** Tensors of B examples. */
export interface Examples {
  /** `[B]`: the item. */
  item: Tensor;
  /** `[B, width]` */
  x: Tensor;
  /** `[B, classes]`: log p(class | x) of the classifier, and its logits. */
  logProbabilities: Tensor;
  logits: Tensor;
  /** `[B]`, of labels: who gave it, the class, and the weight. */
  annotator: Tensor;
  label: Tensor;
  weight: Tensor;
  /** `[B, noise]`: uniforms for the dropout of the network. */
  uniforms?: Tensor;
  /** The arrays that the method feeds. */
  shared: Readonly<Record<string, Tensor>>;
}

/** Parameters by dotted name. */
export type Views = Readonly<Record<string, nn.NamedArray>>;

/** A method of learning from annotations. */
export interface CrowdMethod {
  /** What a minibatch consists of. */
  readonly examples: "labels" | "items";
  /** Parameters beside those of the classifier; unset: none. */
  readonly parameters?: nn.ParameterTree;
  /** The network of the classifier; a multilayer perceptron if unset. */
  readonly network?: ClassifierNetwork;
  /** Arrays that do not change, which the loss reads. */
  readonly shared?: Readonly<Record<string, { spec: InputSpec; data: ProgramArray }>>;
  /** `[items, classes]`: the first soft labels, which the loss reads as `shared.targets`. */
  readonly targets?: Float32Array;
  /** Changes the soft labels before an epoch. @param logProbabilities `[items, classes]` of the classifier; `epochs` so far */
  expectation?(targets: Float32Array, logProbabilities: Float32Array, epochs: number): Metrics;
  /** The loss of a minibatch. */
  loss(parameters: nn.TensorTree, examples: Examples): { loss: Tensor; reported?: Record<string, Tensor> };
  /**
   * `[B, classes]`: log p(answer | x, annotator), by which held-out labels are predicted. Unset: by `confusion` if the
   * method has it, else as if every answer were right.
   */
  answers?(
    parameters: nn.TensorTree,
    examples: Pick<Examples, "x" | "logProbabilities" | "annotator">,
  ): Tensor;
  /** `[annotators, true, observed]`: the confusion matrices that parameters and soft labels give. */
  confusion?(parameters: Views, targets?: Float32Array): Float64Array;
  /** `[true, observed]`: the confusion that all annotators share. */
  common?(parameters: Views): Float64Array;
}

export interface CrowdState {
  network: TrainState;
  /** `[items, classes]`, of methods with soft labels. */
  targets?: Float32Array;
  epochs: number;
  orderRng: Rng;
  noiseRng: Rng;
  /** The mean log-probability of held-out labels after the last epoch. */
  heldOutLikelihood?: number;
  live: Live;
}

interface Live {
  derived: true;
  crowd: Crowd;
  heldOut?: Annotations;
  /** `[items, width]`, as the network receives them. */
  inputs: Float32Array;
  standard?: Standard;
  items: Items;
  method: CrowdMethod;
  network: ClassifierNetwork;
  trainer: Trainer;
  layout: nn.Layout;
  classifier: { layout: nn.Layout; program: t.Program };
  answers: t.Program;
  /** `[examples]`: the labels or items to learn from. */
  examples: Int32Array;
  itemOf: Int32Array;
  minibatchSize: number;
}

export type CrowdLearner = Learner<Items, CrowdClassifier, CrowdState>;

/**
 * @param method of a crowd; its options are checked already
 * @throws UsageError in `init`, for annotated items without features and truths that are no class
 */
export function crowdLearner(
  name: string,
  options: ClassifierOptions,
  method: (crowd: Crowd) => CrowdMethod,
): CrowdLearner {
  return {
    name,
    options: { ...options, annotations: annotationsRecord(options.annotations) },
    unit: "sweeps",
    defaultSteps: options.epochs,

    async init(items, rng): Promise<CrowdState> {
      const all = options.annotations;
      const split =
        options.heldOut > 0
          ? splitLabels(all, options.heldOut, rng.stream("held-out"))
          : { train: all, heldOut: undefined };
      const rows = rowsFor(name, all, items);
      const standard = options.standardise ? standardOf(items, rows) : undefined;
      const inputs = inputsOf(items, standard, rows);
      const crowd: Crowd = {
        annotations: split.train,
        width: items.columns.length,
        truth: truthsOf(name, all, items, rows),
      };
      const parts = compile(crowd, options, method(crowd));
      const { targets } = parts.method;
      return {
        network: parts.trainer.initialise(rng.stream("parameters")),
        ...(targets && { targets: targets.slice() }),
        epochs: 0,
        orderRng: rng.stream("minibatches"),
        noiseRng: rng.stream("noise"),
        live: { derived: true, crowd, heldOut: split.heldOut, inputs, standard, items, ...parts },
      };
    },

    async update(state): Promise<Metrics> {
      const { method } = state.live;
      const expected = method.expectation?.(state.targets!, await classifierLogs(state), state.epochs);
      const means = await epoch(state);
      state.epochs++;
      const validation = await validate(state);
      if (validation !== undefined) state.heldOutLikelihood = validation;
      return {
        steps: state.epochs,
        ...means,
        ...expected,
        ...(validation !== undefined && { heldOutLikelihood: validation }),
      };
    },

    done: ({ epochs }) => epochs >= options.epochs,

    artefact: ({ network: { parameters }, targets, heldOutLikelihood, live }) => {
      const { classes, annotators, items } = options.annotations.names;
      const { method, layout, classifier } = live;
      return crowdClassifier({
        ...{ classes, annotators, columns: live.items.columns, hidden: options.hidden },
        ...{ network: live.network, program: classifier.program, layout: classifier.layout },
        vector: parameters.subarray(0, classifier.layout.size),
        standard: live.standard,
        confusion: method.confusion?.(layout.views(parameters), targets),
        common: method.common?.(layout.views(parameters)),
        heldOutLikelihood,
        learntFrom: new Set(items),
      });
    },
  };
}

function truthsOf(name: string, { names }: Annotations, { truth, names: all }: Items, rows: Int32Array) {
  const numbers = new Map(names.classes.map((k, i) => [k, i]));
  const isWrong = truth?.findIndex((k) => k !== "" && !numbers.has(k)) ?? -1;
  if (isWrong >= 0) {
    throw new UsageError(
      `${name}: the true class of item "${all[isWrong]}" is "${truth![isWrong]}", which no annotator ever gave; the ` +
        `classes are ${names.classes.join(", ")}`,
    );
  }
  return rows.map((i) => numbers.get(truth?.[i] ?? "") ?? -1);
}

function compile(crowd: Crowd, options: ClassifierOptions, method: CrowdMethod) {
  const { annotations, width } = crowd;
  const { items, classes, itemStart } = annotations;
  const network = method.network ?? classifierNetwork({ ...options, inputs: width, outputs: classes });
  const layout = nn.layoutOf({ classifier: network.parameters, ...method.parameters });
  const classifierLayout = nn.layoutOf(network.parameters);
  const itemOf = new Int32Array(labelsOf(annotations));
  for (let i = 0; i < items; i++) itemOf.fill(i, itemStart[i], itemStart[i + 1]);
  const examples =
    method.examples === "labels"
      ? itemOf.map((_, n) => n)
      : Int32Array.from({ length: items }, (_, i) => i).filter((i) =>
          method.targets
            ? method.targets.subarray(i * classes, (i + 1) * classes).some((p) => p > 0)
            : itemStart[i + 1] > itemStart[i],
        );
  if (examples.length === 0) throw new UsageError("there is nothing to learn from: no item has a label");
  const minibatchSize = Math.min(options.minibatchSize, examples.length);
  const B = minibatchSize;
  const ofLabels = method.examples === "labels";
  const shared = {
    inputs: t.float32([items, width]),
    ...Object.fromEntries(Object.entries(method.shared ?? {}).map(([key, { spec }]) => [key, spec])),
    ...(method.targets && { targets: t.float32([items, classes]) }),
  };
  const gradient = trainer({
    layout,
    learningRate: options.learningRate,
    decay: options.l2,
    steps: CHUNK,
    variable: true,
    shared,
    minibatch: {
      item: t.int32([B]),
      ...(network.noise > 0 && { uniforms: t.float32([B, network.noise]) }),
      ...(ofLabels && { annotator: t.int32([B]), label: t.int32([B]), weight: t.float32([B]) }),
    },
    loss({ parameters, minibatch, shared: fed }) {
      const { item, annotator, label, weight, uniforms } = minibatch;
      const x = t.gather(fed.inputs, item);
      const tree = parameters as nn.TensorTree;
      const logits = network.logits(tree.classifier as nn.TensorTree, x, uniforms);
      const { loss, reported = {} } = method.loss(tree, {
        ...{
          item,
          x,
          logits,
          logProbabilities: t.logSoftmax(logits),
          annotator,
          label,
          weight,
          uniforms,
          shared: fed,
        },
      });
      return { loss, reported: { loss, ...reported } };
    },
  });
  return {
    ...{ method, network, layout, examples, itemOf, minibatchSize },
    trainer: gradient,
    classifier: {
      layout: classifierLayout,
      program: classifierProgram(network, classifierLayout, width),
    },
    answers: t.program(
      { parameters: t.float32([layout.size]), x: t.float32(["batch", width]), annotator: t.int32(["batch"]) },
      ({ parameters, x, annotator }) => {
        const tree = layout.unflatten(parameters) as nn.TensorTree;
        const logProbabilities = t.logSoftmax(network.logits(tree.classifier as nn.TensorTree, x));
        return { answers: method.answers?.(tree, { x, logProbabilities, annotator }) ?? logProbabilities };
      },
    ),
  };
}

/** One pass over the examples in a new order; an incomplete last minibatch is left out. */
async function epoch({ network, targets, orderRng, noiseRng, live }: CrowdState): Promise<Metrics> {
  const { method, trainer: gradient, examples, itemOf, minibatchSize: B, inputs } = live;
  const { annotator, label, weight } = live.crowd.annotations;
  const order = permute(new Int32Array(examples.length), orderRng);
  const ofLabels = method.examples === "labels";
  const total = Math.floor(examples.length / B);
  const rows = Int32Array.from({ length: CHUNK * B }, () => 0);
  const uniforms = new Float32Array(CHUNK * B * live.network.noise);
  const sums: Metrics = {};
  for (let done = 0; done < total; done += CHUNK) {
    const steps = Math.min(CHUNK, total - done);
    for (let n = 0; n < steps * B; n++) rows[n] = examples[order[done * B + n]];
    noiseRng.fillUniform(uniforms.subarray(0, steps * B * live.network.noise));
    const { means } = await gradient.run(
      network,
      {
        inputs,
        ...Object.fromEntries(Object.entries(method.shared ?? {}).map(([key, { data }]) => [key, data])),
        ...(targets && { targets }),
        item: ofLabels ? rows.map((n) => itemOf[n]) : rows,
        ...(live.network.noise > 0 && { uniforms }),
        ...(ofLabels && {
          annotator: rows.map((n) => annotator[n]),
          label: rows.map((n) => label[n]),
          weight: Float32Array.from(rows, (n) => (weight ? weight[n] : 1)),
        }),
      },
      steps,
    );
    for (const [key, mean] of Object.entries(means)) sums[key] = (sums[key] ?? 0) + (mean * steps) / total;
  }
  return sums;
}

/** `[items, classes]`: the log-probabilities of the classifier for all annotated items. */
async function classifierLogs({ network, live }: CrowdState): Promise<Float32Array> {
  const { layout, program } = live.classifier;
  const parameters = network.parameters.slice(0, layout.size);
  return (await program.run({ parameters, x: live.inputs })).logProbabilities as Float32Array;
}

/** The mean log-probability of the held-out labels, under the model of the answers; undefined if none is held out. */
async function validate({ network, targets, live }: CrowdState): Promise<number | undefined> {
  const { heldOut, inputs, crowd, answers, method, layout } = live;
  if (!heldOut || labelsOf(heldOut) === 0) return undefined;
  const { width } = crowd;
  const { items, classes, itemStart, annotator, label } = heldOut;
  const x = new Float32Array(label.length * width);
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      x.set(inputs.subarray(i * width, (i + 1) * width), n * width);
    }
  }
  const { parameters } = network;
  const logs = (await answers.run({ parameters, x, annotator })).answers as Float32Array;
  const confusion = method.answers ? undefined : method.confusion?.(layout.views(parameters), targets);
  let sum = 0;
  for (const [n, y] of label.entries()) {
    if (!confusion) sum += logs[n * classes + y];
    else {
      let p = 0;
      for (let k = 0; k < classes; k++) {
        p += Math.exp(logs[n * classes + k]) * confusion[(annotator[n] * classes + k) * classes + y];
      }
      sum += logOf(p);
    }
  }
  return sum / label.length;
}

/** The data set of such a learner: items with features. Those without labels by annotators are the test set. */
export const itemsSource: DataSource<Items, CrowdClassifier> = {
  summary:
    "items with features: a CSV file with a column item, a number in each other column, and a column truth with the " +
    "true class where it is known, which measures the classifier",
  example: "items.csv",
  async read(path) {
    const { readItems } = await import("../../../src/crowds/index.js");
    return readItems(path);
  },
  async evaluate(classifier, items): Promise<Metrics> {
    const { truth, names } = items;
    const validation = classifier.heldOutLikelihood;
    if (!truth) return validation === undefined ? {} : { heldOutLikelihood: validation };
    const probabilities = await classifier.predict(items);
    const K = classifier.classes.length;
    const right = { test: 0, learntFrom: 0 };
    const known = { test: 0, learntFrom: 0 };
    for (const [i, name] of names.entries()) {
      if (truth[i] === "") continue;
      const row = probabilities.subarray(i * K, (i + 1) * K);
      const part = classifier.learntFrom.has(name) ? "learntFrom" : "test";
      known[part]++;
      if (classifier.classes[row.indexOf(Math.max(...row))] === truth[i]) right[part]++;
    }
    return {
      ...(known.test > 0 && { accuracy: right.test / known.test }),
      ...(known.learntFrom > 0 && { accuracyOfLearntItems: right.learntFrom / known.learntFrom }),
      ...(validation !== undefined && { heldOutLikelihood: validation }),
    };
  },
  criterion: "heldOutLikelihood",
};

/** log p(answer) of labels from log-probabilities `[B, classes]`, `[B]`. */
export const chosen = (logProbabilities: Tensor, labels: Tensor): Tensor =>
  t.squeeze(t.takeAlongAxis(logProbabilities, t.expandDims(labels, 1), 1), 1);

/** The weighted mean of the losses of labels. */
export const meanOver = (losses: Tensor, { weight }: Pick<Examples, "weight">): Tensor =>
  t.mean(t.mul(losses, weight));
