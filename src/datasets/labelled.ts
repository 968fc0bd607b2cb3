/** @file Labelled sets: items with features, images or texts, and their classes; and their division into pool and test. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";

/** Items to classify. Row i of the features is item i. */
export interface LabelledSet {
  /** `[items, width]` */
  readonly features: Float32Array;
  /** The shape of an item, whose product is the width: `[4]`, or `[channels, height, width]` of an image. */
  readonly shape: readonly number[];
  /** The names of the classes, in order of their numbers: all of them, also those that no label has. */
  readonly classes: readonly string[];
  /** `[items]`: the number of the class, −1 where it is unknown. Absent: nothing is known. */
  readonly labels?: Int32Array;
  /** The names of the items. */
  readonly names?: readonly string[];
  /** The texts that the features were made from. */
  readonly texts?: readonly string[];
  /** Ascending: the items that the files set apart for tests. */
  readonly test?: Int32Array;
}

/** Items that are asked about, that choose models, and that measure: no item is in two of them. */
export interface Split {
  readonly pool: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** Number of items. */
export const itemsIn = ({ features, shape }: Pick<LabelledSet, "features" | "shape">): number =>
  features.length / widthOf(shape);

/** Number of features of an item. */
export const widthOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/**
 * A labelled set, checked.
 *
 * @throws UsageError naming the item for a feature that is not finite or a label that is no class, and for arrays whose
 * lengths do not fit
 */
export function labelledSet(set: LabelledSet): LabelledSet {
  const { features, shape, classes, labels, names, texts, test } = set;
  const width = widthOf(shape);
  const refuse = (what: string): never => {
    throw new UsageError(`labelled set: ${what}`);
  };
  if (shape.length === 0 || !shape.every((size) => Number.isInteger(size) && size > 0)) {
    refuse(
      `the shape of an item is [${shape.join(", ")}]; it must be a list of sizes, such as [4] or [1, 28, 28]`,
    );
  }
  if (features.length === 0) refuse("there are no items");
  const items = features.length / width;
  if (!Number.isInteger(items)) {
    refuse(`${features.length} features are no whole number of items of the shape [${shape.join(", ")}]`);
  }
  if (classes.length < 2) refuse(`there must be at least 2 classes, not ${classes.length}`);
  const twice = classes.find((name, k) => classes.indexOf(name) !== k);
  if (twice !== undefined) refuse(`the class "${twice}" is there twice`);
  for (const [what, list] of Object.entries({ labels, names, texts })) {
    if (list && list.length !== items) refuse(`there are ${list.length} ${what} for ${items} items`);
  }
  for (let n = 0; n < features.length; n++) {
    if (Number.isFinite(features[n])) continue;
    refuse(
      `item ${Math.floor(n / width)}: feature ${n % width} is ${features[n]}; it must be a finite number`,
    );
  }
  labels?.forEach((y, i) => {
    if (y < -1 || y >= classes.length) {
      refuse(
        `item ${i}: its label is ${y}; it must be a class from 0 to ${classes.length - 1}, or −1 if unknown`,
      );
    }
  });
  if (test) checkRows(test, items, "test");
  return set;
}

/**
 * The set, checked, with these classes in place of those that its labels have.
 *
 * @param classes the names of all classes; unset: those of the set
 * @throws UsageError for a label that is none of them, for fewer than two, and as {@link labelledSet}
 */
export function withClasses(set: LabelledSet, classes?: readonly string[]): LabelledSet {
  const { labels, classes: own } = set;
  const all = classes ?? own;
  const unknown = own.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`the label "${unknown}" is none of the classes ${all.join(", ")}`);
  }
  if (all.length < 2) {
    throw new UsageError(
      `${own.length === 0 ? "no item has a label" : `all labels are "${own[0]}"`}: name the classes, with the option classes`,
    );
  }
  const numbers = own.map((name) => all.indexOf(name));
  return labelledSet({
    ...set,
    classes: all,
    ...(labels && { labels: labels.map((y) => numbers[y] ?? y) }),
  });
}

/** The features of some items, `[rows, width]`. */
export function featuresOf({ features, shape }: LabelledSet, rows: ArrayLike<number>): Float32Array {
  const width = widthOf(shape);
  const out = new Float32Array(rows.length * width);
  for (let n = 0; n < rows.length; n++) {
    const from = rows[n] * width;
    out.set(features.subarray(from, from + width), n * width);
  }
  return out;
}

/** Sizes of a split: numbers of items, or shares of all items where below 1. */
export interface SplitOptions {
  /** Items for the test, if the files have set none apart. */
  test: number;
  validation: number;
}

/**
 * Divides a set at random. Items without a label are only in the pool. The test items of the files stay what they are.
 *
 * @throws UsageError where a part would be empty
 */
export function splitLabelled(set: LabelledSet, { test, validation }: SplitOptions, rng: Rng): Split {
  const items = itemsIn(set);
  const isKnown = (i: number) => set.labels !== undefined && set.labels[i] >= 0;
  const apart = new Set(set.test);
  const rest = Int32Array.from({ length: items }, (_, i) => i).filter((i) => !apart.has(i));
  const known = rng.shuffle(rest.filter(isKnown));
  const sizeOf = (part: number) => (part < 1 ? Math.round(part * items) : part);
  const tests = set.test ? 0 : Math.min(sizeOf(test), known.length);
  const validations = Math.min(sizeOf(validation), known.length - tests);
  const taken = known.subarray(0, tests + validations);
  const out = new Set(taken);
  const split = {
    test: set.test ?? known.slice(0, tests).sort(),
    validation: known.slice(tests, tests + validations).sort(),
    pool: rest.filter((i) => !out.has(i)),
  };
  if (split.pool.length === 0) {
    throw new UsageError(
      `of ${items} items, ${split.test.length} are for the test and ${split.validation.length} for the validation: ` +
        "nothing is left to ask about; make these parts smaller",
    );
  }
  return split;
}

/** @throws UsageError for an item in two parts or twice in one, and for a row that is no item */
export function checkSplit(set: LabelledSet, split: Split): void {
  const items = itemsIn(set);
  const partOf = new Map<number, string>();
  for (const part of ["pool", "validation", "test"] as const) {
    checkRows(split[part], items, part);
    for (const i of split[part]) {
      const other = partOf.get(i);
      if (other !== undefined) {
        throw new UsageError(
          `item ${i} is in ${other === part ? `${part} twice` : `${other} and in ${part}`}: ` +
            "what is measured on items that were learnt from means nothing",
        );
      }
      partOf.set(i, part);
    }
  }
}

function checkRows(rows: Int32Array, items: number, part: string): void {
  const wrong = rows.find((i) => i < 0 || i >= items);
  if (wrong !== undefined) {
    throw new UsageError(`${part} has the item ${wrong}; the items are numbered from 0 to ${items - 1}`);
  }
}
