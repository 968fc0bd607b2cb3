/**
 * @file The network of an acquisition policy, a perceptron from the input of a candidate to its score, and its fit to what
 * experts chose, from fresh weights.
 */

import { trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { permute } from "../../../src/rollout/epochs.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { dropoutMlp } from "../../shared/dropout-mlp.js";
import {
  candidatesIn,
  type FeatureName,
  inputsOf,
  type Situation,
  type Widths,
  writeInput,
} from "./situation.js";

/** A situation, and the candidates that an expert chose in it. Plain data. */
export interface Pair extends Situation {
  /** `[n]`: 1 for a candidate that was chosen, else 0. */
  chosen: Float32Array;
}

export interface PolicyForm extends Widths {
  features: readonly FeatureName[];
  /** Sizes of the hidden layers (ReLU). */
  hidden: readonly number[];
}

/**
 * How scores become a choice: each candidate on its own, ρ = σ(score) [Löffler & Mutschler 2022], or one of all, by a
 * softmax of the scores [Liu et al. 2018].
 */
export type Output = "sigmoid" | "softmax";

export interface FitOptions {
  output: Output;
  epochs: number;
  learningRate: number;
  /** Candidates in a gradient step. */
  minibatchSize: number;
}

/** The most gradient steps in a run of the program. */
const CHUNK = 16;

/**
 * Σ_i w_i (−t_i log ρ_i − (1 − t_i) log(1 − ρ_i)) with ρ = σ(s): [Löffler & Mutschler 2022, eq. 3] with its sign set
 * right. As printed, its first term has no minus, and minimising it would push the chosen candidates down.
 */
export const binaryCrossEntropy = (scores: Tensor, chosen: Tensor, weight: Tensor): Tensor =>
  t.sum(t.mul(weight, t.sub(t.softplus(scores), t.mul(chosen, scores))));

/** Σ_g w_g (−log softmax(s_g)_chosen), of groups of candidates `[groups, k]`, weights `[groups]`. */
export const choiceCrossEntropy = (scores: Tensor, chosen: Tensor, weight: Tensor): Tensor =>
  t.neg(t.sum(t.mul(weight, t.sum(t.mul(chosen, t.logSoftmax(scores)), -1))));

/**
 * Weights of the candidates that were chosen and of those that were not: the share of the other kind, so that both kinds
 * weigh the same in all.
 */
export function classWeights(pairs: readonly Pair[]): { chosen: number; other: number } {
  let [ones, all] = [0, 0];
  for (const { chosen } of pairs) {
    for (const one of chosen) ones += one;
    all += chosen.length;
  }
  return { chosen: 1 - ones / all, other: ones / all };
}

export interface PolicyNetwork {
  readonly form: PolicyForm;
  readonly layout: nn.Layout;
  initialise(rng: Rng): Float32Array;
  /** The scores of inputs `[n, inputs]`. */
  scores(parameters: Float32Array, inputs: Float32Array): Promise<Float32Array>;
  /** Parameters from fresh weights, fitted to all pairs, and the mean loss of a candidate or choice in the last epoch. */
  fit(pairs: readonly Pair[], rng: Rng): Promise<{ parameters: Float32Array; loss: number }>;
}

export function policyNetwork(form: PolicyForm, options: FitOptions): PolicyNetwork {
  const inputs = inputsOf(form.features, form);
  const network = dropoutMlp({ inputs, hidden: form.hidden, outputs: 1, dropout: 0 });
  const layout = nn.layoutOf(network.parameters);
  let scoring: t.Program | undefined;
  return {
    form,
    layout,
    initialise: (rng) => layout.initialise(rng),

    async scores(parameters, x) {
      scoring ??= t.program(
        { parameters: t.float32([layout.size]), x: t.float32(["batch", inputs]) },
        ({ parameters: vector, x: rows }) => ({
          scores: t.squeeze(network.logits(layout.unflatten(vector) as nn.TensorTree, rows), 1),
        }),
      );
      return (await scoring.run({ parameters, x })).scores as Float32Array;
    },

    async fit(pairs, rng) {
      const { groups, size } = groupsOf(pairs, form, options.output);
      const many = Math.max(1, Math.floor(options.minibatchSize / size));
      const gradient = fitProgram(network, layout, { inputs, size, many }, options);
      const state = gradient.initialise(rng.stream("parameters"));
      const weights = classWeights(pairs);
      const weightOf = ({ pair, row }: Group) =>
        options.output === "softmax" ? 1 : pairs[pair].chosen[row] === 1 ? weights.chosen : weights.other;
      const order = new Int32Array(groups.length);
      const orderRng = rng.stream("minibatches");
      const x = new Float32Array(CHUNK * many * size * inputs);
      const chosen = new Float32Array(CHUNK * many * size);
      let loss = 0;
      for (let epoch = 0; epoch < options.epochs; epoch++) {
        permute(order, orderRng);
        loss = 0;
        for (let from = 0; from < order.length; from += CHUNK * many) {
          const now = order.subarray(from, from + CHUNK * many);
          // The rows that are missing in the last minibatch have the weight 0.
          const weight = new Float32Array(CHUNK * many);
          for (const [place, g] of now.entries()) {
            const { pair, row } = groups[g];
            weight[place] = weightOf(groups[g]);
            for (let i = 0; i < size; i++) {
              const at = place * size + i;
              writeInput(x, at * inputs, form.features, pairs[pair], row + i);
              chosen[at] = pairs[pair].chosen[row + i];
            }
          }
          const steps = Math.ceil(now.length / many);
          const { means } = await gradient.run(state, { x, chosen, weight }, steps);
          loss += means.loss * steps * many;
        }
      }
      return { parameters: state.parameters, loss: loss / groups.length };
    },
  };
}

/** Candidates that a term of the loss is about: `size` of a pair, from a row. */
interface Group {
  pair: number;
  row: number;
}

/** Single candidates for a sigmoid; for a softmax all of a pair, of which all have as many. */
function groupsOf(pairs: readonly Pair[], widths: Widths, output: Output): { groups: Group[]; size: number } {
  const size = output === "softmax" ? candidatesIn(pairs[0], widths) : 1;
  const groups = pairs.flatMap((own, pair) =>
    Array.from({ length: candidatesIn(own, widths) / size }, (_, n) => ({ pair, row: n * size })),
  );
  return { groups, size };
}

/** @param shape `size`: candidates of a group; `many`: groups of a minibatch */
function fitProgram(
  network: ReturnType<typeof dropoutMlp>,
  layout: nn.Layout,
  { inputs, size, many }: { inputs: number; size: number; many: number },
  { output, learningRate }: FitOptions,
) {
  return trainer({
    layout,
    learningRate,
    steps: CHUNK,
    variable: true,
    minibatch: {
      x: t.float32([many * size, inputs]),
      chosen: t.float32([many * size]),
      weight: t.float32([many]),
    },
    loss({ parameters, minibatch: { x, chosen, weight } }) {
      const scores = t.squeeze(network.logits(parameters as nn.TensorTree, x), 1);
      const grouped = (rows: Tensor) => t.reshape(rows, [many, size]);
      const sum =
        output === "softmax"
          ? choiceCrossEntropy(grouped(scores), grouped(chosen), weight)
          : binaryCrossEntropy(scores, chosen, weight);
      const loss = t.div(sum, many);
      return { loss, reported: { loss } };
    },
  });
}
