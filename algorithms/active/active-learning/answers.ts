/** @file The answers so far, and what they say of the items: one label each, or several by annotators who err. */

import {
  annotationsFrom,
  dawidSkene,
  type Items,
  majorityVote,
  oneCoin,
  yan,
} from "../../../src/crowds/index.js";
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
export const aggregates = ["dawid-skene", "one-coin", "majority-vote", "yan"] as const;

const models = {
  "dawid-skene": dawidSkene,
  "one-coin": oneCoin,
  "majority-vote": majorityVote,
} satisfies Record<Exclude<(typeof aggregates)[number], "yan">, unknown>;

/** What is believed of labelled items. */
export interface Beliefs {
  /** In the order in which they were first asked about. */
  readonly items: Int32Array;
  /** `[items, K]` */
  readonly targets: Float32Array;
  /** The probability of a right answer of annotators who have answered, about other items; of the aggregate yan. */
  readonly expertise?: Expertise;
}

export interface Expertise {
  /** The names of the annotators. */
  readonly annotators: readonly string[];
  /** `[items, annotators]` */
  of(items: ArrayLike<number>): Float64Array;
}

/**
 * The beliefs that follow from all answers. With several annotators they are those of a model of annotators, fitted anew:
 * new answers change what is believed of old items, so the labelled set is not only appended to [N §2.4].
 *
 * @param known items with certain labels
 * @param features of items, `[items, width]`, for the aggregate yan
 */
export function beliefsOf(
  answers: readonly Given[],
  known: { items: Int32Array; labels: Int32Array },
  classes: number,
  aggregate: (typeof aggregates)[number],
  features: (items: ArrayLike<number>) => Float32Array,
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
  const annotations = annotationsFrom(answers, { classes: names });
  if (aggregate !== "yan") {
    targets.set(models[aggregate](annotations).posterior, start);
    return { items, targets };
  }
  const asItems = (list: ArrayLike<number>): Items => {
    const rows = features(list);
    const width = rows.length / list.length;
    const columns = Array.from({ length: width }, (_, j) => `feature ${j + 1}`);
    return { names: Array.from(list, String), columns, features: rows };
  };
  const fit = yan(annotations, asItems(order), YAN);
  targets.set(fit.posterior, start);
  const expertise = {
    annotators: annotations.names.annotators,
    of: (list: ArrayLike<number>) => fit.expertise(asItems(list)),
  };
  return { items, targets, expertise };
}

/** Its own default lets expertise depend on the item only with hundreds of answers an annotator. */
const YAN = { expertiseL2: 1 };

/** The most probable class of each item. */
export const labelsIn = ({ items, targets }: Beliefs): Int32Array => {
  const classes = targets.length / Math.max(1, items.length);
  return items.map((_, i) => argmaxRow(targets, i * classes, classes));
};
