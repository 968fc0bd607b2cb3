/** @file Annotations: the labels that several annotators gave to items, as arrays sorted by item. */

import { didYouMean, UsageError } from "../errors.js";

/** Labels of items. The labels of item i are those from `itemStart[i]` to `itemStart[i + 1]`. */
export interface Annotations {
  readonly items: number;
  readonly annotators: number;
  readonly classes: number;
  /** `[items + 1]` */
  readonly itemStart: Int32Array;
  /** `[labels]`: who gave the label. An annotator may label an item several times. */
  readonly annotator: Int32Array;
  /** `[labels]`: the class. */
  readonly label: Int32Array;
  /** `[labels]`: the weight of each label, at least 0; 1 each if absent. */
  readonly weight?: Float64Array;
  /** `[labels]`: how long each answer took (s), NaN where that is not known; absent where it is of none. */
  readonly seconds?: Float64Array;
  /** Rows that repeat another one, with the same item, annotator, label and, if given, time. They count; absent: none. */
  readonly duplicates?: number;
  /** `[items]`: the true class where it is known, −1 elsewhere. */
  readonly truth?: Int32Array;
  readonly names: AnnotationNames;
}

export interface AnnotationNames {
  readonly items: readonly string[];
  readonly annotators: readonly string[];
  readonly classes: readonly string[];
}

/** One answer. Names may be numbers. */
export interface AnnotationRow extends RowFacts {
  readonly item: string | number;
  readonly annotator: string | number;
  readonly label: string | number;
}

/** What a row may have besides. */
export interface RowFacts {
  /** At least 0; 1 if absent. */
  readonly weight?: number;
  /** How long the answer took (s), at least 0. */
  readonly seconds?: number;
  /** When it was given, in any form: rows that differ in it are no duplicates. */
  readonly at?: string | number;
}

export interface AnnotationOptions {
  /** The classes in order; unset: those of the labels, by number if all are numbers, else by name. */
  classes?: readonly (string | number)[];
  /** The true class by item, where it is known. Items without labels are added. */
  truth?: Readonly<Record<string, string | number>> | ReadonlyMap<string, string | number>;
}

/**
 * Annotations from rows, one a label, in any order. Items and annotators are numbered by their first row.
 *
 * @throws UsageError naming the row for a label outside the given classes or a weight or seconds that are negative or not
 * finite, and when there is no row
 */
export function annotationsFrom(rows: Iterable<AnnotationRow>, options: AnnotationOptions = {}): Annotations {
  const builder = new AnnotationsBuilder();
  for (const row of rows) builder.add(String(row.item), String(row.annotator), String(row.label), row);
  return builder.finish(options);
}

/** Numbers names by their first appearance. */
class Names {
  private readonly numbers = new Map<string, number>();
  readonly list: string[] = [];

  number(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}

/** A list of numbers that grows. */
class Column<A extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>> {
  private values: A;
  length: number;

