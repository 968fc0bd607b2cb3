/** @file The fields of Arrow files (arrow.apache.org/docs/format/Columnar.html, `format/Schema.fbs`). */

import type { NumberType, Refuse } from "./arrays.js";
import type { FlatTable } from "./flatbuffer.js";
import type { ElementType } from "./number-types.js";

/** A field: its values are numbers, lists of the values of its child, or structures of those of its children. */
export interface Field {
  readonly name: string;
  readonly kind: "number" | "list" | "fixed-list" | "struct" | "null" | "other";
  /** Of numbers; undefined for truth values, which take a bit each. */
  readonly element?: ElementType;
  readonly numberType?: NumberType;
  /** Bytes of an offset of a list. */
  readonly offsetSize?: 4 | 8;
  /** Number of values in each list of a fixed size. */
  readonly listSize?: number;
  /** Buffers of its own, without those of its children. */
  readonly buffers: number;
  readonly children: readonly Field[];
}

/** How deep fields are nested, and how many there are: more than any data set has, and safe for circular metadata. */
const MOST_DEPTH = 16;
const MOST_FIELDS = 4096;

const fixed = { buffers: 2 } as const;

/** Types whose values are not read, by their numbers, with their buffers. */
const others: Readonly<Record<number, number>> = {
  4: 3, // Binary
  5: 3, // Utf8
  7: 2, // Decimal
  8: 2, // Date
  9: 2, // Time
  10: 2, // Timestamp
  11: 2, // Interval
  15: 2, // FixedSizeBinary
  17: 2, // Map
  18: 2, // Duration
  19: 3, // LargeBinary
  20: 3, // LargeUtf8
};

/** @throws FormatError for a type whose buffers are not known */
export function fieldsOf(schema: FlatTable, refuse: Refuse): Field[] {
  if (schema.number(0, "int16") !== 0) refuse("", "its numbers are big-endian, which is not read");
  const seen = { fields: 0 };
  return schema.tables(1).map((field) => fieldOf(field, refuse, seen));
}

function fieldOf(written: FlatTable, refuse: Refuse, seen: { fields: number }, depth = 0): Field {
  const name = written.text(0);
  if (depth > MOST_DEPTH) refuse(name, `its fields are nested ${depth} deep`);
  if (++seen.fields > MOST_FIELDS) refuse("", `it has more than ${MOST_FIELDS} fields`);
  const type = written.table(3);
  const kind = written.number(2, "uint8");
  // A dictionary holds the values; the column has their positions.
  if (written.table(4)) return { name, kind: "other", ...fixed, children: [] };
  const children = written.tables(5).map((child) => fieldOf(child, refuse, seen, depth + 1));
  const needs = (count: number) => {
    if (children.length !== count)
      refuse(name, `it has ${children.length} fields in it, but its type has ${count}`);
  };
  switch (kind) {
    case 1:
      return { name, kind: "null", buffers: 0, children };
    case 2: {
      const size = (type?.number(0, "int32") ?? 0) / 8;
      const isSigned = type?.number(1, "uint8") === 1;
      const numberType = !isSigned && size === 1 ? "byte" : "integer";
      return {
        name,
        kind: "number",
        element: { kind: isSigned ? "signed" : "unsigned", size },
        numberType,
        ...fixed,
        children,
      };
    }
    case 3: {
      const size = 2 << (type?.number(0, "int16") ?? 0);
      return {
        name,
        kind: "number",
        element: { kind: "float", size },
        numberType: "float",
        ...fixed,
        children,
      };
    }
    case 6:
      return { name, kind: "number", numberType: "boolean", ...fixed, children };
    case 12:
    case 21:
      needs(1);
      return { name, kind: "list", offsetSize: kind === 12 ? 4 : 8, ...fixed, children };
    case 13:
      return { name, kind: "struct", buffers: 1, children };
    case 16:
      needs(1);
      return { name, kind: "fixed-list", listSize: type?.number(0, "int32") ?? 0, buffers: 1, children };
  }
  const buffers = others[kind];
  if (buffers === undefined) return refuse(name, `it has a type of Arrow that is not read (${kind})`);
  return { name, kind: "other", buffers, children };
}

/** The types of the numbers in a field, by the names of the fields in structures. */
export function numberTypes(field: Field): Map<string, NumberType> {
  const types = new Map<string, NumberType>();
  const visit = ({ kind, numberType, children }: Field, path: string) => {
    if (numberType) types.set(path, numberType);
    for (const child of children) {
      visit(child, kind !== "struct" ? path : path === "" ? child.name : `${path}/${child.name}`);
    }
  };
  visit(field, "");
  return types;
}
