/** @file Options of supervised learning on labelled pairs, for BC and DAgger. */

import { z } from "zod";
import { count, nonNegative, positive } from "../../../src/config/options.js";
import { networkOptions } from "../../shared/networks.js";

export const cloningOptions = {
  minibatchSize: count().default(32).describe("number of pairs in a gradient step"),
  learningRate: positive().default(1e-3).describe("step size of Adam"),
  loss: z
    .enum(["log-likelihood", "squared-error"])
    .default("log-likelihood")
    .describe(
      "log-likelihood of the actions, or squared-error between the policy's mean and the action (boxes only)",
    ),
  entropyCoefficient: nonNegative().default(0).describe("weight of the entropy bonus"),
  l2: nonNegative().default(0).describe("weight of the L2 penalty ½ ‖θ‖²"),
  normaliseObservations: z
    .boolean()
    .default(false)
    .describe("whether to standardise box observations with the statistics of the training data"),
  ...networkOptions,
};
