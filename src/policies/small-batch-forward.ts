/**
 * @file Evaluates feed-forward policies on a few rows in plain loops, where the overhead of a call into ONNX Runtime
 * is several times the cost of the arithmetic. Outputs agree with the programs to float32 rounding.
 */

import type { Activation, Layout, ParameterTree } from "../nn/index.js";
import { type ActionScaling, logScale, type Space } from "../spaces/index.js";
import type { ActorCriticSettings } from "./actor-critic.js";

/** The largest number of multiplications of a call for which plain loops are faster. */
const MOST_PRODUCTS = 12_000;

const activations: Partial<Record<Activation, (x: number) => number>> = {
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  identity: (x) => x,
};

interface Layer {
  inputs: number;
  outputs: number;
  /** The offsets of the weights `[inputs, outputs]` and biases in the flat vector. */
  weight: number;
  bias: number;
}

/** Evaluates a multilayer perceptron on a few rows. */
export class DirectNetwork {
  private readonly values: Float64Array[];

  private constructor(
    private readonly layers: readonly Layer[],
    private readonly activation: (x: number) => number,
  ) {
    this.values = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)].map((n) => new Float64Array(n));
  }

  /**
   * The network of the named dense layers, in order; `undefined` for encoded observations or unsupported activations.
   */
  static of(
    names: readonly string[],
    { observationSpace, activation }: { observationSpace: Space; activation: Activation },
    layout: Layout<ParameterTree>,
  ): DirectNetwork | undefined {
    const apply = activations[activation];
    if (!apply || (observationSpace.kind !== "box" && observationSpace.kind !== "multi-binary"))
      return undefined;
    const at = new Map(layout.entries.map((entry) => [entry.name, entry]));
    const layers = names.map((name) => {
      const { shape, offset } = at.get(`${name}.weight`)!;
      return { inputs: shape[0], outputs: shape[1], weight: offset, bias: at.get(`${name}.bias`)!.offset };
    });
    return new DirectNetwork(layers, apply);
  }

  /** The number of outputs of a row. */
  get width(): number {
    return this.layers.at(-1)!.outputs;
  }

  /** The number of rows N in observations `[N, w]`. */
  rows(observations: Float32Array): number {
    return observations.length / this.layers[0].inputs;
  }

  /** Whether plain loops are faster than ONNX Runtime for this number of rows. */
  suits(rows: number): boolean {
    return (
      rows * this.layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0) <= MOST_PRODUCTS
    );
  }

  /** The outputs for row `row`; overwritten by the next call. */
  outputs(parameters: Float32Array, observations: Float32Array, row: number): Float64Array {
    const { layers } = this;
    const values = this.values;
    const first = values[0];
    for (let i = 0; i < first.length; i++) first[i] = observations[row * first.length + i];
    for (let l = 0; l < layers.length; l++) {
      const y = values[l + 1];
      affine(parameters, layers[l], values[l], y);
      if (l < layers.length - 1) for (let j = 0; j < y.length; j++) y[j] = this.activation(y[j]);
    }
    return values[layers.length];
  }
}

/** Evaluates an actor on a few rows, for the architectures that it supports. */
export class DirectActor {
  private constructor(
    private readonly network: DirectNetwork,
    /** For box actions, the offset of the log standard deviations in the flat vector. */
    private readonly logStd: number | undefined,
    private readonly scaling: ActionScaling | undefined,
    private readonly squashesMean: boolean,
  ) {}

  /**
   * `undefined` for networks with a `network` of features, with memory, with encoded observations, with a squashed
   * Gaussian or with another activation.
   */
  static of(settings: ActorCriticSettings, layout: Layout<ParameterTree>): DirectActor | undefined {
    const { actionSpace, hidden, network: features, sharedTrunk, recurrentUnits, squashed } = settings;
    const writable = actionSpace.kind === "discrete" || (actionSpace.kind === "box" && squashed !== true);
    if (!writable || recurrentUnits || features) return undefined;
    const trunk = sharedTrunk ? "trunk" : "actor";
    const names = [...hidden.map((_, i) => `${trunk}.hidden${i}`), "actor.output"];
    const network = DirectNetwork.of(names, settings, layout);
    const logStd = layout.entries.find(({ name }) => name === "head.logStd");
    return network && new DirectActor(network, logStd?.offset, settings.actionScaling, squashed === "mean");
  }

