/**
 * @file MILET [Chu 2024, §3.3]: meta-RL that infers the cluster of a task before the task, and explores in the first episode of
 * a trial to do so.
 *
 * A stacked encoder (fig. 3.7) maps the transitions so far to a distribution over clusters q(c | τ:t) and, for each
 * cluster, to a Gaussian q(z | τ:t, c) over a latent task. It maximises the clustered bound (eq. 3.23) less two
 * consistency losses (eq. 3.24–3.26). An exploration policy acts in the first episode and is paid for certainty about the
 * cluster (eq. 3.27); an exploitation policy acts in the others.
 */

import * as z from "zod";
import { count, nonNegative, positive } from "../../src/config/options.js";
import { clusterUsageEntropy } from "../../src/diagnostics/clustering.js";
import type { Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import * as nn from "../../src/nn/index.js";
import { gaussianHead } from "../../src/policies/belief/encoder.js";
import * as t from "../../src/tensor/index.js";
import { beliefLearner } from "./belief/learner.js";
import { beliefOptions } from "./belief/options.js";
import type { TrialRecord } from "./belief/trial-record.js";
import type { BoundInputs } from "./belief/variational.js";
import {
  consistencyWeight,
  entropyAt,
  entropyWeight,
  type IntrinsicOptions,
  intrinsicRewards,
} from "./milet/intrinsic.js";

export const miletSchema = z.strictObject({
  ...beliefOptions,
  clusters: count().default(4).describe("number of clusters C; 1: no clustering"),
  stacked: z
    .boolean()
    .default(true)
    .describe("whether the GRU of the task receives the state of the GRU of the cluster"),
  exploration: z
    .enum(["policy", "none"])
    .default("policy")
    .describe("policy: the first episode has a policy of its own; none: one policy for all episodes"),
  explorationEntropyCoefficient: nonNegative()
    .default(0.003)
    .describe("weight of the entropy bonus of the exploration policy"),
  temperature: positive().default(0.8).describe("temperature of the Gumbel-softmax samples of clusters"),
  weights: z
    .strictObject({
      latent: nonNegative()
        .default(0.0005)
        .describe("weight of KL(q(z | τ, c) ‖ p(z | c)), beside mean squared errors"),
      cluster: nonNegative().default(0.001).describe("weight of KL(q(c | τ) ‖ uniform)"),
      inTrial: nonNegative()
        .optional()
        .describe("λ_I, weight of the consistency in a trial; unset: `cluster`"),
      prior: nonNegative()
        .optional()
        .describe("λ_P, weight of the consistency of the prior; unset: 0.1 × `latent`"),
    })
    .prefault({})
    .describe("weights of the terms of the bound"),
  intrinsic: z
    .strictObject({
      entropy: nonNegative()
        .default(0.1)
        .describe("largest weight of the reward for certainty about the cluster"),
      consistency: nonNegative()
        .default(0.1)
        .describe(
          "largest weight of the reward for keeping to a cluster, which is negative until near the end",
        ),
      rate: positive().default(10).describe("how fast these weights change, per episode"),
    })
    .prefault({})
    .describe("intrinsic rewards of exploration"),
  priorEvery: count().default(50).describe("gradient steps after which the target of the prior is renewed"),
});

export type MiletOptions = z.input<typeof miletSchema>;
type Resolved = z.output<typeof miletSchema>;

/** The share of log C below which the entropy of the mean q counts as collapse. */
const COLLAPSE = 0.1;

/** MILET for discrete, multi-discrete and continuous actions. */
export const milet = defineAlgorithm({
  name: "milet",
  summary: "MILET: infers the cluster of a task, then the task, and explores in the first episode to do so",
  schema: miletSchema,
  environment: "PointGoal-v0",
  create(options) {
    const { clusters, stacked, latent, intrinsic } = options;
    const explores = options.exploration === "policy";
    return beliefLearner({
      name: "milet",
      options,
      episodes: 2,
      encoder: { clusters, stacked },
      explores,
      exploration: { entropyCoefficient: options.explorationEntropyCoefficient },
      parameters: { prior: priorNetwork(clusters, latent).parameters },
      targetEvery: options.priorEvery,
      noise: {
        latent: { kind: "normal", width: latent },
        cluster: { kind: "uniform", width: clusters },
      },
      bound: (inputs) => clusteredBound(inputs, options),
      reward: (record, environments) =>
        explorationReward(record, environments, clusters, explores ? intrinsic : undefined),
      outcome: ({ clusterUsage }) =>
        clusters > 1 && clusterUsage < COLLAPSE * Math.log(clusters)
          ? `the clusters collapsed: the entropy of the mean q(c) is ${clusterUsage.toFixed(3)} of ${Math.log(clusters).toFixed(3)} ` +
            "nats, so nearly all trials are in one cluster; try another seed, a lower weights.cluster or fewer clusters"
          : undefined,
    });
  },
});

/** The prior p(z | c): C to 32 units to a Gaussian. */
export const priorNetwork = (clusters: number, latent: number) =>
  nn.mlp({ inputs: clusters, hidden: [32], outputs: 2 * latent, activation: "relu" });

/**
 * The negative of J (eq. 3.26), with means over time steps in place of sums. At each drawn t (eq. 3.23): the errors of
 * the trial decoded from z ~ q(z | τ:t, c̃), where c̃ is a Gumbel-softmax sample of q(c | τ:t); KL(q(z | τ:t, c̃) ‖ p(z | c̃));
 * and KL(q(c | τ:t) ‖ uniform). Over all t: L_I = KL(q(c | τ:t) ‖ q(c | τ:t+1)) (eq. 3.24). Over clusters:
 * L_P = KL(p(z | c) ‖ p_target(z | c)) (eq. 3.25). Each trial counts the same, whatever its length.
 */
export function clusteredBound(
  { encoder, decoder, p, targets, memories, decoded, atTerms, trialWeights, noise, steps }: BoundInputs,
  {
    clusters,
    latent,
    temperature,
    weights,
  }: Pick<Resolved, "clusters" | "latent" | "temperature" | "weights">,
) {
  const { encoder: e, decoder: d, prior } = p as Record<string, nn.TensorTree>;
  const network = priorNetwork(clusters, latent);
  const priorOf = (tree: nn.TensorTree, c: t.Tensor) => gaussianHead(network.apply(tree, c), latent);

  const logQ = encoder.clusterLogProbs(e, memories);
  const c = nn.gumbelSoftmax(atTerms(logQ), { temperature }).sample(noise.cluster);
  const posterior = encoder.latent(e, atTerms(memories), c);
  const error = decoder.errors(d, posterior.sample(noise.latent), decoded, trialWeights.errors);
  const klLatent = t.mean(t.mul(posterior.kl(priorOf(prior, c)), trialWeights.terms));
  const klUniform = t.add(t.sum(t.mul(t.exp(atTerms(logQ)), atTerms(logQ)), -1), Math.log(clusters));
  const klCluster = t.mean(t.mul(klUniform, trialWeights.terms));

  const now = t.slice(logQ, 0, steps, 0);
  const next = t.slice(logQ, 1, steps + 1, 0);
  const inTrial = t.mean(t.mul(t.sum(t.mul(t.exp(now), t.sub(now, next)), -1), trialWeights.transitions));
  const each = t.oneHot(t.arange(clusters), clusters);
  const target = (targets as Record<string, nn.TensorTree>).prior;
  const priorShift = t.mean(priorOf(prior, each).kl(priorOf(target, each)));

  const terms: [t.Tensor, number][] = [
    [klLatent, weights.latent],
    [klCluster, weights.cluster],
    [inTrial, weights.inTrial ?? weights.cluster],
    [priorShift, weights.prior ?? 0.1 * weights.latent],
  ];
  const loss = terms.reduce(
    (sum, [term, weight]) => t.add(sum, t.mul(term, weight)),
    t.add(error.reward, error.state ?? 0),
  );
  return {
    loss,
    reported: {
      rewardError: error.reward,
      ...(error.state && { stateError: error.state }),
      klLatent,
      klCluster,
      inTrial,
      priorShift,
    },
  };
}

/**
 * Adds γ_h(t) r_h + γ_c(t) r_c (eq. 3.27) to the rewards of the first episode if there is an exploration policy, with H the
 * time limit also where the episode ends before it. Reports the sums of r_h and r_c over that episode, the mean entropy of
 * q(c | τ) at its end, and the entropy of the mean q.
 */
function explorationReward(
  { phases, horizon, lengths, clusters: q }: TrialRecord,
  count: number,
  clusters: number,
  options?: IntrinsicOptions,
): Metrics {
  const size = count * clusters;
  const own = lengths.subarray(0, count);
  const { entropy, consistency } = intrinsicRewards(q.subarray(0, (horizon + 1) * size), horizon, own);
  if (options) {
    const { rewards } = phases[0].rollout;
    for (let k = 0; k < rewards.length; k++) {
      const step = Math.floor(k / count);
      rewards[k] +=
        entropyWeight(step, horizon, options) * entropy[k] +
        consistencyWeight(step, horizon, options) * consistency[k];
    }
  }
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / count;
  const last = new Float32Array(size);
  for (let i = 0; i < count; i++) {
    const at = own[i] * size + i * clusters;
    last.set(q.subarray(at, at + clusters), i * clusters);
  }
  let uncertainty = 0;
  for (let i = 0; i < count; i++) uncertainty += entropyAt(last, i * clusters, clusters) / count;
  return {
    entropyReward: sum(entropy),
    consistencyReward: sum(consistency),
    clusterEntropy: uncertainty,
    clusterUsage: clusterUsageEntropy(last, clusters),
  };
}
