/** @file Reads answers of annotators from CSV, JSON lines and dense tables, line by line. */

import { didYouMean, FormatError } from "../errors.js";
import { cellsOf, separatorOf } from "../state/csv.js";
import { type AnnotationOptions, type Annotations, AnnotationsBuilder } from "./annotations.js";
import { linesOf } from "./lines.js";

/** Names of the columns; those of the second and third list are other programs'. */
const COLUMNS = {
  item: ["item", "task", "question"],
  annotator: ["annotator", "worker", "labeler"],
  label: ["label", "answer", "response"],
} as const;
type Field = keyof typeof COLUMNS;
const FIELDS = Object.keys(COLUMNS) as Field[];

export interface ReadAnnotationsOptions extends AnnotationOptions {
  /** Names of the columns that do not have their usual names. */
  columns?: Partial<Record<Field, string>>;
}

/**
 * Annotations from a file, or from its bytes.
 *
 * - CSV: a header with the columns `item`, `annotator` and `label` in any order, and others that are not read. `task`,
 *   `worker`; `question`, `answer`; `labeler` and `response` are also understood.
 * - JSON lines: one object with these fields a line.
 * - Dense table without a header: a line an item and a column an annotator, whole numbers separated by spaces, −1 where
 *   there is no label.
 *
 * Lines may end with CR, LF or both. The file is read line by line: 10 million answers to 2 million items take less than 500 MB.
 *
 * @throws UsageError when there is no file; FormatError naming the line and what would be right
 */
export async function readAnnotations(
  source: string | Uint8Array,
  options: ReadAnnotationsOptions = {},
): Promise<Annotations> {
  const where = typeof source === "string" ? source : "the annotations";
  const builder = new AnnotationsBuilder();
  let read: ((line: string, number: number) => void) | undefined;
  let number = 0;
  for await (const line of linesOf(source, where)) {
    number++;
    if (line.trim() === "") continue;
    if (read) read(line, number);
    else read = readerOf(line, number, builder, where, options.columns ?? {});
  }
  if (read === undefined) throw new FormatError(`${where} is empty: it needs a header and a line an answer`);
  try {
    return builder.finish(options);
  } catch (cause) {
    throw new FormatError(`${where}: ${(cause as Error).message}`, { cause });
  }
}

/** How lines are read, by the first one, which is read too if it is no header. */
function readerOf(
  first: string,
  number: number,
  builder: AnnotationsBuilder,
  where: string,
  columns: Partial<Record<Field, string>>,
): (line: string, number: number) => void {
  const refuse = (line: number, what: string): never => {
    throw new FormatError(`${where}, line ${line}: ${what}`);
  };
  const add = (line: number, values: Record<Field, string>) => {
    for (const field of FIELDS) if (values[field] === "") refuse(line, `the ${field} is empty`);
    builder.add(values.item, values.annotator, values.label);
  };
  if (first.trimStart().startsWith("{")) {
    const readJson = (line: string, at: number) => add(at, fieldsOf(line, at, columns, refuse));
    readJson(first, number);
    return readJson;
  }
  if (/^\s*-?\d+(\s+-?\d+)*\s*$/.test(first)) {
    const width = first.trim().split(/\s+/).length;
    let item = 0;
    const readDense = (line: string, at: number) => {
      const cells = line.trim().split(/\s+/);
      if (cells.length !== width) refuse(at, `it has ${cells.length} numbers, and the first line ${width}`);
      cells.forEach((cell, annotator) => {
        if (!/^-?\d+$/.test(cell)) refuse(at, `"${cell}" is no whole number; −1 stands for no label`);
        if (cell !== "-1") builder.add(String(item), String(annotator), cell);
      });
      item++;
    };
    readDense(first, number);
    return readDense;
  }
  const separator = separatorOf(first);
  const names = cellsOf(first, separator) ?? refuse(number, "a quoted cell does not end");
  const at = positions(names, columns, (what) => refuse(number, what));
  return (line, row) => {
    const cells = cellsOf(line, separator) ?? refuse(row, "a quoted cell does not end on the line");
    if (cells.length !== names.length) {
      refuse(row, `it has ${cells.length} cells, and the header ${names.length}`);
    }
    add(row, { item: cells[at.item], annotator: cells[at.annotator], label: cells[at.label] });
  };
}

/** The position of each column. */
function positions(
  names: readonly string[],
  columns: Partial<Record<Field, string>>,
  refuse: (what: string) => never,
): Record<Field, number> {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse(`the column "${twice}" is there twice`);
  const found = FIELDS.map((field) => {
    const wanted: readonly string[] = columns[field] === undefined ? COLUMNS[field] : [columns[field]];
    const at = names.findIndex((name) => wanted.includes(name));
    if (at >= 0) return [field, at];
    return refuse(
      `there is no column "${wanted[0]}" among ${names.join(", ")}${didYouMean(wanted[0], names)}; ` +
        "the first line must name the columns item, annotator and label",
    );
  });
  return Object.fromEntries(found) as Record<Field, number>;
}

function fieldsOf(
  line: string,
  number: number,
  columns: Partial<Record<Field, string>>,
  refuse: (line: number, what: string) => never,
): Record<Field, string> {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    return refuse(number, `it is no JSON: ${(error as Error).message}`);
  }
  const values = FIELDS.map((field) => {
    const wanted: readonly string[] = columns[field] === undefined ? COLUMNS[field] : [columns[field]];
    const name = wanted.find((other) => Object.hasOwn(parsed, other));
    const value = name === undefined ? undefined : parsed[name];
    if (typeof value === "string") return [field, value];
    if (typeof value === "number" || typeof value === "boolean") return [field, String(value)];
    return refuse(number, `its "${wanted[0]}" is ${JSON.stringify(value)}; it must be a text or a number`);
  });
  return Object.fromEntries(values) as Record<Field, string>;
}
