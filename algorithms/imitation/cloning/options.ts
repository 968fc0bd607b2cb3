/** @file Options of supervised learning on labelled pairs, for BC and DAgger. */

import * as z from "zod";
import { count, nonNegative, positive } from "../../../src/config/options.js";
import { networkOptions } from "../../shared/networks.js";

/** A number of passes over the data, or the least number of gradient steps that passes are added up to. */
export type Epochs = number | { updates: number; least: number };

/** The option `epochs`. Its object form gives small and large data sets the same number of gradient steps. */
export const epochsSchema = z.union(
  [
    count(),
    z.strictObject({
      updates: count().describe("number of gradient steps of the whole training, rounded up to whole passes"),
      least: count().default(1).describe("least number of passes"),
    }),
  ],
  { error: "it must be a number of passes, or { updates, least }" },
);

/**
 * The number of passes over the data.
 *
 * @param pairs number of pairs that the training reads if it makes one pass wherever it makes any
 */
export const passesOf = (epochs: Epochs, pairs: number, minibatchSize: number): number =>
  typeof epochs === "number"
    ? epochs
    : Math.max(epochs.least, Math.ceil((epochs.updates * minibatchSize) / pairs));

export const cloningOptions = {
  minibatchSize: count().default(32).describe("number of pairs in a gradient step"),
  learningRate: positive().default(1e-3).describe("step size of Adam"),
  loss: z
    .enum(["log-likelihood", "squared-error"])
    .default("log-likelihood")
    .describe(
      "log-likelihood of the actions, or squared-error between the policy's mean and the action (boxes only), after " +
        "which the deviations are those of the residuals",
    ),
  entropyCoefficient: nonNegative().default(0).describe("weight of the entropy bonus"),
  l2: nonNegative().default(0).describe("weight of the L2 penalty ½ ‖θ‖²"),
  normaliseObservations: z
    .boolean()
    .default(false)
    .describe("whether to standardise box observations with the statistics of the training data"),
  ...networkOptions,
};
