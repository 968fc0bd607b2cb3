/** @file Reads answers of annotators from CSV, JSON lines and dense tables, line by line. */

import { didYouMean, FormatError } from "../errors.js";
import { cellsOf, separatorOf } from "../state/csv.js";
import { type AnnotationOptions, type Annotations, AnnotationsBuilder } from "./annotations.js";
import {
  type Columns,
  createLinesReader,
  FIELDS,
  type Field,
  factsOf,
  type LineReader,
  namesOf,
  OPTIONAL,
  type Refuse,
} from "./answer-lines.js";
import { linesOf } from "./lines.js";

export interface ReadAnnotationsOptions extends AnnotationOptions {
  /** Names of the columns that do not have their usual names. */
  columns?: Columns;
}

/**
 * Annotations from a file, or from its bytes.
 *
 * - CSV: a header with the columns `item`, `annotator` and `label` in any order, and others that are not read. `task`,
 *   `worker`; `question`, `answer`; `labeler` and `response` are also understood. Optional: `weight`; `seconds`, how long
 *   the answer took; `at` or `time`, when it was given, which tells duplicates from answers that are alike.
 * - JSON lines: one object with these fields a line. Lines with an `id`, the number of a question, are a log of answers,
 *   as labellers write it: the last answer of an annotator to a question counts, and not one that was taken back,
 *   withdrawn or set aside. A last line without an end is not read.
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
  const refuse = (line: number, what: string): never => {
    throw new FormatError(`${where}, line ${line}: ${what}`);
  };
  let reader: LineReader | undefined;
  let number = 0;
  // One line behind, because the last one is known as such when there are no more.
  let before: string | undefined;
  const take = (isWhole: boolean) => {
    if (before === undefined || before.trim() === "") return;
    if (reader) reader.read(before, number, isWhole);
    else reader = readerOf(before, number, builder, options.columns ?? {}, refuse);
  };
  for await (const line of linesOf(source, where)) {
    take(true);
    number++;
    before = line;
  }
  take(false);
  if (reader === undefined)
    throw new FormatError(`${where} is empty: it needs a header and a line an answer`);
  reader.end?.();
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
  columns: Columns,
  refuse: Refuse,
): LineReader {
  if (first.trimStart().startsWith("{")) {
    const reader = createLinesReader(builder, columns, refuse);
    reader.read(first, number, true);
    return reader;
  }
  if (/^\s*-?\d+(\s+-?\d+)*\s*$/.test(first)) {
    const width = first.trim().split(/\s+/).length;
    let item = 0;
    const read = (line: string, at: number) => {
      const cells = line.trim().split(/\s+/);
      if (cells.length !== width) refuse(at, `it has ${cells.length} numbers, and the first line ${width}`);
      cells.forEach((cell, annotator) => {
        if (!/^-?\d+$/.test(cell)) refuse(at, `"${cell}" is no whole number; −1 stands for no label`);
        if (cell !== "-1") builder.add(String(item), String(annotator), cell);
      });
      item++;
    };
    read(first, number);
    return { read };
  }
  return tableReader(first, number, builder, columns, refuse);
}

/** How lines of CSV are read, by their header. */
function tableReader(
  first: string,
  number: number,
  builder: AnnotationsBuilder,
  columns: Columns,
  refuse: Refuse,
): LineReader {
  const separator = separatorOf(first);
  const names = cellsOf(first, separator) ?? refuse(number, "a quoted cell does not end");
  const at = positions(names, columns, (what) => refuse(number, what));
  const optional = OPTIONAL.map((field) => names.findIndex((name) => namesOf(field, columns).includes(name)));
  const hasFacts = optional.some((position) => position >= 0);
  return {
    read(line, row) {
      const cells = cellsOf(line, separator) ?? refuse(row, "a quoted cell does not end on the line");
      if (cells.length !== names.length) {
        refuse(row, `it has ${cells.length} cells, and the header ${names.length}`);
      }
      const [item, annotator, label] = FIELDS.map(
        (field) => cells[at[field]] || refuse(row, `the ${field} is empty`),
      );
      builder.add(
        item,
        annotator,
        label,
        hasFacts
          ? factsOf(
              (field) => cells[optional[OPTIONAL.indexOf(field)]],
              (what) => refuse(row, what),
            )
          : undefined,
      );
    },
  };
}

/** The position of each column. */
function positions(
  names: readonly string[],
  columns: Columns,
  refuse: (what: string) => never,
): Record<Field, number> {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse(`the column "${twice}" is there twice`);
  const found = FIELDS.map((field) => {
    const wanted = namesOf(field, columns);
    const at = names.findIndex((name) => wanted.includes(name));
    if (at >= 0) return [field, at];
    return refuse(
      `there is no column "${wanted[0]}" among ${names.join(", ")}${didYouMean(wanted[0], names)}; ` +
        "the first line must name the columns item, annotator and label",
    );
  });
  return Object.fromEntries(found) as Record<Field, number>;
}
