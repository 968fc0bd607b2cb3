/**
 * @file CoNAL [Chu, Ma & Wang 2021] [Chu 2024, §2.1]: an annotator errs by a confusion matrix that all share, W_g, or by
 * their own, W_l; a gate of item and annotator says which.
 *
 * Chu 2024, eq. 2.1, has the sum over the two sources inside the product over annotators. What is minimised is therefore the
 * composite likelihood of single labels, −mean log p(y | x, l) − λ Σ_l ‖W_g − W_l‖_F.
 */

import * as z from "zod";
import { count, nonNegative } from "../../src/config/options.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import * as nn from "../../src/nn/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import {
  type Crowd,
  type CrowdLearner,
  type CrowdMethod,
  chosen,
  crowdLearner,
  type Examples,
  itemsSource,
  meanOver,
} from "./shared/learner.js";
import { diagonal, softmaxRows, timesRows } from "./shared/matrices.js";
import { classifierOptions } from "./shared/options.js";

const conalOptions = {
  combine: z
    .enum(["logits", "mixture", "stochastic"])
    .default("logits")
    .describe(
      "how the two sources give an answer, with f the classifier. logits: softmax(ω f W_g + (1 − ω) f W_l), as the " +
        "authors' code does; mixture: ω softmax(f W_g) + (1 − ω) softmax(f W_l), as the paper writes; stochastic: " +
        "ω f softmax(W_g) + (1 − ω) f softmax(W_l), whose matrices are probabilities",
    ),
  normalise: z
    .enum(["both", "annotator", "none"])
    .default("annotator")
    .describe(
      "which embeddings of the gate ω = σ(u · v) have length 1. both, as the paper writes: ω is then between 0.27 and 0.73",
    ),
  embedding: count().default(20).describe("size of the embeddings of the gate"),
  distance: nonNegative()
    .default(1e-5)
    .describe(
      "λ: weight of the distances ‖W_g − W_l‖ between the common matrix and each own one, which grow",
    ),
  proportion: z
    .number()
    .min(0)
    .max(1)
    .or(z.literal("learnt"))
    .default("learnt")
    .describe("share ω of the common matrix: learnt, or a constant; 0 is the crowd layer"),
};

const conalSchema = z.strictObject({ ...conalOptions, ...classifierOptions });

export type ConalOptions = z.input<typeof conalSchema>;
type Settings = z.output<z.ZodObject<typeof conalOptions>>;

/** A classifier with confusion matrices: one that all annotators share, and one of each. */
export const conal = defineAlgorithm({
  name: "conal",
  summary: "a classifier, with errors that all annotators share and errors of each of them",
  schema: conalSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create: (options): CrowdLearner => crowdLearner("conal", options, (crowd) => conalMethod(crowd, options)),
});

/** Matrices start at 2 · I. */
const START = 2;

export function conalMethod(
  { annotations: { annotators: R, classes: K }, width }: Crowd,
  { combine, normalise, embedding, distance, proportion }: Settings,
): CrowdMethod {
  const gate = ({ crowd }: nn.TensorTree, { x, annotator }: Pick<Examples, "x" | "annotator">): Tensor => {
    if (proportion !== "learnt") return t.add(t.mul(t.slice(x, 0, 1, 1), 0), proportion);
    const { item, annotator: own } = crowd as Record<string, Tensor>;
    const v = t.matmul(x, item);
    const u = t.gather(own, annotator);
    const product = t.sum(
      t.mul(normalise === "none" ? u : ofLengthOne(u), normalise === "both" ? ofLengthOne(v) : v),
      -1,
      { keepDims: true },
    );
    return t.sigmoid(product);
  };

  /** Log-probabilities of the answers `[B, K]`, and the share of the common matrix `[B, 1]`. */
  const model = (tree: nn.TensorTree, examples: Pick<Examples, "x" | "annotator" | "logProbabilities">) => {
    const { common, own } = tree.crowd as Record<string, Tensor>;
    const f = t.exp(examples.logProbabilities);
    const omega = gate(tree, examples);
    const rest = t.sub(1, omega);
    const weights = t.gather(own, examples.annotator);
    const mixed = (a: Tensor, b: Tensor) => t.add(t.mul(omega, a), t.mul(rest, b));
    if (combine === "logits") {
      return { omega, answers: t.logSoftmax(mixed(t.matmul(f, common), timesRows(f, weights))) };
    }
    const [byCommon, byOwn] =
      combine === "mixture"
        ? [t.softmax(t.matmul(f, common)), t.softmax(timesRows(f, weights))]
        : [t.matmul(f, t.softmax(common)), timesRows(f, t.softmax(weights))];
    return { omega, answers: t.log(t.add(mixed(byCommon, byOwn), 1e-12)) };
  };

  return {
    examples: "labels",
    parameters: {
      crowd: {
        common: { shape: [K, K], initialise: diagonal(START) },
        own: { shape: [R, K, K], initialise: diagonal(START) },
        ...(proportion === "learnt" && {
          item: { shape: [width, embedding], initialise: nn.initialisers.xavierUniform() },
          annotator: { shape: [R, embedding], initialise: nn.initialisers.normal(embedding ** -0.5) },
        }),
      },
    },
    loss(tree, examples) {
      const { omega, answers } = model(tree, examples);
      const { common, own } = tree.crowd as Record<string, Tensor>;
      const squares = t.sum(t.square(t.sub(own, t.expandDims(common, 0))), [1, 2]);
      // All matrices are equal at the start, where the distance has no gradient.
      const distances = t.sum(t.sqrt(t.add(squares, 1e-12)));
      const likelihood = meanOver(chosen(answers, examples.label), examples);
      return {
        loss: t.neg(t.add(likelihood, t.mul(distances, distance))),
        reported: { likelihood, distance: t.div(distances, R), proportion: t.mean(omega) },
      };
    },
    answers: (tree, examples) => model(tree, examples).answers,
    confusion: (views) => softmaxRows(views["crowd.own"]),
    common: (views) => softmaxRows(views["crowd.common"]),
  };
}

const ofLengthOne = (rows: Tensor): Tensor =>
  t.div(rows, t.sqrt(t.add(t.sum(t.square(rows), -1, { keepDims: true }), 1e-12)));
