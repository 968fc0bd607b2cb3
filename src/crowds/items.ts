/** @file Items with features: what a network learns from, where annotators label the items. */

import { didYouMean, FormatError, UsageError } from "../errors.js";
import { cellsOf, separatorOf } from "../state/csv.js";
import type { Annotations } from "./annotations.js";
import { linesOf } from "./lines.js";

/** Items, each with a row of numbers. */
export interface Items {
  readonly names: readonly string[];
  /** The names of the features. */
  readonly columns: readonly string[];
  /** `[items, columns]` */
  readonly features: Float32Array;
  /** `[items]`: the true class, empty where it is unknown. It measures a classifier; only `method: "truth"` learns from it. */
  readonly truth?: readonly string[];
}

/** An item as a row: its name, its features by name, and its true class if it is known. */
export interface ItemRow {
  readonly item: string | number;
  readonly features: Readonly<Record<string, number>> | ArrayLike<number>;
  readonly truth?: string | number;
}

/**
 * Items from rows.
 *
 * @throws UsageError naming the row for a feature that is not a finite number, other features than the first row has, and
 * an item that is there twice
 */
export function itemsFrom(rows: Iterable<ItemRow>): Items {
  let builder: ItemsBuilder | undefined;
  let number = 0;
  for (const { item, features, truth } of rows) {
    number++;
    const isList = typeof (features as ArrayLike<number>).length === "number";
    const names = isList
      ? Array.from(features as ArrayLike<number>, (_, i) => `feature ${i + 1}`)
      : Object.keys(features);
    builder ??= new ItemsBuilder(names);
    const values = isList
      ? Array.from(features as ArrayLike<number>)
      : builder.columns.map((name) => (features as Record<string, number>)[name]);
    if (names.length !== builder.columns.length) {
      throw new UsageError(
        `row ${number}: it has ${names.length} features, and the first row ${builder.columns.length}`,
      );
    }
    builder.add(String(item), values, truth === undefined ? "" : String(truth), (what) => {
      throw new UsageError(`row ${number}: ${what}`);
    });
  }
  if (!builder) throw new UsageError("there are no items: give at least one row");
  return builder.finish();
}

class ItemsBuilder {
  private readonly numbers = new Map<string, number>();
  private readonly truths: string[] = [];
  private features = new Float32Array(1024);

  constructor(readonly columns: readonly string[]) {
    if (columns.length === 0)
      throw new UsageError("the items have no features: give at least one number each");
  }

  add(name: string, values: readonly number[], truth: string, refuse: (what: string) => never): void {
    const row = this.numbers.size;
    if (this.numbers.has(name)) refuse(`the item "${name}" is there twice`);
    const width = this.columns.length;
    if ((row + 1) * width > this.features.length) {
      const larger = new Float32Array(Math.max(2 * this.features.length, (row + 1) * width));
      larger.set(this.features);
      this.features = larger;
    }
    for (const [k, value] of values.entries()) {
      if (!Number.isFinite(value))
        refuse(`the feature "${this.columns[k]}" is ${value}; it must be a number`);
      this.features[row * width + k] = value;
    }
    this.numbers.set(name, row);
    this.truths.push(truth);
  }

  finish(): Items {
    const names = [...this.numbers.keys()];
    return {
      names,
      columns: this.columns,
      features: this.features.slice(0, names.length * this.columns.length),
      ...(this.truths.some((truth) => truth !== "") && { truth: this.truths }),
    };
  }
}

const ITEM = ["item", "id", "task", "question"];
const TRUTH = ["truth", "label", "class"];

/**
 * Items from a CSV file, or from its bytes: a header with a column `item` (or `id`, `task`, `question`), the features,
 * and, where it is known, a column `truth` (or `label`, `class`) with the true class, which may be empty.
 *
 * @throws UsageError when there is no file; FormatError naming the line and what would be right
 */
