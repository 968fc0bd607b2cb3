/**
 * @file How far each annotator of comparisons is trusted: by consistency with oneself where a pair was asked again, and by
 * agreement with others, with the one-coin model [N §2.1].
 */

import { annotationsFrom } from "../../../src/crowds/annotations.js";
import { dawidSkene } from "../../../src/crowds/dawid-skene.js";
import { oneCoin } from "../../../src/crowds/one-coin.js";
import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import type { Comparison, Preferences } from "../../../src/datasets/preferences.js";
import { quantile } from "../../../src/diagnostics/statistics.js";

export interface AnnotatorReport {
  readonly annotator: string;
  readonly answers: number;
  readonly skipped: number;
  /** Share of equal and neither among the answers. */
  readonly ties: number;
  /** Share of left among the choices of a side. */
  readonly left: number;
  /** Number of pairs that this annotator was asked again, and the share with the same answer; NaN for none. */
  readonly repeated: number;
  readonly consistency: number;
  /** Number of the answers' pairs that others answered too. */
  readonly shared: number;
  /** Probability of the right answer, by agreement; ½ where nothing is known. */
  readonly ability: number;
  /** The weight of the annotator's answers, in [0, 1]: 2 · ability − 1, and 0 for less. */
  readonly weight: number;
  /** Median response time (s); NaN where none is recorded. */
  readonly seconds: number;
}

/** The name of answers without one. */
const NOBODY = "(no name)";

/** Right and wrong answers that each annotator starts with: an annotator of few answers is trusted halfway. */
const SMOOTHING = { right: 3, wrong: 1 };

/** A pair in either order, and its winner: the same for the same answer to a question and to its repetition. */
const itemOf = ({ left, right }: Comparison) => `${Math.min(left, right)}/${Math.max(left, right)}`;

function labelOf({ choice, left, right }: Comparison): string | undefined {
  if (choice !== "left" && choice !== "right") return undefined;
  const winner = choice === "left" ? left : right;
  return winner === Math.min(left, right) ? "first" : "second";
}

/** Reports of the annotators, in order of their names. */
export function annotatorReports({ comparisons }: Pick<Preferences, "comparisons">): AnnotatorReport[] {
  const rows = comparisons.flatMap((comparison) => {
    const label = labelOf(comparison);
    const annotator = comparison.annotator ?? NOBODY;
    return label === undefined ? [] : [{ item: itemOf(comparison), annotator, label }];
  });
  const names = [...new Set(comparisons.map(({ annotator = NOBODY }) => annotator))].sort();
  const people = new Map<string, Set<string>>();
  for (const { item, annotator } of rows) people.set(item, (people.get(item) ?? new Set()).add(annotator));
  const isShared = (item: string) => people.get(item)!.size > 1;
  // Pairs that one annotator alone answered say nothing about ability.
  const common = rows.filter(({ item }) => isShared(item));
  const annotations =
    common.length > 0 ? annotationsFrom(common, { classes: ["first", "second"] }) : undefined;
  const fit = annotations && oneCoin(annotations, { smoothing: SMOOTHING });
  const abilities = new Map(annotations?.names.annotators.map((name, l) => [name, fit!.ability[l]]));
  return names.map((annotator) => {
    const own = comparisons.filter(({ annotator: by = NOBODY }) => by === annotator);
    const answered = own.filter(({ choice }) => choice !== "skipped");
    const decided = rows.filter(({ annotator: by }) => by === annotator);
    const { repeated, consistency } = consistencyOf(decided);
    const known = abilities.get(annotator);
    const ability = known ?? abilityOf(repeated, consistency);
    return {
      annotator,
      answers: answered.length,
      skipped: own.length - answered.length,
      ties: (answered.length - decided.length) / Math.max(1, answered.length),
      left: own.filter(({ choice }) => choice === "left").length / Math.max(1, decided.length),
      repeated,
      consistency,
      shared: decided.filter(({ item }) => isShared(item)).length,
      ability,
      weight: Math.max(0, 2 * ability - 1),
      seconds: medianOf(answered.flatMap(({ seconds }) => seconds ?? [])),
    };
  });
}

/** The fewest decided answers of which all being on one side tells something: 1 in 512 by chance. */
const ONE_SIDED = 10;

