/** @file Options of fine-tuning on pairs of segments, which its algorithms share. */

import * as z from "zod";
import { count, nonNegative, positive } from "../../../src/config/options.js";
import type { Policy } from "../../../src/policies/contract.js";
import { networkOptions } from "../../shared/networks.js";
import { annotatorWeightsSchema } from "../shared/annotator-weights.js";
import { neitherSchema, preferencesSchema } from "../shared/preferences-option.js";
import { dpoLosses } from "./losses.js";

const policy = () =>
  z
    .custom<Policy>((p) => typeof (p as Policy | undefined)?.logProb === "function", "it must be a policy")
    .meta({ type: "policy" });

export const policySchema = policy;

/** The gradient steps, and the policy that takes them. */
export const tuningOptions = {
  student: policy().optional().describe("policy to start from; unset: a new network"),
  minibatchSize: count().default(32).describe("number of pairs in a gradient step"),
  learningRate: positive().default(3e-4).describe("step size of Adam"),
  l2: nonNegative().default(0).describe("weight of the L2 penalty ½ ‖θ‖²"),
  ...networkOptions,
};

/** Of learners from a data set of comparisons. */
export const fineTuningOptions = {
  preferences: preferencesSchema,
  annotatorWeights: annotatorWeightsSchema,
  ...tuningOptions,
  epochs: count().default(20).describe("number of passes over the comparisons"),
};

export const referenceSchema = z
  .union([policy(), z.enum(["uniform", "none"])], "it must be a policy, uniform or none")
  .meta({ type: "policy, uniform or none" })
  .optional()
  .describe(
    "policy π₀ near which the learner stays, from which it starts unless `student` is set: a policy, uniform, or none; " +
      "unset: `student`, or else uniform",
  );

/** Of direct preference optimisation. */
export const dpoOptions = {
  beta: positive()
    .default(0.1)
    .describe("β: how much an answer outweighs the distance to the reference; small is far"),
  loss: z
    .enum(dpoLosses)
    .default("sigmoid")
    .describe(
      "sigmoid: log-likelihood of the answers; ipo: a square, finite where all answers agree; hinge; unlikelihood: the " +
        "sigmoid without its weight, which has no minimum",
    ),
  labelSmoothing: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe("probability that an answer is the opposite of what was meant"),
  discount: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe("γ: weight of a step's log-probability, for each step before it"),
};

export const lambdaSchema = nonNegative()
  .default(0.1)
  .describe("λ: weight of the odds ratio; 0: supervised learning");

export { neitherSchema };
