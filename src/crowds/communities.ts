/**
 * @file Communities of annotators [Venanzi et al. 2014; Imamura et al. 2018]: each annotator belongs to one of a few
 * communities, whose members share a confusion matrix: for few labels an annotator.
 */

import * as z from "zod";
import { createRng, type Rng } from "../random/rng.js";
import { type Annotations, labelsOf } from "./annotations.js";
import {
  abilityOf,
  bestOf,
  emOptions,
  type LabelFit,
  maximise,
  mostProbable,
  optionsOf,
  pinTruth,
  predictiveLikelihood,
  requireMatrices,
  transposed,
} from "./fit.js";
import { logOf, normaliseLog } from "./log-weights.js";
import { normalise, shares } from "./majority-vote.js";
import { splitLabels } from "./splits.js";

export const communitiesSchema = z.strictObject({
  communities: z
    .int()
    .min(1)
    .or(z.literal("held-out"))
    .default(3)
    .describe(
      "number of communities; held-out: the one of 1, 2, 3, 4, 6 and 8 that predicts held-out labels best",
    ),
  diagonal: z.number().min(0).default(0.5).describe("right answers that each row of a matrix starts with"),
  offDiagonal: z.number().min(0).default(0.05).describe("wrong answers of each class that it starts with"),
  restarts: z.int().min(1).default(5).describe("number of fits from random communities; the best is kept"),
  seed: z.union([z.number(), z.string()]).default(0).describe("seed of the restarts"),
  ...emOptions,
});

export type CommunitiesOptions = z.input<typeof communitiesSchema>;
type Resolved = z.output<typeof communitiesSchema>;

export interface CommunitiesFit extends LabelFit {
  readonly confusion: Float64Array;
  readonly ability: Float64Array;
  /** `[annotators, communities]`: the probability that an annotator belongs to each. Rows sum to 1. */
  readonly membership: Float64Array;
  /** `[communities, true, observed]` */
  readonly communityConfusion: Float64Array;
  /** `[communities]`: their shares among annotators. */
  readonly shares: Float64Array;
  /** The objective of each restart. */
  readonly optima: readonly number[];
}

const CANDIDATES = [1, 2, 3, 4, 6, 8];

/**
 * Fits communities by a mean-field posterior of classes and memberships; `logLikelihood` is its bound of log p(labels),
 * which never falls. With one community it is the pooled multinomial with pseudo-counts.
 *
 * @throws UsageError for invalid options, and for more annotators × classes² than fit in memory
 */
export function communities(annotations: Annotations, options?: CommunitiesOptions): CommunitiesFit {
  const resolved = optionsOf("communities", communitiesSchema, options);
  requireMatrices("communities", annotations);
  const rng = createRng(resolved.seed);
  const count =
    resolved.communities === "held-out"
      ? bestCount(annotations, resolved, rng.stream("held-out"))
      : resolved.communities;
  return fitCount(annotations, count, resolved, rng);
}

function bestCount(annotations: Annotations, options: Resolved, rng: Rng): number {
  const { train, heldOut } = splitLabels(annotations, 0.1, rng.stream("labels"));
  const scores = CANDIDATES.filter((count) => count <= annotations.annotators).map((count) =>
    predictiveLikelihood(fitCount(train, count, options, rng), heldOut),
  );
  return CANDIDATES[scores.indexOf(Math.max(...scores))] ?? 1;
}

function fitCount(annotations: Annotations, count: number, options: Resolved, rng: Rng): CommunitiesFit {
  const fits = Array.from({ length: options.restarts }, (_, start) =>
    fitFrom(annotations, count, options, rng.stream("restart", start)),
  );
  return bestOf(fits);
}

