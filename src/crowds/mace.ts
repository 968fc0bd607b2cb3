/**
 * @file MACE [Hovy et al. 2013]: an annotator knows the class with probability θ_l, and otherwise answers by a habit of
 * their own, ξ_l, whatever the item.
 */

import * as z from "zod";
import { createRng, type Rng } from "../random/rng.js";
import { type Annotations, labelsOf } from "./annotations.js";
import {
  bestOf,
  emOptions,
  inferClasses,
  type LabelFit,
  matricesFit,
  maximise,
  mostProbable,
  optionsOf,
} from "./fit.js";
import { digamma, logGamma } from "./gamma.js";
import { logOf } from "./log-weights.js";
import { normalise } from "./majority-vote.js";

export const maceSchema = z.strictObject({
  competence: z.number().positive().default(0.5).describe("both pseudo-counts of the Beta prior of θ"),
  habit: z.number().min(0).default(0.01).describe("pseudo-count of each answer in ξ"),
  restarts: z.int().min(1).default(10).describe("number of fits from random posteriors; the best is kept"),
  seed: z.union([z.number(), z.string()]).default(0).describe("seed of the restarts"),
  ...emOptions,
  iterations: emOptions.iterations.default(50),
});

export type MaceOptions = z.input<typeof maceSchema>;
type Resolved = z.output<typeof maceSchema>;

export interface MaceFit extends LabelFit {
  /** `[annotators]`: the probability of a right answer, by knowledge or by luck. */
  readonly ability: Float64Array;
  /** `[annotators]`: θ, the posterior mean of the probability of knowing the class. */
  readonly competence: Float64Array;
  /** `[annotators, classes]`: ξ, the answers of one who does not know. */
  readonly habit: Float64Array;
  /** The objective of each restart. */
  readonly optima: readonly number[];
}

/**
 * Fits MACE with a variational Beta posterior of each θ_l, point estimates of ξ_l, and classes equally likely. The
 * objective is the bound of log p(labels) that the fit raises.
 *
 * @throws UsageError for invalid options
 */
export function mace(annotations: Annotations, options?: MaceOptions): MaceFit {
  const resolved = optionsOf("mace", maceSchema, options);
  const rng = createRng(resolved.seed);
  const fits = Array.from({ length: resolved.restarts }, (_, start) =>
    fitFrom(annotations, resolved, rng.stream("restart", start)),
  );
  return bestOf(fits);
}

function fitFrom(annotations: Annotations, options: Resolved, rng: Rng): Omit<MaceFit, "optima"> {
  const { items, annotators, classes: K, itemStart, annotator, label, weight } = annotations;
  const prior = new Float64Array(K).fill(1 / K);
  const posterior = new Float64Array(items * K);
  /** Expected numbers of answers by knowledge `[annotators]`, and by habit `[annotators, classes]`. */
  const known = new Float64Array(annotators);
  const habitual = new Float64Array(annotators * K);
  for (let n = 0; n < label.length; n++) {
    const share = rng.uniform();
    const w = weight ? weight[n] : 1;
    known[annotator[n]] += w * share;
    habitual[annotator[n] * K + label[n]] += w * (1 - share);
  }
  const spam = new Float64Array(annotators);
  const habit = new Float64Array(annotators * K);
  /** exp E[log θ] and exp E[log (1 − θ)]. */
  const [knows, guesses] = [new Float64Array(annotators), new Float64Array(annotators)];

  function maximisation(): void {
    for (let l = 0; l < annotators; l++) {
      spam[l] = 0;
      for (let y = 0; y < K; y++) {
        spam[l] += habitual[l * K + y];
        habit[l * K + y] = habitual[l * K + y] + options.habit;
      }
      normalise(habit, l * K, K, () => 1 / K);
      const total = digamma(known[l] + spam[l] + 2 * options.competence);
      knows[l] = Math.exp(digamma(known[l] + options.competence) - total);
      guesses[l] = Math.exp(digamma(spam[l] + options.competence) - total);
    }
  }

  /** E step, with new expected counts. @returns Σ log of the normalisers of the items */
  function expectation(): number {
    known.fill(0);
    habitual.fill(0);
    const guessed = (n: number) => guesses[annotator[n]] * habit[annotator[n] * K + label[n]];
    const sum = inferClasses(
      annotations,
      posterior,
      prior.map(Math.log),
      (n) => logOf(knows[annotator[n]] + guessed(n)),
      (n) => logOf(guessed(n)),
    );
    for (let i = 0; i < items; i++) {
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const l = annotator[n];
        const at = l * K + label[n];
        const w = weight ? weight[n] : 1;
        const byKnowledge = (posterior[i * K + label[n]] * knows[l]) / (knows[l] + guessed(n) || 1);
        known[l] += w * byKnowledge;
        habitual[at] += w * (1 - byKnowledge);
      }
    }
    return sum;
  }

  /** Σ log normalisers, less KL(q(θ) ‖ prior), plus the log prior of ξ without constants. */
  function bound(normalisers: number, before: { known: Float64Array; spam: Float64Array }): number {
    let sum = normalisers;
    const { competence: a } = options;
    for (let l = 0; l < annotators; l++) {
      const [p, q] = [before.known[l] + a, before.spam[l] + a];
      const [logKnows, logGuesses] = [digamma(p) - digamma(p + q), digamma(q) - digamma(p + q)];
      const kl =
        logGamma(p + q) -
        logGamma(p) -
        logGamma(q) -
        (logGamma(2 * a) - 2 * logGamma(a)) +
        (p - a) * logKnows +
        (q - a) * logGuesses;
      sum -= kl;
      for (let y = 0; y < K; y++) sum += options.habit * logOf(habit[l * K + y]);
    }
    return sum;
  }

  maximisation();
  let logLikelihood = Number.NaN;
  const ended = maximise(labelsOf(annotations), options, () => {
    const before = { known: known.slice(), spam: spam.slice() };
    logLikelihood = expectation();
    const objective = bound(logLikelihood, before);
    maximisation();
    return objective;
  });
  const competence = known.map(
    (count, l) => (count + options.competence) / (count + spam[l] + 2 * options.competence),
  );
  const answered = (l: number, k: number, y: number) =>
    (1 - competence[l]) * habit[l * K + y] + (y === k ? competence[l] : 0);
  const ability = new Float64Array(annotators);
  for (let l = 0; l < annotators; l++) {
    for (let k = 0; k < K; k++) ability[l] += answered(l, k, k) / K;
  }
  const confusion = matricesFit(annotations) ? new Float64Array(annotators * K * K) : undefined;
  confusion?.forEach((_, at) => {
    confusion[at] = answered(Math.floor(at / (K * K)), Math.floor(at / K) % K, at % K);
  });
  return {
    ...{ posterior, labels: mostProbable(posterior, K), prior, ability, competence, habit },
    ...(confusion && { confusion }),
    ...{ logLikelihood, ...ended },
  };
}
