/**
 * @file VariBAD [Zintgraf et al. 2020]: a policy that acts on a learnt belief about its task, trained to be Bayes-adaptive.
 *
 * An encoder maps the transitions of a trial so far, τ:t, to a Gaussian q(z | τ:t) over a latent task. It is trained with
 * decoders of the whole trial, past and future, by the evidence lower bound of each time step (eq. 7 and 8). The policy
 * receives the observation and the Gaussian's mean and variance, and maximises the return of the trial.
 */

import * as z from "zod";
import { nonNegative } from "../../src/config/options.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import * as nn from "../../src/nn/index.js";
import * as t from "../../src/tensor/index.js";
import { beliefLearner } from "./belief/learner.js";
import { beliefOptions } from "./belief/options.js";
import type { BoundInputs } from "./belief/variational.js";

export const varibadSchema = z.strictObject({
  ...beliefOptions,
  klWeight: nonNegative()
    .default(5)
    .describe(
      "β, weight of the KL divergence of each belief from the one before, beside the error summed over steps",
    ),
});

export type VaribadOptions = z.input<typeof varibadSchema>;

/** VariBAD for discrete, multi-discrete and continuous actions. */
export const varibad = defineAlgorithm({
  name: "varibad",
  summary: "VariBAD: a policy that acts on a learnt Gaussian belief about the task of a trial",
  schema: varibadSchema,
  environment: "PointGoal-v0",
  create: (options) =>
    beliefLearner({
      name: "varibad",
      options,
      episodes: 1,
      encoder: {},
      explores: false,
      noise: { latent: { kind: "normal", width: options.latent } },
      bound: (inputs) => evidenceBound(inputs, options),
    }),
});

/**
 * The negative bound, averaged over the time steps t (eq. 7 and 8): the squared errors of all transitions decoded from a
 * sample of q(z | τ:t), plus β KL(q(z | τ:t) ‖ q(z | τ:t−1)), where the first prior is N(0, I).
 */
export function evidenceBound(
  { encoder, decoder, p, memories, decoded, atTerms, trialWeights, noise, steps }: BoundInputs,
  { klWeight, latent }: { klWeight: number; latent: number },
) {
  const { encoder: e, decoder: d } = p as Record<string, nn.TensorTree>;
  const { mean, logStd } = encoder.latent(e, memories);
  const z = nn.diagonalGaussian(atTerms(mean), atTerms(logStd)).sample(noise.latent);
  const error = decoder.errors(d, z, decoded, t.mul(trialWeights.errors, trialWeights.lengths));
  /** The mean over all steps that are no padding. */
  const ofSteps = (x: t.Tensor) => t.div(x, t.mean(trialWeights.lengths));
  const reconstruction = t.add(error.reward, error.state ?? 0);

  const before = (x: t.Tensor, first: number) => {
    const [, batch] = x.shape;
    return t.concat([t.full([1, batch as number, latent], first), t.slice(x, 0, steps, 0)], 0);
  };
  const prior = nn.diagonalGaussian(before(mean, 0), before(logStd, 0));
  const kl = t.mean(t.mul(nn.diagonalGaussian(mean, logStd).kl(prior), trialWeights.beliefs));
  // The error is a mean over drawn steps, with padding as 0 error; the bound has the sum over all T.
  const loss = t.add(t.mul(reconstruction, steps), t.mul(kl, klWeight));
  return {
    loss,
    reported: {
      rewardError: ofSteps(error.reward),
      ...(error.state && { stateError: ofSteps(error.state) }),
      klLatent: kl,
    },
  };
}
