/** @file Columns of tables, as Parquet and Arrow files have them, and their conversion to arrays. */

import {
  type ArrayTree,
  type NumberArray,
  type NumberType,
  numberArray,
  type Refuse,
  unreadable,
} from "./arrays.js";
import { inexact, isExact } from "./number-types.js";

/** A column: a value for each row, in which lists are nested. */
export interface Column {
  readonly values: ArrayLike<unknown>;
  /** The types of its numbers, by the names of nested fields joined by `/`; `""` for a column without fields. */
  readonly types: ReadonlyMap<string, NumberType>;
}

/** A file with columns of equal length. */
export interface TableFile {
  readonly rows: number;
  readonly columns: readonly string[];
  /** @throws FormatError when the column is damaged or takes more memory than the file may */
  read(column: string): Promise<Column>;
}

/** The columns of a table that are read, by their names. */
export type Columns = ReadonlyMap<string, Column>;

/** The arrays of a column, with a row for each of its values; a group where these have named fields. */
export function columnTree(column: Column | undefined, place: string, refuse: Refuse): ArrayTree {
  return tree(column?.values, "", { column, place, refuse });
}

/** The arrays of the value of a column in one row, which is an array of rows itself. */
export function cellTree(column: Column, row: number, place: string, refuse: Refuse): ArrayTree {
  return tree(column.values[row], "", { column, place, refuse });
}

function tree(
  value: unknown,
  fields: string,
  at: { column: Column | undefined; place: string; refuse: Refuse },
): ArrayTree {
  const { column, place, refuse } = at;
  const where = fields === "" ? place : `${place}/${fields}`;
  const rows = isList(value) ? value : [];
  const [first] = rows as unknown[];
  if (isRecord(first)) {
    const part = (name: string) => {
      const inner = Array.from(rows, (row, i) =>
        isRecord(row) ? row[name] : refuse(`${where}/${i}`, `it must have the field "${name}"`),
      );
      return tree(inner, fields === "" ? name : `${fields}/${name}`, at);
    };
    return { kind: "group", parts: new Map(Object.keys(first).map((name) => [name, part(name)])) };
  }
  if (typeof first === "string" || first instanceof Date) return unreadable("text");
  return nestedArray(value, where, refuse, column?.types.get(fields));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !isList(value) && !(value instanceof Date);

/** Allocates an array of this shape, which was read from the first lists only and may be wrong. */
function allocate(shape: readonly number[], place: string, refuse: Refuse): Float64Array {
  try {
    return new Float64Array(shape.reduce((product, size) => product * size, 1));
  } catch {
    return refuse(place, `its first lists imply an array [${shape.join(", ")}], which is too large to read`);
  }
}

/** Converts nested lists of numbers, of equal lengths, to an array. */
export function nestedArray(
  value: unknown,
  place: string,
  refuse: Refuse,
  type: NumberType = "float",
): NumberArray {
  const shape: number[] = [];
  for (let level = value; isList(level); level = level[0]) shape.push(level.length);
  if (shape.length === 0) refuse(place, `it must be a list of numbers, not ${typeof value}`);
  const data = allocate(shape, place, refuse);
  /** The position of `fill`, for messages. */
  const index = shape.map(() => 0);
  const here = (axis: number) => [place, ...index.slice(0, axis)].join("/");
  let at = 0;
  const fill = (list: ArrayLike<unknown>, axis: number): void => {
    for (let i = 0; i < list.length; i++) {
      index[axis] = i;
      const node = list[i];
      if (axis + 1 < shape.length) {
        if (!isList(node) || node.length !== shape[axis + 1]) {
          const has = isList(node) ? `has ${node.length}` : `is ${node}`;
          refuse(here(axis + 1), `it must be a list of ${shape[axis + 1]} like the first one, but ${has}`);
        }
        fill(node, axis + 1);
        continue;
      }
      if (typeof node === "bigint" && !isExact(node)) refuse(here(axis + 1), inexact(node));
      const number = typeof node === "bigint" || typeof node === "boolean" ? Number(node) : node;
      if (typeof number !== "number") refuse(here(axis + 1), `it must be a number, not ${node}`);
      data[at++] = number;
    }
  };
  fill(value as ArrayLike<unknown>, 0);
  return numberArray(data, shape, type);
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
