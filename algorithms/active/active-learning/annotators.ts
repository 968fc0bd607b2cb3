/** @file Simulated annotators, and whom to ask: every question goes to one of them, or of the people of a labeller. */

import type { Labeller } from "../../../src/people/index.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Given } from "./answers.js";
import type { Resolved } from "./options.js";

const annotatorName = (_: number, index: number): string => `annotator ${index + 1}`;

/**
 * The names of the annotators of whom one is chosen for each question: the simulated ones; or the people of a labeller,
 * if the options ask for several answers, for other people or for a choice. Undefined: whoever is there answers.
 */
export function chosenAmong(options: Resolved): readonly string[] | undefined {
  const { labeller, annotators = [1], answersPerItem, relabel, annotatorChoice, annotatorCosts } = options;
  if (!labeller) return annotators.map(annotatorName);
  const isChoice = answersPerItem > 1 || relabel > 0 || annotatorChoice !== "random" || annotatorCosts;
  return isChoice ? labeller.annotators : undefined;
}

/**
 * Annotators who know the truth and err: each with the probability of the right class that `accuracy` gives, and any
 * other class alike. Their chance depends on the annotator and the item alone, so that a question that is asked again has
 * the same answer.
 *
 * @param accuracy the share of right answers of an annotator, about an item
 * @param truth the class of an item
 */
export function simulatedAnnotators({
  names,
  accuracy,
  classes,
  truth,
  rng,
}: {
  names: readonly string[];
  accuracy(annotator: number, item: number): number;
  classes: number;
  truth(item: number): number;
  rng: Rng;
}): Labeller<"label"> {
  return {
    kind: `${names.length} simulated annotators`,
    asks: "label",
    annotators: names,
    async *label({ queries }) {
      yield queries.map((question) => {
        const annotator = question.for!;
        const number = names.indexOf(annotator);
        const own = rng.stream(annotator, question.item);
        const right = truth(question.item);
        const isRight = own.uniform() < accuracy(number, question.item);
        const label = isRight ? right : (right + 1 + own.integer(classes - 1)) % classes;
        return { id: question.id, label, annotator };
      });
    },
  };
}

/** How the annotator of a question is chosen. */
export const annotatorChoices = [
  "random",
  "least-loaded",
  "interval-estimation",
  "thompson",
  "yan",
  "yan-joint",
] as const;
export type AnnotatorChoice = (typeof annotatorChoices)[number];

/** How often each annotator agrees with what is believed, of how many answers. */
export interface Agreements {
  readonly agrees: Float64Array;
  readonly answers: Float64Array;
}

/** What is known of the annotators when one is chosen. */
export interface Known extends Agreements {
  /** What an answer that is right with this probability is worth, for its cost. */
  worth(annotator: number, probability: number): number;
  /** `[annotators]`: the probability of a right answer about this item, of the model of Yan; absent before its first fit. */
  readonly expertise?: ArrayLike<number>;
  /** Least probability of asking at random. */
  readonly exploration: number;
}

/** The records of annotators, from answers and from the belief about each item. */
export function recordsOf(
  answers: readonly Given[],
  believed: (item: number) => number,
  annotators: readonly string[],
): Agreements {
  const [agrees, counts] = [new Float64Array(annotators.length), new Float64Array(annotators.length)];
  const numbers = new Map(annotators.map((name, a) => [name, a]));
  for (const { item, label, annotator } of answers) {
    const a = numbers.get(annotator);
    if (a === undefined) continue;
    counts[a]++;
    if (believed(item) === label) agrees[a]++;
  }
  return { agrees, answers: counts };
}

/** Quantiles .95 of Student's t by degrees of freedom, from 1; 1.645 beyond [Donmez et al. 2009 take the 95 % bound]. */
const T95 = [
  6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753,
];

/**
 * Upper bounds of the share of right answers: the mean and t s / √n of agreements, with one agreement and one
 * disagreement more, so that an annotator without answers has a wide interval [Donmez et al. 2009, eq. 2].
 */
function upperBounds({ agrees, answers }: Agreements): Float64Array {
  return agrees.map((right, a) => {
    const n = answers[a] + 2;
    const mean = (right + 1) / n;
    const deviation = Math.sqrt((mean * (1 - mean) * n) / (n - 1));
    return mean + ((T95[n - 2] ?? 1.645) * deviation) / Math.sqrt(n);
  });
}

/** Annotators with an upper bound of at least this share of the best are asked [Donmez et al. 2009, §3]. */
const NEAR_BEST = 0.9;

/**
 * The annotator to ask, among those who may be.
 *
 * - `random`: each as often;
 * - `least-loaded`: the one with the fewest answers;
 * - `interval-estimation`: one of those whose upper bound is near the best [Donmez et al. 2009];
 * - `thompson`: the best of one draw each from Beta(1 + agreements, 1 + disagreements) [Thompson 1933];
 * - `yan`, `yan-joint`: the one who is right about this item with the largest probability [Yan et al. 2011]; with R
 *   annotators and n answers one of them at random with probability R / (R + n), and never less than `exploration`,
 *   because an annotator who is not asked is not known.
 *
 * Where annotators have costs, the best is the one whose answer is worth most for its cost.
 */
export function chooseAnnotator(
  choice: AnnotatorChoice,
  may: readonly number[],
  records: Known,
  rng: Rng,
): number {
  const best = (score: (a: number) => number) =>
    may.reduce((first, a) => (score(a) > score(first) ? a : first), may[0]);
  switch (choice) {
    case "random":
      return may[rng.integer(may.length)];
    case "least-loaded":
      return best((a) => -records.answers[a]);
    case "interval-estimation": {
      const bounds = upperBounds(records).map((bound, a) => records.worth(a, bound));
      const most = Math.max(...may.map((a) => bounds[a]));
      const near = may.filter((a) => bounds[a] >= NEAR_BEST * most);
      return near[rng.integer(near.length)];
    }
    case "thompson": {
      const draws = new Map(
        may.map((a) => [a, beta(1 + records.agrees[a], 1 + records.answers[a] - records.agrees[a], rng)]),
      );
      return best((a) => records.worth(a, draws.get(a)!));
    }
    case "yan":
    case "yan-joint": {
      const { answers, expertise, exploration } = records;
      const total = answers.reduce((a, b) => a + b, 0);
      const isRandom = rng.uniform() < Math.max(exploration, answers.length / (answers.length + total));
      if (isRandom || !expertise) return may[rng.integer(may.length)];
      return best((a) => records.worth(a, expertise[a]));
    }
  }
}

/** A number from Beta(a, b), of two gamma numbers [Marsaglia & Tsang 2000], a, b ≥ 1. */
function beta(a: number, b: number, rng: Rng): number {
  const gamma = (shape: number): number => {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = rng.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const [x, y] = [gamma(a), gamma(b)];
  return x / (x + y);
}
