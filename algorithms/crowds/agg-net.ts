/**
 * @file AggNet [Albarqouni et al. 2016]: Raykar's expectation maximisation [Raykar et al. 2010] [N §2.3] with a network,
 * whose gradient steps are one M step that is never finished. Before each epoch, soft labels are inferred from the
 * classifier and from the labels by confusion matrices, which are those of the soft labels before.
 */

import * as z from "zod";
import { count, nonNegative } from "../../src/config/options.js";
import { countsOf, parametersOf } from "../../src/crowds/dawid-skene.js";
import { transposed } from "../../src/crowds/fit.js";
import { shares } from "../../src/crowds/majority-vote.js";
import { inferWith } from "../../src/crowds/raykar.js";
import type { Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { onTargets } from "./aggregate-then-train.js";
import {
  type Crowd,
  type CrowdLearner,
  type CrowdMethod,
  crowdLearner,
  itemsSource,
} from "./shared/learner.js";
import { classifierOptions } from "./shared/options.js";

const aggNetOptions = {
  warmUp: count().default(5).describe("epochs on the shares of the labels, before the first inference"),
  diagonal: nonNegative()
    .default(0.5)
    .describe("right answers that each row of a confusion matrix starts with"),
  offDiagonal: nonNegative().default(0.05).describe("wrong answers of each class that it starts with"),
};

const aggNetSchema = z.strictObject({ ...aggNetOptions, ...classifierOptions });

export type AggNetOptions = z.input<typeof aggNetSchema>;

/** A classifier and confusion matrices, by expectation maximisation inside the training. */
export const aggNet = defineAlgorithm({
  name: "aggNet",
  summary: "a classifier and confusion matrices, by expectation maximisation inside the training",
  schema: aggNetSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create: (options): CrowdLearner => crowdLearner("aggNet", options, (crowd) => aggNetMethod(crowd, options)),
});

export function aggNetMethod(
  { annotations }: Crowd,
  { warmUp, diagonal, offDiagonal }: z.output<z.ZodObject<typeof aggNetOptions>>,
): CrowdMethod {
  const options = { smoothing: { diagonal, offDiagonal, prior: 0 } };
  /** `[annotators, observed, true]` */
  const matricesOf = (targets: Float32Array) =>
    parametersOf(annotations, countsOf(annotations, targets), options).confusion;
  const method = onTargets(Float32Array.from(shares(annotations)));
  return {
    ...method,
    /** M step of the matrices, then E step: μ_nk ∝ f_k(x_n) ∏_l π^l_ky. */
    expectation(targets, logProbabilities, epochs): Metrics {
      if (epochs < warmUp) return {};
      return {
        likelihood:
          inferWith(annotations, logProbabilities, matricesOf(targets), targets) / annotations.items,
      };
    },
    confusion: (_, targets) => transposed(matricesOf(targets!), annotations.classes),
  };
}
