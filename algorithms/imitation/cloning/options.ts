/** @file Options of supervised learning on labelled pairs, for BC and DAgger. */

import { z } from "zod";
import { count, nonNegative, positive } from "../../../src/config/options.js";
import { networkOptions } from "../../shared/networks.js";

export const cloningOptions = {
  minibatchSize: count().default(32).describe("pairs in a gradient step"),
  learningRate: positive().default(1e-3).describe("Adam's step size"),
  loss: z
    .enum(["log-likelihood", "squared-error"])
    .default("log-likelihood")
    .describe("squared-error compares the policy's mean with the action: boxes only"),
  entropyCoefficient: nonNegative().default(0).describe("weight of the entropy bonus"),
  l2: nonNegative().default(0).describe("weight of half the squared norm of the parameters"),
  normaliseObservations: z
    .boolean()
    .default(false)
    .describe("standardise box observations with the statistics of the labelled ones"),
  ...networkOptions,
};
