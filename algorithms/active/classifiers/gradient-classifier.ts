/**
 * @file Classifiers that are networks: fits are gradient steps of the shared trainer on the cross-entropy, from fresh
 * weights, so that a learning curve shows labels and not epochs. Dropout masks are inputs: the samples of a model have the
 * same mask for all items, as BatchBALD needs [Kirsch et al. 2019, §4.1].
 */

import type { Classifier, ClassifierData, Examples, Model } from "../../../src/active/index.js";
import { widthOf } from "../../../src/datasets/labelled.js";
import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { concatenated } from "../../../src/state/concatenated.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

/** A network from features `[B, inputs]` by way of an embedding `[B, width]`. */
export interface EmbeddingNetwork {
  readonly name: string;
  readonly parameters: nn.ParameterTree;
  /** Number of uniforms for dropout that a row needs. */
  readonly noise: number;
  readonly width: number;
  embed(parameters: nn.TensorTree, x: Tensor, uniforms?: Tensor): Tensor;
  head(parameters: nn.TensorTree, embedding: Tensor): Tensor;
}

export interface FitOptions {
  learningRate: number;
  /** Weight λ of the penalty λ/2 · ‖θ‖². */
  l2: number;
  /** Number of gradient steps of a fit. */
  fitSteps: number;
  /** Examples in a gradient step; all, if they are fewer. */
  minibatchSize: number;
  /** Number of dropout masks of `samples`. */
  samples: number;
}

/** The most gradient steps in a run of the program. */
const CHUNK = 25;

/** Rows of features in a run of a program: images of a large pool would fill the memory. */
const ROWS = 4096;

export function gradientClassifier(
  network: EmbeddingNetwork,
  { shape, classes }: ClassifierData,
  options: FitOptions,
): Classifier {
  const inputs = widthOf(shape);
  const layout = nn.layoutOf(network.parameters);
  const trainers = new Map<number, Trainer>();
  const programs = predictionPrograms(network, layout, inputs);

  const trainerFor = (capacity: number): Trainer => {
    const found =
      trainers.get(capacity) ?? fitProgram(network, layout, { inputs, classes, capacity }, options);
    trainers.set(capacity, found);
    return found;
  };

  /** Runs a program on parts of the rows, and joins its outputs. */
  async function inParts(
    program: t.Program,
    output: string,
    { parameters }: Model,
    features: Float32Array,
    more: Record<string, Float32Array> = {},
  ): Promise<Float32Array> {
    const parts: Float32Array[] = [];
    for (let from = 0; from < features.length; from += ROWS * inputs) {
      const x = features.subarray(from, from + ROWS * inputs);
      parts.push(
        (await program.run({ parameters: parameters as Float32Array, x, ...more }))[output] as Float32Array,
      );
    }
    return parts.length === 1 ? parts[0] : concatenated(Float32Array, parts);
  }

  return {
    name: network.name,
    embeddingWidth: network.width,

    async fit(examples: Examples, rng: Rng, from?: Model): Promise<Model> {
      const { count } = examples;
      // Programs have fixed sizes: the rows that are too many have the weight 0.
      const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, count)));
      const gradient = trainerFor(capacity);
      const size = Math.min(options.minibatchSize, capacity);
      const state = gradient.initialise(rng.stream("parameters"));
      if (from) state.parameters.set(from.parameters);
      const x = new Float32Array(capacity * inputs);
      x.set(examples.features);
      const targets = new Float32Array(capacity * classes);
      targets.set(examples.targets);
      const weight = new Float32Array(capacity).fill(1, 0, count);
      const next = minibatches(count, size, rng.stream("minibatches"));
      const noise = rng.stream("dropout");
      for (let done = 0; done < options.fitSteps; done += CHUNK) {
        const steps = Math.min(CHUNK, options.fitSteps - done);
        const item = new Int32Array(CHUNK * size);
        for (let step = 0; step < steps; step++) item.set(next(), step * size);
        const uniforms = new Float32Array(CHUNK * size * network.noise);
        noise.fillUniform(uniforms.subarray(0, steps * size * network.noise));
        await gradient.run(
          state,
          { x, targets, weight, item, ...(network.noise > 0 && { uniforms }) },
          steps,
        );
      }
      return { parameters: state.parameters };
    },

    probabilities: (model, features) => inParts(programs.plain(), "probabilities", model, features),

    async embeddings(model, features) {
      return { width: network.width, data: await inParts(programs.plain(), "embedding", model, features) };
    },

    ...(network.noise > 0 && {
      async samples(model: Model, features: Float32Array, rng: Rng) {
        const rows = features.length / inputs;
        const data = new Float32Array(options.samples * rows * classes);
        const uniforms = new Float32Array(network.noise);
        for (let s = 0; s < options.samples; s++) {
          rng.fillUniform(uniforms);
          data.set(
            await inParts(programs.masked(), "probabilities", model, features, { uniforms }),
            s * rows * classes,
          );
        }
        return { count: options.samples, data };
      },
    }),
  };
}

/** The rows of each minibatch: all in order, followed by rows that count nothing, or passes in random order. */
function minibatches(count: number, size: number, rng: Rng): () => Int32Array {
  if (count <= size) {
    const all = Int32Array.from({ length: size }, (_, i) => i);
    return () => all;
  }
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let at = count;
  return () => {
    if (at + size > count) {
      rng.shuffle(order);
      at = 0;
    }
    at += size;
    return order.slice(at - size, at);
  };
}

function fitProgram(
  network: EmbeddingNetwork,
  layout: nn.Layout,
  { inputs, classes, capacity }: { inputs: number; classes: number; capacity: number },
  { learningRate, l2, minibatchSize }: FitOptions,
): Trainer {
  const size = Math.min(minibatchSize, capacity);
  return trainer({
    layout,
    learningRate,
    decay: l2,
    steps: CHUNK,
    variable: true,
    shared: {
      x: t.float32([capacity, inputs]),
      targets: t.float32([capacity, classes]),
      weight: t.float32([capacity]),
    },
    minibatch: {
      item: t.int32([size]),
      ...(network.noise > 0 && { uniforms: t.float32([size, network.noise]) }),
    },
    loss({ parameters, minibatch: { item, uniforms }, shared }) {
      const tree = parameters as nn.TensorTree;
      const logits = network.head(tree, network.embed(tree, t.gather(shared.x, item), uniforms));
      const crossEntropy = t.neg(t.sum(t.mul(t.gather(shared.targets, item), t.logSoftmax(logits)), -1));
      const weight = t.gather(shared.weight, item);
      return { loss: t.div(t.sum(t.mul(crossEntropy, weight)), t.sum(weight)) };
    },
  });
}

/** The programs of predictions, made when they are used: without dropout, and with one mask for all rows. */
function predictionPrograms(network: EmbeddingNetwork, layout: nn.Layout, inputs: number) {
  const made = new Map<boolean, t.Program>();
  const programOf = (isMasked: boolean): t.Program => {
    const found =
      made.get(isMasked) ??
      t.program(
        {
          parameters: t.float32([layout.size]),
          x: t.float32(["batch", inputs]),
          ...(isMasked && { uniforms: t.float32([1, network.noise]) }),
        },
        ({ parameters, x, uniforms }: Record<string, Tensor>) => {
          const tree = layout.unflatten(parameters) as nn.TensorTree;
          const embedding = network.embed(tree, x, uniforms);
          return { embedding, probabilities: t.softmax(network.head(tree, embedding)) };
        },
      );
    made.set(isMasked, found);
    return found;
  };
  return { plain: () => programOf(false), masked: () => programOf(true) };
}