  /** Whether plain loops are faster than ONNX Runtime for this number of rows. */
  suits(rows: number): boolean {
    return this.network.suits(rows);
  }

  /** Log-probabilities `[N, K]` of discrete actions for observations `[N, w]`. */
  table(parameters: Float32Array, observations: Float32Array): Float32Array {
    const { network } = this;
    const { width: choices } = network;
    const rows = network.rows(observations);
    const table = new Float32Array(rows * choices);
    for (let i = 0; i < rows; i++)
      logSoftmax(network.outputs(parameters, observations, i), table, i * choices);
    return table;
  }

  /** Actions `[N, d]` of a Gaussian for observations `[N, w]` and normal noise `[N, d]`; without noise, the modes. */
  gaussian(parameters: Float32Array, observations: Float32Array, noise?: Float32Array) {
    const { network, scaling } = this;
    const { width } = network;
    const rows = network.rows(observations);
    const actions = new Float32Array(rows * width);
    const constant = -0.5 * width * Math.log(2 * Math.PI) - logScale(this.scaling);
    const logProbs = new Float32Array(rows);
    for (let i = 0; i < rows; i++) {
      const outputs = network.outputs(parameters, observations, i);
      const mean = this.squashesMean ? outputs.map(Math.tanh) : outputs;
      let logProb = constant;
      for (let j = 0, k = i * width; j < width; j++, k++) {
        const logStd = parameters[this.logStd! + j];
        const std = Math.exp(logStd);
        const centre = scaling ? scaling.centre[j] : 0;
        const halfWidth = scaling ? scaling.halfWidth[j] : 1;
        actions[k] = centre + halfWidth * (noise ? mean[j] + std * noise[k] : mean[j]);
        // The log-density of the rounded action, because learners use the rounded action.
        const z = ((actions[k] - centre) / halfWidth - mean[j]) / std;
        logProb -= 0.5 * z * z + logStd;
      }
      logProbs[i] = logProb;
    }
    return { actions, logProbs };
  }
}

/** Writes the log-probabilities of the choices with these logits to `table`, from `start` on. */
function logSoftmax(logits: Float64Array, table: Float32Array, start: number): void {
  let largest = -Infinity;
  for (let a = 0; a < logits.length; a++) if (logits[a] > largest) largest = logits[a];
  let total = 0;
  for (let a = 0; a < logits.length; a++) total += Math.exp(logits[a] - largest);
  const shift = largest + Math.log(total);
  for (let a = 0; a < logits.length; a++) table[start + a] = logits[a] - shift;
}

/** y = x W + b, four columns at a time, so that their sums stay in registers. */
function affine(
  vector: Float32Array,
  { inputs, outputs, weight, bias }: Layer,
  x: Float64Array,
  y: Float64Array,
) {
  let j = 0;
  for (; j + 3 < outputs; j += 4) {
    let a = vector[bias + j];
    let b = vector[bias + j + 1];
    let c = vector[bias + j + 2];
    let d = vector[bias + j + 3];
    for (let i = 0, at = weight + j; i < inputs; i++, at += outputs) {
      const input = x[i];
      a += input * vector[at];
      b += input * vector[at + 1];
      c += input * vector[at + 2];
      d += input * vector[at + 3];
    }
    y[j] = a;
    y[j + 1] = b;
    y[j + 2] = c;
    y[j + 3] = d;
  }
  for (; j < outputs; j++) {
    let sum = vector[bias + j];
    for (let i = 0, at = weight + j; i < inputs; i++, at += outputs) sum += x[i] * vector[at];
    y[j] = sum;
  }
}
