/**
 * @file The crowd layer [Rodrigues & Pereira 2018]: an answer of annotator l is softmax(f W_l), of the classifier's
 * probabilities f and a matrix, or less, for each annotator.
 */

import * as z from "zod";
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

const forms = ["matrix", "vector", "vector-bias", "scalar"] as const;
type Form = (typeof forms)[number];

const crowdLayerSchema = z.strictObject({
  form: z
    .enum(forms)
    .default("matrix")
    .describe("logits of an answer. matrix: f W_l; vector: w_l f; vector-bias: w_l f + b_l; scalar: s_l f"),
  ...classifierOptions,
});

export type CrowdLayerOptions = z.input<typeof crowdLayerSchema>;

/** A classifier with a layer for each annotator, learnt from their labels together. */
export const crowdLayer = defineAlgorithm({
  name: "crowdLayer",
  summary: "a classifier with a layer for each annotator, which turns its output into their answers",
  schema: crowdLayerSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create: (options): CrowdLearner =>
    crowdLearner("crowdLayer", options, (crowd) => crowdLayerMethod(crowd, options.form)),
});

export function crowdLayerMethod(
  { annotations: { annotators: R, classes: K } }: Crowd,
  form: Form,
): CrowdMethod {
  const { constant, zeros } = nn.initialisers;
  const shapes: Record<Form, nn.ParameterTree> = {
    matrix: { crowd: { weight: { shape: [R, K, K], initialise: diagonal(1) } } },
    vector: { crowd: { weight: { shape: [R, K], initialise: constant(1) } } },
    "vector-bias": {
      crowd: {
        weight: { shape: [R, K], initialise: constant(1) },
        bias: { shape: [R, K], initialise: zeros },
      },
    },
    scalar: { crowd: { weight: { shape: [R, 1], initialise: constant(1) } } },
  };
  const answers = (
    { crowd }: nn.TensorTree,
    { annotator, logProbabilities }: Pick<Examples, "annotator" | "logProbabilities">,
  ): Tensor => {
    const { weight, bias } = crowd as Record<string, Tensor>;
    const f = t.exp(logProbabilities);
    const own = t.gather(weight, annotator);
    if (form === "matrix") return t.logSoftmax(timesRows(f, own));
    const scaled = t.mul(f, own);
    return t.logSoftmax(bias ? t.add(scaled, t.gather(bias, annotator)) : scaled);
  };
  return {
    examples: "labels",
    parameters: shapes[form],
    loss: (parameters, examples) => ({
      loss: t.neg(meanOver(chosen(answers(parameters, examples), examples.label), examples)),
    }),
    answers,
    // An answer to an item that the classifier is sure of.
    ...(form === "matrix" && { confusion: (views) => softmaxRows(views["crowd.weight"]) }),
  };
}
