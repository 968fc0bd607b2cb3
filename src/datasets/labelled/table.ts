/** @file Labelled sets from rows: the CSV and the JSON lines of which features and class of an item are read. */

import { cellsOf, separatorOf } from "../../state/csv.js";
import type { Refuse } from "../formats/arrays.js";
import type { LabelledSet } from "../labelled.js";
import { wordCounts } from "./words.js";

/** A row: what is not given is undefined, and an unknown class too. */
interface Row {
  features: readonly number[];
  label?: string;
  name?: string;
  text?: string;
}

const LABEL = ["label", "class", "truth", "target", "y"];
const NAME = ["item", "id", "name"];

/**
 * A table. With a header: a column `label` (or `class`, `truth`, `target`, `y`), which may be empty, perhaps `item` (or
 * `id`, `name`), and a number in each other column. Without one, the last column is the class.
 *
 * @throws FormatError naming the line
 */
export function decodeLabelledCsv(bytes: Uint8Array, refuse: Refuse): LabelledSet {
  const lines = linesIn(bytes);
  if (lines.length === 0) refuse("", "it is empty");
  const separator = separatorOf(lines[0].text);
  const split = ({ text, number }: Line) =>
    cellsOf(text, separator) ?? refuse(`line ${number}`, "a quoted cell does not end on the line");
  const head = split(lines[0]);
  const hasHeader = head.slice(0, -1).some((cell) => cell !== "" && !isNumber(cell));
  const names = hasHeader ? head : head.map((_, i) => (i === head.length - 1 ? "label" : `feature ${i + 1}`));
  const find = (wanted: readonly string[]) =>
    wanted.map((name) => names.findIndex((own) => own.toLowerCase() === name)).find((at) => at >= 0) ?? -1;
  const [label, name] = [find(LABEL), find(NAME)];
  const twice = names.find((own, i) => names.indexOf(own) !== i);
  if (twice !== undefined) refuse("line 1", `the column "${twice}" is there twice`);
  const columns = names.map((_, i) => i).filter((i) => i !== label && i !== name);
  if (columns.length === 0)
    refuse("line 1", "there is no column besides the class and the name: nothing to learn from");
  const rows = lines.slice(hasHeader ? 1 : 0).map((line): Row => {
    const cells = split(line);
    const at = `line ${line.number}`;
    if (cells.length !== names.length)
      refuse(at, `it has ${cells.length} cells, and the first line ${names.length}`);
    const features = columns.map((i) => {
      if (!isNumber(cells[i])) refuse(at, `the feature "${names[i]}" is "${cells[i]}"; it must be a number`);
      return Number(cells[i]);
    });
    return {
      features,
      ...(label >= 0 && cells[label] !== "" && { label: cells[label] }),
      ...(name >= 0 && { name: cells[name] }),
    };
  });
  return setOf(rows, [columns.length], refuse);
}

const isNumber = (cell: string) => cell !== "" && Number.isFinite(Number(cell));

/**
 * JSON lines, an item a line: `features`, a list of numbers (nested for an image), or `text`, whose words are counted;
 * and perhaps `label` and `item`.
 *
 * @throws FormatError naming the line
 */
export function decodeLabelledJsonl(bytes: Uint8Array, refuse: Refuse): LabelledSet {
  let shape: number[] | undefined;
  const rows = linesIn(bytes).map(({ text: line, number }): Row => {
    const at = `line ${number}`;
    let row: { features?: unknown; text?: unknown; label?: unknown; item?: unknown };
    try {
      row = JSON.parse(line);
    } catch (cause) {
      return refuse(at, `it is not JSON: ${(cause as Error).message}`);
    }
    if (typeof row !== "object" || row === null || Array.isArray(row)) refuse(at, "it must be an object");
    const { features, text, label, item } = row;
    if ((features === undefined) === (text === undefined)) {
      refuse(at, 'it must have either "features", a list of numbers, or "text"');
    }
    if (text !== undefined && typeof text !== "string") refuse(at, '"text" must be a text');
    const own = shapeOf(features);
    shape ??= own;
    if (text === undefined && own.join() !== shape.join()) {
      refuse(
        at,
        `its features have the shape [${own.join(", ")}], and those of the first line [${shape.join(", ")}]`,
      );
    }
    const values =
      text === undefined ? [features].flat(Number.POSITIVE_INFINITY) : [...wordCounts(text as string)];
    const wrong = values.find((value) => typeof value !== "number" || !Number.isFinite(value));
    if (wrong !== undefined) refuse(at, `a feature is ${JSON.stringify(wrong)}; it must be a number`);
    if (text === undefined && values.length !== own.reduce((a, b) => a * b, 1)) {
      refuse(at, "its features are nested lists of different lengths");
    }
    return {
      features: values as number[],
      ...(label !== undefined && label !== null && label !== "" && { label: String(label) }),
      ...(item !== undefined && { name: String(item) }),
      ...(text !== undefined && { text: text as string }),
    };
  });
  const width = rows[0]?.features.length ?? 0;
  const isText = rows[0]?.text !== undefined;
  const other = rows.findIndex(({ text }) => (text !== undefined) !== isText);
  if (other >= 0) refuse(`row ${other + 1}`, "some lines have features and others texts");
  return setOf(rows, isText ? [width] : (shape ?? []), refuse);
}

function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

interface Line {
  text: string;
  number: number;
}

/** The lines that are not empty, with their numbers from 1. */
const linesIn = (bytes: Uint8Array): Line[] =>
  new TextDecoder()
    .decode(bytes)
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .map((text, i) => ({ text, number: i + 1 }))
    .filter(({ text }) => text.trim() !== "");

function setOf(rows: readonly Row[], shape: readonly number[], refuse: Refuse): LabelledSet {
  if (rows.length === 0) refuse("", "it has no items");
  const width = rows[0].features.length;
  if (width === 0) refuse("", "its items have no features");
  const features = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) features.set(row.features, i * width);
  const has = (what: keyof Row) => rows.some((row) => row[what] !== undefined);
  const classes = classNames(rows.flatMap(({ label }) => (label === undefined ? [] : [label])));
  const numbers = new Map(classes.map((name, k) => [name, k]));
  return {
    ...{ features, shape, classes },
    ...(has("label") && {
      labels: Int32Array.from(rows, ({ label }) => (label === undefined ? -1 : numbers.get(label)!)),
    }),
    ...(has("name") && { names: rows.map(({ name }, i) => name ?? String(i)) }),
    ...(has("text") && { texts: rows.map(({ text }) => text!) }),
  };
}

/** The classes in labels: numbers by size, other names by alphabet. */
export const classNames = (labels: Iterable<string>): string[] =>
  [...new Set(labels)].sort(new Intl.Collator("en", { numeric: true }).compare);
