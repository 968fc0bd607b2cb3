/**
 * @file Dawid and Skene's model [Dawid & Skene 1979] [N §2.1, eq. 30–34]: each annotator l answers y to an item of class
 * k with probability π^l_ky, whatever the item.
 */

import * as z from "zod";
import { createRng, type Rng } from "../random/rng.js";
import { type Annotations, labelsOf } from "./annotations.js";
import { addBlocks, blocksOf, createExpectation, expectBlock } from "./expectation.js";
import {
  abilityOf,
  bestOf,
  emOptions,
  type LabelFit,
  maximise,
  mostProbable,
  optionsOf,
  pinTruth,
  requireMatrices,
  transposed,
} from "./fit.js";
import { logOf } from "./log-weights.js";
import { majorityVote, normalise, shares } from "./majority-vote.js";
import { startThreads } from "./threads.js";

const pseudoCount = () => z.number().min(0);

export const dawidSkeneSchema = z.strictObject({
  smoothing: z
    .strictObject({
      diagonal: pseudoCount()
        .default(0.5)
        .describe("right answers that each row of a confusion matrix starts with"),
      offDiagonal: pseudoCount().default(0.05).describe("wrong answers of each class that it starts with"),
      prior: pseudoCount().default(0).describe("items of each class that the prior starts with"),
    })
    .or(z.literal(0).transform(() => ({ diagonal: 0, offDiagonal: 0, prior: 0 })))
    .prefault({})
    .describe("Dirichlet pseudo-counts (the fit is then of largest posterior); 0: largest likelihood"),
  init: z
    .enum(["votes", "majority"])
    .default("votes")
    .describe("the first posterior: the shares of an item's labels, or their majority"),
  starts: z
    .int()
    .min(1)
    .default(1)
    .describe(
      "number of fits: from `init`, then from the other one, then from random posteriors; the best is kept",
    ),
  seed: z.union([z.number(), z.string()]).default(0).describe("seed of random starts"),
  workers: z
    .int()
    .min(1)
    .default(1)
    .describe("number of threads (Node.js), with the same result; small sets use fewer"),
  ...emOptions,
});

export type DawidSkeneOptions = z.input<typeof dawidSkeneSchema>;
type Resolved = z.output<typeof dawidSkeneSchema>;

export interface DawidSkeneFit extends LabelFit {
  readonly confusion: Float64Array;
  readonly ability: Float64Array;
  /** The objective of each start. Different ones are different optima: the answer depends on the start. */
  readonly optima: readonly number[];
}

/**
 * Fits Dawid and Skene's model by expectation maximisation. Items whose truth is known keep it in every step. Annotators
 * without labels, and classes that nobody's items have, have the rows that the pseudo-counts give, or uniform ones.
 *
 * @throws UsageError for invalid options, and for more annotators × classes² than fit in memory
 */
export function dawidSkene(annotations: Annotations, options?: DawidSkeneOptions): DawidSkeneFit {
  const resolved = optionsOf("dawidSkene", dawidSkeneSchema, options);
  requireMatrices("dawidSkene", annotations);
  const rng = createRng(resolved.seed);
  return withSteps(annotations, resolved, (step) => {
    const fits = Array.from({ length: resolved.starts }, (_, start) => {
      const first = firstPosterior(annotations, resolved, start, rng.stream("start", start));
      return fitFrom(first, annotations, resolved, step);
    });
    return bestOf(fits);
  });
}

/**
 * A fit that starts from confusion matrices.
 *
 * @param confusionOf `[true, observed]` of an annotator; undefined: that of the pseudo-counts
 * @param prior of the classes; uniform if unset
 */
export function fitFromConfusion(
  annotations: Annotations,
  confusionOf: (annotator: number) => Float64Array | undefined,
  prior: Float64Array | undefined,
  options?: DawidSkeneOptions,
): DawidSkeneFit {
  const resolved = optionsOf("dawidSkene", dawidSkeneSchema, options);
  requireMatrices("dawidSkene", annotations);
  const { annotators, classes: K } = annotations;
  const nobody = { classes: new Float64Array(K), answers: new Float64Array(annotators * K * K) };
  const { confusion } = parametersOf(annotations, nobody, resolved);
  for (let l = 0; l < annotators; l++) {
    const own = confusionOf(l);
    if (own) confusion.set(transposed(own, K), l * K * K);
  }
  const start = { prior: prior ?? new Float64Array(K).fill(1 / K), confusion };
  return withSteps(annotations, resolved, (step) => {
    step.infer(start);
    return bestOf([fitFrom(step.posterior(), annotations, resolved, step)]);
  });
}

function firstPosterior(annotations: Annotations, { init }: Resolved, start: number, rng: Rng): Float64Array {
  const soft = (start === 0) === (init === "votes");
  if (start < 2) return soft ? shares(annotations) : majorityVote(annotations, { ties: "first" }).posterior;
  const posterior = shares(annotations);
  const { items, classes } = annotations;
  for (let i = 0; i < posterior.length; i++)
    posterior[i] = 0.5 * posterior[i] - 0.5 * Math.log(1 - rng.uniform());
  for (let i = 0; i < items; i++) normalise(posterior, i * classes, classes, () => 1 / classes);
  return posterior;
}