  /** @param length number of entries that are `value` from the start */
  constructor(
    private readonly create: (length: number) => A,
    length = 0,
    value = 0,
  ) {
    this.values = create(Math.max(1024, 2 * length));
    this.values.fill(value, 0, length);
    this.length = length;
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = this.create(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  view(): A {
    return this.values.subarray(0, this.length) as A;
  }
}

const integers = (length: number) => new Int32Array(length);
const floats = (length: number) => new Float64Array(length);

/** Collects answers one by one, in 12 bytes each besides the names. */
export class AnnotationsBuilder {
  private readonly itemNames = new Names();
  private readonly annotatorNames = new Names();
  private readonly classNames = new Names();
  private readonly item = new Column(integers);
  private readonly annotator = new Column(integers);
  private readonly label = new Column(integers);
  /** By row; absent while no row has one. */
  private weights: Column<Float64Array<ArrayBuffer>> | undefined;
  private seconds: Column<Float64Array<ArrayBuffer>> | undefined;
  /** Numbers that tell times apart. */
  private times: Column<Int32Array<ArrayBuffer>> | undefined;

  /** @throws UsageError for a weight or seconds that are negative or not finite */
  add(item: string, annotator: string, label: string, { weight = 1, seconds, at }: RowFacts = {}): void {
    const before = this.item.length;
    requireAmount(weight, "weight is", before);
    if (seconds !== undefined) requireAmount(seconds, "seconds are", before);
    if (weight !== 1) this.weights ??= new Column(floats, before, 1);
    this.weights?.push(weight);
    if (seconds !== undefined) this.seconds ??= new Column(floats, before, Number.NaN);
    this.seconds?.push(seconds ?? Number.NaN);
    if (at !== undefined) this.times ??= new Column(integers, before);
    this.times?.push(at === undefined ? 0 : hashOf(String(at)));
    this.item.push(this.itemNames.number(item));
    this.annotator.push(this.annotatorNames.number(annotator));
    this.label.push(this.classNames.number(label));
  }

  /** @throws UsageError as {@link annotationsFrom} */
  finish({ classes: given, truth = {} }: AnnotationOptions = {}): Annotations {
    const rows = this.item.length;
    if (rows === 0) throw new UsageError("there are no annotations: give at least one row");
    const truths = truth instanceof Map ? truth : new Map(Object.entries(truth));
    const known = [...truths].map(([item, name]) => [this.itemNames.number(item), String(name)] as const);
    const classes =
      given?.map(String) ?? inOrder(new Set([...this.classNames.list, ...known.map(([, k]) => k)]));
    const numbers = new Map(classes.map((name, k) => [name, k]));
    const classOf = (name: string, where: () => string) => {
      const k = numbers.get(name);
      if (k !== undefined) return k;
      throw new UsageError(
        `${where()} is "${name}", which is not one of the classes ${classes.join(", ")}${didYouMean(name, classes)}`,
      );
    };
    const codes = this.label.view();
    const renumbered = this.classNames.list.map((name, code) =>
      classOf(name, () => `row ${codes.indexOf(code) + 1}: the label`),
    );

    const items = this.itemNames.list.length;
    const itemOf = this.item.view();
    const itemStart = new Int32Array(items + 1);
    for (let row = 0; row < rows; row++) itemStart[itemOf[row] + 1]++;
    for (let i = 0; i < items; i++) itemStart[i + 1] += itemStart[i];
    const sorted = <A extends Int32Array | Float64Array>(column: { view(): A }, to: A): A => {
      const [values, next] = [column.view(), itemStart.slice()];
      for (let row = 0; row < rows; row++) to[next[itemOf[row]]++] = values[row];
      return to;
    };
    const annotator = sorted(this.annotator, integers(rows));
    const label = sorted(this.label, integers(rows));
    for (let n = 0; n < rows; n++) label[n] = renumbered[label[n]];
    const time = this.times && sorted(this.times, integers(rows));
    const duplicates = duplicatesAmong(itemStart, this.annotatorNames.list.length, annotator, label, time);
    const truthOf = known.length > 0 ? new Int32Array(items).fill(-1) : undefined;
    for (const [item, name] of known) {
      truthOf![item] = classOf(name, () => `the truth of item "${this.itemNames.list[item]}"`);
    }
    return {
      ...{ items, annotators: this.annotatorNames.list.length, classes: classes.length },
      ...{ itemStart, annotator, label },
      ...(this.weights && { weight: sorted(this.weights, floats(rows)) }),
      ...(this.seconds && { seconds: sorted(this.seconds, floats(rows)) }),
      ...(duplicates > 0 && { duplicates }),
      ...(truthOf && { truth: truthOf }),
      names: { items: this.itemNames.list, annotators: this.annotatorNames.list, classes },
    };
  }
}

/** @throws UsageError unless a value of the row is finite and at least 0 */
function requireAmount(value: number, what: string, row: number): void {
  if (value >= 0 && Number.isFinite(value)) return;
  throw new UsageError(`row ${row + 1}: the ${what} ${value}; it must be a number, at least 0`);
}

/** A number of a text; those of two texts are alike by chance once in 4 · 10⁹ times [Fowler, Noll & Vo, FNV-1a]. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** The number of labels that have the annotator, the class and the time of one before of the same item. */
function duplicatesAmong(
  itemStart: Int32Array,
  annotators: number,
  annotator: Int32Array,
  label: Int32Array,
  time: Int32Array | undefined,
): number {
  let duplicates = 0;
  /** Where the last label of each annotator is. */
  const last = new Int32Array(annotators).fill(-1);
  for (let i = 0; i + 1 < itemStart.length; i++) {
    let seen: Set<string> | undefined;
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const name = (m: number) => `${annotator[m]} ${label[m]} ${time ? time[m] : ""}`;
      const before = last[annotator[n]];
      last[annotator[n]] = n;
      if (before < itemStart[i]) continue;
      seen ??= new Set();
      seen.add(name(before));
      if (seen.has(name(n))) duplicates++;
      seen.add(name(n));
    }
  }
  return duplicates;
}

/** Names by number if all are numbers, else by code point. */
function inOrder(names: ReadonlySet<string>): string[] {
  const list = [...names];
  const isNumber = list.every((name) => name.trim() !== "" && Number.isFinite(Number(name)));
  return isNumber ? list.sort((a, b) => Number(a) - Number(b)) : list.sort();
}

/** The number of labels. */
export const labelsOf = ({ label }: Annotations): number => label.length;

/** Labels by annotator: those of annotator l are from `start[l]` to `start[l + 1]`, in the order of the items. */
export interface LabelsByAnnotator {
  /** `[annotators + 1]` */
  readonly start: Int32Array;
  /** `[labels]`: the positions of the labels in the annotations. */
  readonly label: Int32Array;
  /** `[labels]`: their items. */
  readonly item: Int32Array;
}

export function byAnnotator({ items, annotators, itemStart, annotator }: Annotations): LabelsByAnnotator {
  const start = new Int32Array(annotators + 1);
  for (const l of annotator) start[l + 1]++;
  for (let l = 0; l < annotators; l++) start[l + 1] += start[l];
  const next = start.slice(0, annotators);
  const [label, item] = [new Int32Array(annotator.length), new Int32Array(annotator.length)];
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const at = next[annotator[n]]++;
      label[at] = n;
      item[at] = i;
    }
  }
  return { start, label, item };
}
