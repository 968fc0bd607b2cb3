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
export interface AnnotationRow {
  readonly item: string | number;
  readonly annotator: string | number;
  readonly label: string | number;
  /** At least 0; 1 if absent. */
  readonly weight?: number;
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
 * @throws UsageError naming the row for a label outside the given classes or a weight that is negative or not finite,
 * and when there is no row
 */
export function annotationsFrom(rows: Iterable<AnnotationRow>, options: AnnotationOptions = {}): Annotations {
  const builder = new AnnotationsBuilder();
  for (const { item, annotator, label, weight } of rows) {
    builder.add(String(item), String(annotator), String(label), weight);
  }
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

/** A list of integers that grows. */
class Column {
  private values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  view(): Int32Array {
    return this.values.subarray(0, this.length);
  }
}

/** Collects answers one by one, in 12 bytes each besides the names. */
export class AnnotationsBuilder {
  private readonly itemNames = new Names();
  private readonly annotatorNames = new Names();
  private readonly classNames = new Names();
  private readonly item = new Column();
  private readonly annotator = new Column();
  private readonly label = new Column();
  /** Weights by row; absent while all are 1. */
  private weights: number[] | undefined;

  /** @throws UsageError for a weight that is negative or not finite */
  add(item: string, annotator: string, label: string, weight = 1): void {
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new UsageError(
        `row ${this.item.length + 1}: the weight is ${weight}; it must be a number, at least 0`,
      );
    }
    if (weight !== 1) this.weights ??= new Array<number>(this.item.length).fill(1);
    this.weights?.push(weight);
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
    const next = itemStart.slice(0, items);
    const [annotator, label] = [new Int32Array(rows), new Int32Array(rows)];
    const weight = this.weights && new Float64Array(rows);
    const who = this.annotator.view();
    for (let row = 0; row < rows; row++) {
      const at = next[itemOf[row]]++;
      annotator[at] = who[row];
      label[at] = renumbered[codes[row]];
      if (weight) weight[at] = this.weights![row];
    }
    const truthOf = known.length > 0 ? new Int32Array(items).fill(-1) : undefined;
    for (const [item, name] of known) {
      truthOf![item] = classOf(name, () => `the truth of item "${this.itemNames.list[item]}"`);
    }
    return {
      ...{ items, annotators: this.annotatorNames.list.length, classes: classes.length },
      ...{ itemStart, annotator, label },
      ...(weight && { weight }),
      ...(truthOf && { truth: truthOf }),
      names: { items: this.itemNames.list, annotators: this.annotatorNames.list, classes },
    };
  }
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