/** The parameters: `confusion` is `[annotators, observed, true]`, in the order in which labels read it. */
interface Parameters {
  prior: Float64Array;
  confusion: Float64Array;
}

/** The E step, in one thread or several. */
interface Steps {
  /** Infers the classes of items. @returns the log-likelihood of the parameters, and the counts */
  infer(parameters: Parameters): { logLikelihood: number; counts: Counts };
  /** A copy of what was inferred last. */
  posterior(): Float64Array;
}

/** Calls `run` with an E step, whose threads end when it returns or throws. */
function withSteps<T>(annotations: Annotations, { workers }: Resolved, run: (step: Steps) => T): T {
  const threads = workers > 1 ? startThreads(annotations, workers) : undefined;
  const expectation = threads?.expectation ?? createExpectation(annotations);
  const expectAll =
    threads?.expectAll ??
    (() => {
      for (let block = 0; block < blocksOf(annotations); block++) expectBlock(expectation, block);
    });
  const { logPrior, logConfusion, posterior } = expectation;
  const counts = {
    classes: new Float64Array(logPrior.length),
    answers: new Float64Array(logConfusion.length),
  };
  try {
    return run({
      infer({ prior, confusion }) {
        expectation.prior.set(prior);
        expectation.confusion.set(confusion);
        for (let k = 0; k < prior.length; k++) logPrior[k] = logOf(prior[k]);
        for (let j = 0; j < confusion.length; j++) logConfusion[j] = logOf(confusion[j]);
        expectAll();
        return { logLikelihood: addBlocks(expectation, counts), counts };
      },
      posterior: () => posterior.slice(),
    });
  } finally {
    threads?.end();
  }
}

function fitFrom(
  first: Float64Array,
  annotations: Annotations,
  options: Resolved,
  step: Steps,
): Omit<DawidSkeneFit, "optima"> {
  const K = annotations.classes;
  pinTruth(annotations, first);
  let parameters = parametersOf(annotations, countsOf(annotations, first), options);
  let logLikelihood = Number.NaN;
  const ended = maximise(labelsOf(annotations), options, () => {
    const now = parameters;
    const inferred = step.infer(now);
    logLikelihood = inferred.logLikelihood;
    parameters = parametersOf(annotations, inferred.counts, options);
    return logLikelihood + logPrior(now, annotations, options);
  });
  const { prior } = parameters;
  const posterior = step.posterior();
  const confusion = transposed(parameters.confusion, K);
  return {
    posterior,
    labels: mostProbable(posterior, K),
    prior,
    confusion,
    ability: abilityOf(confusion, prior),
    logLikelihood,
    ...ended,
  };
}

/** Expected counts: of classes among items, and of answers, `[annotators, observed, true]`. */
interface Counts {
  classes: Float64Array;
  answers: Float64Array;
}

/** The counts of a posterior. */
export function countsOf(
  { items, annotators, classes: K, ...rest }: Annotations,
  posterior: Float64Array | Float32Array,
): Counts {
  const { itemStart, annotator, label, weight } = rest;
  const counts = { classes: new Float64Array(K), answers: new Float64Array(annotators * K * K) };
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < K; k++) counts.classes[k] += posterior[i * K + k];
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const to = (annotator[n] * K + label[n]) * K;
      const w = weight ? weight[n] : 1;
      for (let k = 0; k < K; k++) counts.answers[to + k] += w * posterior[i * K + k];
    }
  }
  return counts;
}

/** M step [N eq. 31, 32]: π^l_ky and p_k, proportional to counts plus pseudo-counts. */
export function parametersOf(
  { annotators, classes: K }: Annotations,
  { classes, answers }: Counts,
  { smoothing: { diagonal, offDiagonal, prior: pseudo } }: Pick<Resolved, "smoothing">,
): Parameters {
  const prior = classes.map((mass) => mass + pseudo);
  normalise(prior, 0, K, () => 1 / K);
  const confusion = new Float64Array(annotators * K * K);
  for (let l = 0; l < annotators; l++) {
    for (let k = 0; k < K; k++) {
      let sum = diagonal + (K - 1) * offDiagonal;
      for (let y = 0; y < K; y++) sum += answers[(l * K + y) * K + k];
      for (let y = 0; y < K; y++) {
        const at = (l * K + y) * K + k;
        confusion[at] = sum > 0 ? (answers[at] + (y === k ? diagonal : offDiagonal)) / sum : 1 / K;
      }
    }
  }
  return { prior, confusion };
}

/** Σ α log π of the pseudo-counts α, without constants. */
function logPrior(
  { prior, confusion }: Parameters,
  { annotators, classes: K }: Annotations,
  { smoothing: { diagonal, offDiagonal, prior: pseudo } }: Resolved,
): number {
  let sum = 0;
  if (pseudo > 0) for (const p of prior) sum += pseudo * logOf(p);
  if (diagonal === 0 && offDiagonal === 0) return sum;
  for (let l = 0; l < annotators; l++) {
    for (let y = 0; y < K; y++) {
      for (let k = 0; k < K; k++) {
        const alpha = y === k ? diagonal : offDiagonal;
        if (alpha > 0) sum += alpha * logOf(confusion[(l * K + y) * K + k]);
      }
    }
  }
  return sum;
}