/** Warnings about named annotators who always chose the same side. Pairs of a file do not say which side was shown where. */
export function oneSidedWarnings(preferences: Pick<Preferences, "comparisons" | "provenance">): string[] {
  if (preferences.provenance?.from !== undefined) return [];
  const sides = new Map<string, { left: number; right: number }>();
  for (const { annotator, choice } of preferences.comparisons) {
    if (annotator === undefined || (choice !== "left" && choice !== "right")) continue;
    const counts = sides.get(annotator) ?? { left: 0, right: 0 };
    counts[choice]++;
    sides.set(annotator, counts);
  }
  return [...sides]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([annotator, { left, right }]) => {
      if (left + right < ONE_SIDED || (left > 0 && right > 0)) return [];
      const side = left > 0 ? "left" : "right";
      return `all choices of ${annotator} are ${side}: they may say nothing about the segments`;
    });
}

/** How often an annotator gave the same answer to a pair again. */
function consistencyOf(rows: readonly { item: string; label: string }[]) {
  const first = new Map<string, string>();
  let [repeated, same] = [0, 0];
  for (const { item, label } of rows) {
    const before = first.get(item);
    if (before === undefined) first.set(item, label);
    else {
      repeated++;
      if (before === label) same++;
    }
  }
  return { repeated, consistency: same / repeated };
}

/**
 * The ability a of an annotator whom nobody can be compared with: who is right with probability a in every answer answers
 * alike with probability a² + (1 − a)².
 */
function abilityOf(repeated: number, consistency: number): number {
  const { right, wrong } = SMOOTHING;
  const start = right / (right + wrong);
  const expected = start ** 2 + (1 - start) ** 2;
  const share =
    ((right + wrong) * expected + (repeated > 0 ? repeated * consistency : 0)) / (right + wrong + repeated);
  return (1 + Math.sqrt(Math.max(0, 2 * share - 1))) / 2;
}

const medianOf = (values: readonly number[]) => (values.length > 0 ? quantile(values, 0.5) : Number.NaN);

/** The weights of annotators by name. */
export type Trust = Readonly<Record<string, number>>;

/**
 * Models of annotators. agreement: right with one probability [N §2.1]; dawid-skene: with a probability for each side, so
 * that a habit of one side is told from errors [Dawid & Skene 1979].
 */
export type TrustModel = "agreement" | "dawid-skene";

/**
 * The weights of the annotators of comparisons: 0 for chance, 1 for those who are always right. Those of dawid-skene are
 * P(says left | left) − P(says left | right), which is 0 for all answers that do not depend on the segments.
 */
export function trustIn(
  preferences: Pick<Preferences, "comparisons">,
  model: TrustModel = "agreement",
): Trust {
  const trust = Object.fromEntries(
    annotatorReports(preferences).map(({ annotator, weight }) => [annotator, weight]),
  );
  if (model === "agreement") return trust;
  const sides = preferences.comparisons.flatMap(({ id, annotator = NOBODY, choice }) =>
    choice === "left" || choice === "right" ? [{ item: String(id), annotator, label: choice }] : [],
  );
  const answers = new Map<string, number>();
  for (const { item } of sides) answers.set(item, (answers.get(item) ?? 0) + 1);
  const common = sides.filter(({ item }) => answers.get(item)! > 1);
  if (common.length === 0) return trust;
  const annotations = annotationsFrom(common, { classes: ["left", "right"] });
  // Of each side: the annotators start with as many right and wrong answers as for one probability.
  const smoothing = { diagonal: SMOOTHING.right / 2, offDiagonal: SMOOTHING.wrong / 2 };
  const { confusion } = dawidSkene(annotations, { smoothing });
  for (const [l, name] of annotations.names.annotators.entries()) {
    trust[name] = Math.max(0, confusion[4 * l] + confusion[4 * l + 3] - 1);
  }
  return trust;
}

/** The preferences with the weight of each comparison multiplied by that of its annotator. */
export const weighPreferences = (
  preferences: Preferences,
  trust: Trust = trustIn(preferences),
): Preferences => ({
  ...preferences,
  comparisons: preferences.comparisons.map((comparison) => ({
    ...comparison,
    weight: (comparison.weight ?? 1) * (trust[comparison.annotator ?? NOBODY] ?? 1),
  })),
});

/**
 * The demonstrations with the weight of each episode multiplied by that of its expert. Corrections are demonstrations of
 * the person who corrected; episodes of experts without a weight keep theirs.
 */
export const weighDemonstrations = (demonstrations: Demonstrations, trust: Trust): Demonstrations => ({
  ...demonstrations,
  trajectories: demonstrations.trajectories.map((trajectory) => ({
    ...trajectory,
    weight:
      (trajectory.weight ?? 1) * (trajectory.expert === undefined ? 1 : (trust[trajectory.expert] ?? 1)),
  })),
});
