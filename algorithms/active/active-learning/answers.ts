/** @file The answers so far, and what they say of the items: one label each, or several by annotators who err. */

import { annotationsFrom, dawidSkene, majorityVote, oneCoin } from "../../../src/crowds/index.js";
import { argmaxRow } from "../../../src/mdp/tables.js";

/** An answer. Plain data. */
export interface Given {
  /** The number of the question. */
  id: number;
  item: number;
  label: number;
  annotator: string;
  /** Response time (s), if it is known. */
  seconds?: number;
}

/** How several answers about an item become one belief. */
export const aggregates = ["dawid-skene", "one-coin", "majority-vote"] as const;

const models = {
  "dawid-skene": dawidSkene,
  "one-coin": oneCoin,
  "majority-vote": majorityVote,
} satisfies Record<(typeof aggregates)[number], unknown>;

/** What is believed of labelled items. */
export interface Beliefs {
  /** In the order in which they were first asked about. */
  readonly items: Int32Array;
  /** `[items, K]` */
  readonly targets: Float32Array;
}

/**
 * The beliefs that follow from all answers. With several annotators they are those of a model of annotators, fitted anew:
 * new answers change what is believed of old items, so the labelled set is not only appended to [N §2.4].
 *
 * @param known items with certain labels
 */
export function beliefsOf(
  answers: readonly Given[],
  known: { items: Int32Array; labels: Int32Array },
  classes: number,
  aggregate: (typeof aggregates)[number],
): Beliefs {
  const order = [...new Set(answers.map(({ item }) => item))];
  const items = Int32Array.from([...known.items, ...order]);
  const targets = new Float32Array(items.length * classes);
  known.labels.forEach((label, i) => {
    targets[i * classes + label] = 1;
  });
  const start = known.items.length * classes;
  if (answers.length === 0) return { items, targets };
  const isSingle =
    order.length === answers.length && new Set(answers.map(({ annotator }) => annotator)).size === 1;
  if (isSingle) {
    for (const [i, { label }] of answers.entries()) targets[start + i * classes + label] = 1;
    return { items, targets };
  }
  const names = Array.from({ length: classes }, (_, k) => String(k));
  // Items are numbered by their first row, as above.
  const { posterior } = models[aggregate](annotationsFrom(answers, { classes: names }));
  targets.set(posterior, start);
  return { items, targets };
}

/** The most probable class of each item. */
export const labelsIn = ({ items, targets }: Beliefs): Int32Array => {
  const classes = targets.length / Math.max(1, items.length);
  return items.map((_, i) => argmaxRow(targets, i * classes, classes));
};
