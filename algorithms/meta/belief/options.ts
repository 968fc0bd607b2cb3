/** @file The options that the learners of beliefs, VariBAD and MILET, share. */

import * as z from "zod";
import { count, positive } from "../../../src/config/options.js";
import { ppoSchema } from "../../rl/ppo.js";
import { trialOptions } from "../shared/trials.js";

const { clip, valueClip, valueCoefficient, maxGradientNorm, targetKl, activation, initialLogStd } =
  ppoSchema.shape;

export const beliefOptions = {
  ...trialOptions,
  minibatches: count()
    .default(4)
    .describe(
      "number of minibatches in a pass over a rollout; must divide environments × the steps of an episode",
    ),
  clip,
  valueClip,
  valueCoefficient,
  maxGradientNorm,
  targetKl,
  hidden: z.array(count()).default([64, 64]).describe("sizes of the hidden layers of policy and critic"),
  activation,
  initialLogStd,
  latent: count().default(5).describe("dimensions of the latent task z"),
  encoderUnits: count().default(64).describe("units of each GRU of the encoder"),
  embeddings: z
    .strictObject({
      observation: count().default(16).describe("units of the embedding of the observation"),
      action: count().default(16).describe("units of the embedding of the action"),
      reward: count().default(16).describe("units of the embedding of the reward"),
    })
    .prefault({})
    .describe("layers between a transition and the encoder's GRUs"),
  decoder: z
    .strictObject({
      hidden: z.array(count()).min(1).default([64, 32]).describe("sizes of the hidden layers"),
      reward: z
        .enum(["squared", "bernoulli"])
        .default("squared")
        .describe(
          "squared: predict the reward of a transition; bernoulli: predict in which observations the reward is 1, for " +
            "discrete observations and two rewards",
        ),
      state: z
        .boolean()
        .default(false)
        .describe("whether to predict next observations too, for tasks that differ in dynamics"),
    })
    .prefault({})
    .describe("networks that predict a trial from the latent task, and so train the encoder"),
  vaeLearningRate: positive().default(1e-3).describe("step size of the optimiser of encoder and decoder"),
  vaeUpdates: count().default(3).describe("gradient steps of encoder and decoder after each rollout"),
  vaeBatch: count().default(25).describe("number of trials in such a step"),
  elboTerms: count()
    .default(16)
    .describe(
      "number of time steps t of each trial whose bound is estimated in such a step, drawn afresh; at most all",
    ),
  decodedSteps: count()
    .default(16)
    .describe("number of time steps of each trial that are decoded for each t, drawn afresh; at most all"),
  buffer: count().default(1000).describe("number of recent trials from which the encoder learns"),
  warmUp: z.int().min(0).default(5000).describe("environment steps before the policy starts to learn"),
};

export type BeliefOptions = z.output<z.ZodObject<typeof beliefOptions>>;
