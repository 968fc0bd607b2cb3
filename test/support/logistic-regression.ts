/**
 * @file A learner without an environment: logistic regression on a labelled data set, for tests of runs, and the module
 * of a user-defined algorithm for tests of the command line.
 */

import { readFileSync } from "node:fs";
import * as z from "zod";
import { count, nonNegative, positive } from "../../src/config/options.js";
import { FormatError } from "../../src/errors.js";
import type { Artefact, Learner } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { createRng, type Rng } from "../../src/random/rng.js";

/** Rows of numbers, and the class of each, 0 or 1. */
export interface Labelled {
  rows: number[][];
  labels: number[];
}

export interface Classifier extends Artefact {
  /** The probability of class 1. */
  probability(row: readonly number[]): number;
}

interface RegressionState {
  /** One a column, and the intercept. */
  weights: Float64Array;
  rng: Rng;
  steps: number;
}

const probabilityOf = (weights: Float64Array, row: readonly number[]) => {
  const logit = row.reduce((sum, x, i) => sum + x * weights[i], weights[row.length]);
  return 1 / (1 + Math.exp(-logit));
};

/** Two clouds of points in the plane, which a line tells apart but for a few. */
export function twoClouds(points: number, seed = 0): Labelled {
  const rng = createRng(seed);
  const labels = Array.from({ length: points }, (_, i) => i % 2);
  return { labels, rows: labels.map((label) => [rng.normal() + 2 * label, rng.normal() - label]) };
}

export const logisticRegression = defineAlgorithm({
  name: "logisticRegression",
  summary: "logistic regression by stochastic gradient descent",
  schema: z.strictObject({
    learningRate: positive().default(0.1).describe("step size of gradient descent"),
    minibatchSize: count().default(8).describe("rows in a gradient step"),
    penalty: z
      .strictObject({
        l2: nonNegative().default(0).describe("weight of half the squared norm of the weights"),
      })
      .prefault({})
      .describe("what keeps the weights small"),
    updates: count().default(200).describe("gradient steps of a run"),
  }),
  source: {
    summary: "a JSON file of rows and labels",
    async read(path) {
      const data = JSON.parse(readFileSync(path, "utf8")) as Partial<Labelled>;
      if (!Array.isArray(data.rows) || !Array.isArray(data.labels)) {
        throw new FormatError(`${path} must hold rows and labels`);
      }
      return data;
    },
    criterion: "accuracy",
    async evaluate(classifier: Classifier, { rows, labels }: Labelled) {
      const right = rows.filter((row, i) => classifier.probability(row) > 0.5 === (labels[i] === 1));
      return { accuracy: right.length / rows.length };
    },
  },
  create(options): Learner<Labelled, Classifier, RegressionState & { data: { derived: true } & Labelled }> {
    const { learningRate, minibatchSize, penalty, updates } = options;
    return {
      name: "logisticRegression",
      options,
      unit: "updates",
      defaultSteps: updates,
      async init(data, rng) {
        return {
          weights: new Float64Array(data.rows[0].length + 1),
          rng: rng.stream("minibatches"),
          steps: 0,
          data: { derived: true, ...data },
        };
      },
      async update(state) {
        const { rows, labels } = state.data;
        const slope = Float64Array.from(state.weights, (weight) => penalty.l2 * weight);
        let loss = 0;
        for (let k = 0; k < minibatchSize; k++) {
          const i = state.rng.integer(rows.length);
          const p = probabilityOf(state.weights, rows[i]);
          loss -= Math.log(labels[i] === 1 ? p : 1 - p) / minibatchSize;
          for (const [j, x] of [...rows[i], 1].entries()) slope[j] += ((p - labels[i]) * x) / minibatchSize;
        }
        for (const [j, s] of slope.entries()) state.weights[j] -= learningRate * s;
        state.steps++;
        return { steps: state.steps, loss };
      },
      artefact({ weights }) {
        const data = weights.slice();
        return {
          probability: (row) => probabilityOf(data, row),
          toData: () => ({
            kind: "logistic-regression",
            settings: { columns: data.length - 1 },
            arrays: { weights: { shape: [data.length], data } },
          }),
        };
      },
    };
  },
});
