/** @file Options of offline reinforcement learning. */

import * as z from "zod";
import { count, fraction, positive } from "../../../src/config/options.js";
import * as nn from "../../../src/nn/index.js";
import { demonstrationsSchema } from "../../shared/demonstrations-option.js";
import { networkOption } from "../../shared/networks.js";

export const offlineOptions = {
  demonstrations: demonstrationsSchema.describe(
    "the data set: episodes of any policies, with their rewards, as `collect` and `loadDemonstrations` return them",
  ),
  updates: count().default(50_000).describe("number of gradient steps"),
  heldOut: fraction()
    .default(0)
    .describe("fraction of the episodes held out for evaluations without an environment; 0: none"),
  discount: fraction().default(0.99).describe("γ"),
  normaliseObservations: z
    .boolean()
    .default(false)
    .describe("whether to standardise box observations with the statistics of the data set"),
  normaliseRewards: z
    .boolean()
    .default(false)
    .describe(
      "whether to scale rewards so that the returns of the best and the worst episode differ by 1000",
    ),
  minibatchSize: count().default(256).describe("number of transitions in a gradient step"),
  learningRate: positive().default(3e-4).describe("step size of Adam"),
  network: networkOption,
  hidden: z.array(count()).default([256, 256]).describe("sizes of the hidden layers; [] is linear"),
  activation: z.enum(nn.activationNames).default("relu").describe("activation of the hidden layers"),
};

/** The option `tau` of target critics. */
export const tauOption = positive()
  .max(1)
  .default(0.005)
  .describe("fraction by which the target critics move to the critics in each gradient step");

export type OfflineOptions = z.output<z.ZodObject<typeof offlineOptions>>;
