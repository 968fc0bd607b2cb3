/**
 * @file Confusion matrices learnt with the classifier, under a penalty of their trace [Tanno et al. 2019]: of all
 * matrices and classifiers that explain the labels, those are sought whose annotators err as much as possible, so that
 * errors are the annotators' and not the classifier's.
 */

import * as z from "zod";
import { nonNegative } from "../../src/config/options.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import {
  type Crowd,
  type CrowdLearner,
  type CrowdMethod,
  chosen,
  crowdLearner,
  itemsSource,
  meanOver,
} from "./shared/learner.js";
import { diagonal, mixedLog, softplusRows } from "./shared/matrices.js";
import { classifierOptions } from "./shared/options.js";

const traceRegularisedSchema = z.strictObject({
  traceWeight: nonNegative()
    .default(0.01)
    .describe("λ: weight of the mean trace of the confusion matrices, which is minimised"),
  ...classifierOptions,
});

export type TraceRegularisedOptions = z.input<typeof traceRegularisedSchema>;

/** A classifier and confusion matrices, with a penalty of their trace. */
export const traceRegularised = defineAlgorithm({
  name: "traceRegularised",
  summary: "a classifier and a confusion matrix for each annotator, whose traces are kept small",
  schema: traceRegularisedSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create: (options): CrowdLearner =>
    crowdLearner("traceRegularised", options, (crowd) => traceMethod(crowd, options.traceWeight)),
});

/** Softplus of START and 0 gives rows near the identity. */
const START = 5;

/** The loss of a label is −log (f A_l)_y, and λ · mean_l tr A_l is added. It is minimised, as in the paper: a large trace would be an identity that explains nothing. */
export function traceMethod(
  { annotations: { annotators, classes } }: Crowd,
  traceWeight: number,
): CrowdMethod {
  return {
    examples: "labels",
    parameters: {
      crowd: { weight: { shape: [annotators, classes, classes], initialise: diagonal(START, -2) } },
    },
    loss({ crowd }, { logProbabilities, annotator, label, weight }) {
      const identity = t.constant(
        Float32Array.from({ length: classes ** 2 }, (_, i) =>
          Number(Math.floor(i / classes) === i % classes),
        ),
        [classes, classes],
      );
      const positive = t.softplus((crowd as Record<string, Tensor>).weight);
      const matrices = t.div(positive, t.sum(positive, -1, { keepDims: true }));
      const answers = mixedLog(logProbabilities, t.gather(matrices, annotator));
      const likelihood = meanOver(chosen(answers, label), { weight });
      const trace = t.div(t.sum(t.mul(matrices, identity)), annotators);
      return { loss: t.sub(t.mul(trace, traceWeight), likelihood), reported: { trace } };
    },
    confusion: (views) => softplusRows(views["crowd.weight"]),
  };
}