export async function readItems(source: string | Uint8Array): Promise<Items> {
  const where = typeof source === "string" ? source : "the items";
  let header: { separator: string; names: string[]; item: number; truth: number } | undefined;
  let builder: ItemsBuilder | undefined;
  let number = 0;
  for await (const line of linesOf(source, where)) {
    number++;
    const refuse = (what: string): never => {
      throw new FormatError(`${where}, line ${number}: ${what}`);
    };
    if (line.trim() === "") continue;
    if (!header) {
      header = headerOf(line, refuse);
      const { item, truth } = header;
      const features = header.names.filter((_, i) => i !== item && i !== truth);
      if (features.length === 0)
        refuse("there is no column besides the item and its class: nothing to learn from");
      builder = new ItemsBuilder(features);
      continue;
    }
    const { separator, names, item, truth } = header;
    const cells = cellsOf(line, separator) ?? refuse("a quoted cell does not end on the line");
    if (cells.length !== names.length) refuse(`it has ${cells.length} cells, and the header ${names.length}`);
    if (cells[item] === "") refuse("the item is empty");
    const values: number[] = [];
    for (const [i, cell] of cells.entries()) {
      if (i === item || i === truth) continue;
      const value = cell === "" ? Number.NaN : Number(cell);
      if (!Number.isFinite(value)) refuse(`the feature "${names[i]}" is "${cell}"; it must be a number`);
      values.push(value);
    }
    builder!.add(cells[item], values, truth < 0 ? "" : cells[truth], refuse);
  }
  if (!builder) throw new FormatError(`${where} is empty: it needs a header and a line an item`);
  const items = builder.finish();
  if (items.names.length === 0) throw new FormatError(`${where} has a header and no items`);
  return items;
}

function headerOf(line: string, refuse: (what: string) => never) {
  const separator = separatorOf(line);
  const names = cellsOf(line, separator) ?? refuse("a quoted cell does not end");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse(`the column "${twice}" is there twice`);
  const find = (wanted: readonly string[]) =>
    wanted.map((name) => names.indexOf(name)).find((at) => at >= 0) ?? -1;
  const item = find(ITEM);
  if (item < 0) {
    refuse(`there is no column "item" among ${names.slice(0, 10).join(", ")}${didYouMean("item", names)}`);
  }
  return { separator, names, item, truth: find(TRUTH) };
}

/** The means and the inverse deviations of features, `[columns]`. */
export interface Standard {
  mean: Float32Array;
  scale: Float32Array;
}

/** @param rows the items over which the statistics are taken */
export function standardOf({ features, columns }: Items, rows: Int32Array): Standard {
  const width = columns.length;
  const [mean, scale] = [new Float32Array(width), new Float32Array(width)];
  for (let j = 0; j < width; j++) {
    let [sum, squares] = [0, 0];
    for (const i of rows) sum += features[i * width + j];
    const m = sum / rows.length;
    for (const i of rows) squares += (features[i * width + j] - m) ** 2;
    mean[j] = m;
    scale[j] = squares > 0 ? 1 / Math.sqrt(squares / rows.length) : 1;
  }
  return { mean, scale };
}

/** Rows of features as the network receives them; `rows` selects some. */
export function inputsOf({ features, columns }: Items, standard?: Standard, rows?: Int32Array): Float32Array {
  const width = columns.length;
  const count = rows?.length ?? features.length / width;
  const out = new Float32Array(count * width);
  for (let n = 0; n < count; n++) {
    const i = rows ? rows[n] : n;
    for (let j = 0; j < width; j++) {
      const x = features[i * width + j];
      out[n * width + j] = standard ? (x - standard.mean[j]) * standard.scale[j] : x;
    }
  }
  return out;
}

/** The row of each annotated item in the data set. @throws UsageError for an item that it does not have */
export function rowsFor(name: string, { names }: Annotations, items: Items): Int32Array {
  const numbers = new Map(items.names.map((item, i) => [item, i]));
  const missing = names.items.filter((item) => !numbers.has(item));
  if (missing.length > 0) {
    throw new UsageError(
      `${name}: ${missing.length} of ${names.items.length} annotated items have no features in the data set, such as ` +
        `"${missing[0]}"; its items are ${items.names.slice(0, 3).join(", ")}…`,
    );
  }
  return Int32Array.from(names.items, (item) => numbers.get(item)!);
}
