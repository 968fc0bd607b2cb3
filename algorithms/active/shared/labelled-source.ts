/** @file The labelled set of a run of active learning, and measures of classifiers on it. */

import { featuresOf, type LabelledSet } from "../../../src/datasets/labelled.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { DataSource } from "../../../src/learning/define.js";
import { argmaxRow } from "../../../src/mdp/tables.js";
import type { ActiveClassifier } from "../active-learning/artefact.js";

/** The labelled set of a run. */
export const labelledSource: DataSource<LabelledSet, ActiveClassifier> = {
  summary:
    "items to classify: a folder with IDX files such as train-images-idx3-ubyte.gz, a CSV file with a column label, " +
    ".jsonl, .npz or .npy",
  example: "items.csv",
  async read(path) {
    const { readLabelled } = await import("../../../src/datasets/labelled/read.js");
    return readLabelled(path);
  },
  async evaluate(classifier, set): Promise<Metrics> {
    const { test, classes } = classifier;
    if (test.length === 0 || !set.labels) return {};
    const truth = Int32Array.from(test, (item) => classes.indexOf(set.classes[set.labels![item]]));
    return measured(await classifier.predict(featuresOf(set, test)), truth);
  },
};

/** Accuracy and mean −log p(truth) of probabilities `[n, K]`. A prediction is the first of equally probable classes. */
export function measured(p: Float32Array, truth: Int32Array): { accuracy: number; logLoss: number } {
  const K = p.length / truth.length;
  let [right, loss] = [0, 0];
  truth.forEach((y, i) => {
    if (argmaxRow(p, i * K, K) === y) right++;
    loss -= Math.log(Math.max(1e-12, p[i * K + y]));
  });
  return { accuracy: right / truth.length, logLoss: loss / truth.length };
}