function fitFrom(
  annotations: Annotations,
  C: number,
  options: Resolved,
  rng: Rng,
): Omit<CommunitiesFit, "optima"> {
  const { items, annotators: R, classes: K, itemStart, annotator, label, weight, truth } = annotations;
  const posterior = shares(annotations);
  pinTruth(annotations, posterior);
  const membership = Float64Array.from({ length: R * C }, () => 0.1 - Math.log(1 - rng.uniform()));
  for (let l = 0; l < R; l++) normalise(membership, l * C, C, () => 1 / C);
  const prior = new Float64Array(K);
  const mixture = new Float64Array(C);
  /** `[communities, observed, true]`, and its logarithm. */
  const matrices = new Float64Array(C * K * K);
  let logMatrices = matrices;
  /** `[annotators, observed, true]`: the expected log-probability of an answer. */
  const expected = new Float64Array(R * K * K);
  /** `[annotators, observed, true]`: expected counts of answers. */
  const answers = new Float64Array(R * K * K);

  function count(): void {
    answers.fill(0);
    prior.fill(0);
    for (let i = 0; i < items; i++) {
      for (let k = 0; k < K; k++) prior[k] += posterior[i * K + k];
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const at = (annotator[n] * K + label[n]) * K;
        const w = weight ? weight[n] : 1;
        for (let k = 0; k < K; k++) answers[at + k] += w * posterior[i * K + k];
      }
    }
    normalise(prior, 0, K, () => 1 / K);
  }

  function maximisation(): void {
    matrices.fill(options.offDiagonal);
    mixture.fill(0);
    for (let c = 0; c < C; c++) {
      for (let k = 0; k < K; k++) matrices[(c * K + k) * K + k] = options.diagonal;
    }
    for (let l = 0; l < R; l++) {
      for (let c = 0; c < C; c++) {
        const share = membership[l * C + c];
        mixture[c] += share;
        for (let j = 0; j < K * K; j++) matrices[c * K * K + j] += share * answers[l * K * K + j];
      }
    }
    normalise(mixture, 0, C, () => 1 / C);
    for (let c = 0; c < C; c++) {
      for (let k = 0; k < K; k++) {
        let sum = 0;
        for (let y = 0; y < K; y++) sum += matrices[(c * K + y) * K + k];
        for (let y = 0; y < K; y++) {
          const at = (c * K + y) * K + k;
          matrices[at] = sum > 0 ? matrices[at] / sum : 1 / K;
        }
      }
    }
    logMatrices = matrices.map(logOf);
  }

  /** The posterior of the classes. @returns Σ of the log-normalisers */
  function inferItems(): number {
    expected.fill(0);
    for (let l = 0; l < R; l++) {
      for (let c = 0; c < C; c++) {
        const share = membership[l * C + c];
        for (let j = 0; j < K * K; j++) expected[l * K * K + j] += share * logMatrices[c * K * K + j];
      }
    }
    const logPrior = prior.map(logOf);
    let sum = 0;
    for (let i = 0; i < items; i++) {
      const row = i * K;
      for (let k = 0; k < K; k++) posterior[row + k] = logPrior[k];
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const at = (annotator[n] * K + label[n]) * K;
        const w = weight ? weight[n] : 1;
        for (let k = 0; k < K; k++) posterior[row + k] += w * expected[at + k];
      }
      const known = truth ? truth[i] : -1;
      sum += known >= 0 ? posterior[row + known] : normaliseLog(posterior, row, K);
      if (known >= 0) for (let k = 0; k < K; k++) posterior[row + k] = k === known ? 1 : 0;
    }
    return sum;
  }

  /** Σ_l Σ_c q (log τ_c − log q). */
  function boundOfMembers(): number {
    let sum = 0;
    for (let l = 0; l < R; l++) {
      for (let c = 0; c < C; c++) {
        const q = membership[l * C + c];
        if (q > 0) sum += q * (logOf(mixture[c]) - Math.log(q));
      }
    }
    return sum;
  }

  function inferMembers(): void {
    for (let l = 0; l < R; l++) {
      for (let c = 0; c < C; c++) {
        let sum = logOf(mixture[c]);
        for (let j = 0; j < K * K; j++) sum += answers[l * K * K + j] * logMatrices[c * K * K + j];
        membership[l * C + c] = sum;
      }
      normaliseLog(membership, l * C, C);
    }
  }

  function logPriorOfMatrices(): number {
    let sum = 0;
    for (let at = 0; at < matrices.length; at++) {
      const isRight = Math.floor(at / K) % K === at % K;
      const alpha = isRight ? options.diagonal : options.offDiagonal;
      if (alpha > 0) sum += alpha * logMatrices[at];
    }
    return sum;
  }

  count();
  maximisation();
  let logLikelihood = Number.NaN;
  const ended = maximise(labelsOf(annotations), options, () => {
    logLikelihood = inferItems() + boundOfMembers();
    const objective = logLikelihood + logPriorOfMatrices();
    count();
    inferMembers();
    maximisation();
    return objective;
  });

  const confusion = new Float64Array(R * K * K);
  const communityConfusion = transposed(matrices, K);
  for (let l = 0; l < R; l++) {
    for (let c = 0; c < C; c++) {
      const share = membership[l * C + c];
      for (let j = 0; j < K * K; j++) confusion[l * K * K + j] += share * communityConfusion[c * K * K + j];
    }
  }
  const ability = abilityOf(confusion, prior);
  return {
    ...{ posterior, labels: mostProbable(posterior, K), prior, confusion, ability, membership },
    ...{ communityConfusion, shares: mixture, logLikelihood, ...ended },
  };
}
