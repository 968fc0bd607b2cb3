/**
 * @file Reads Arrow files and streams (arrow.apache.org/docs/format/Columnar.html), version 0.15 and later, without
 * compression: what Hugging Face's `datasets` and Minari write.
 *
 * Arrow has no checksums, so that a changed number is a number like any other. All else is checked: the messages follow
 * each other without a gap to the end of the file, the buffers of a message do in its body, and lengths, offsets and
 * numbers of nulls agree with each other.
 */

import { FormatError } from "../../errors.js";
import { type Allowance, allowanceOf } from "../../state/limits.js";
import type { TypedArray } from "../../state/snapshot.js";
import type { Refuse } from "./arrays.js";
import { type Field, fieldsOf, numberTypes } from "./arrow-schema.js";
import { type FlatTable, flatTable } from "./flatbuffer.js";
import { numbersIn } from "./number-types.js";
import type { TableFile } from "./table.js";

/** The start of Arrow files, which hold a stream and its index. */
export const ARROW_FILE = "ARROW1";
/** The start of every message of a stream. */
export const ARROW_STREAM = "\xff\xff\xff\xff";

/** Buffers begin at multiples of 8 or 64 bytes. */
const MOST_PADDING = 64;
/** Bytes of a list in memory. */
const LIST_MEMORY = 64;

/** The values of a field in one batch of rows. */
interface Data {
  field: Field;
  length: number;
  /** Undefined where no value is missing. */
  validity?: Uint8Array;
  /** The buffers after that of the validity. */
  buffers: Uint8Array[];
  children: Data[];
}

/** @throws FormatError when the bytes are truncated or damaged */
export function openArrow(bytes: Uint8Array, refuse: Refuse): TableFile {
  const explained = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      return refuse(
        "",
        `it cannot be read as Arrow, so it is truncated or damaged: ${(cause as Error).message}`,
      );
    }
  };
  const { fields, batches } = explained(() => decode(bytes, refuse));
  const twice = fields.find(({ name }, i) => fields.findIndex((other) => other.name === name) < i);
  if (twice) refuse(twice.name, "it is there twice");
  const allowance = allowanceOf(bytes.length);
  const rows = batches.reduce((sum, { length }) => sum + length, 0);
  return {
    rows,
    columns: fields.map(({ name }) => name),
    async read(name) {
      const i = fields.findIndex((field) => field.name === name);
      const excess = allowance.excess(LIST_MEMORY * rows);
      if (excess) refuse(name, excess);
      const values = batches.flatMap(({ columns }) =>
        Array.from(explained(() => valuesOf(columns[i], { place: name, allowance, refuse }))),
      );
      return { values, types: numberTypes(fields[i]) };
    },
  };
}

interface Batch {
  length: number;
  columns: Data[];
}

/** The fields and the batches of a stream, or of the stream in a file. */
function decode(bytes: Uint8Array, refuse: Refuse): { fields: Field[]; batches: Batch[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFile = startsWith(bytes, ARROW_FILE);
  let at = isFile ? 8 : 0;
  let fields: Field[] | undefined;
  const batches: Batch[] = [];
  for (;;) {
    if (at + 8 > bytes.length) refuse("", `it ends after ${bytes.length} bytes, before the end of its data`);
    if (view.getInt32(at, true) !== -1)
      refuse("", `at byte ${at} there is no message of Arrow 0.15 or later`);
    const size = view.getInt32(at + 4, true);
    at += 8;
    if (size === 0) break;
    if (size < 0 || at + size > bytes.length)
      refuse("", `at byte ${at} a message has ${size} bytes of metadata`);
    const message = flatTable(bytes.subarray(at, at + size));
    at += size;
    const bodySize = message.number(3, "int64");
    if (bodySize < 0 || at + bodySize > bytes.length) {
      refuse("", `at byte ${at} there should be ${bodySize} bytes of data, but the file has ${bytes.length}`);
    }
    const body = bytes.subarray(at, at + bodySize);
    at += bodySize;
    const [kind, header] = [message.number(1, "uint8"), message.table(2)];
    if (header === undefined) return refuse("", `before byte ${at} there is an empty message`);
    if (kind === 1 && fields === undefined) fields = fieldsOf(header, refuse);
    else if (kind === 3 && fields !== undefined) batches.push(batchOf(header, body, fields, refuse));
    else if (kind !== 2)
      refuse("", `before byte ${at} there is a message of kind ${kind}, which has no place there`);
  }
  const left = bytes.length - at;
  const footer = isFile && left >= 10 ? view.getInt32(bytes.length - 10, true) + 10 : 0;
  const isWhole = isFile ? startsWith(bytes.subarray(-6), ARROW_FILE) && left === footer : left === 0;
  if (!isWhole)
    refuse("", `its data end at byte ${at}, but the file has ${bytes.length} bytes: it is damaged`);
  return { fields: fields ?? refuse("", "it has no schema"), batches };
}

export const startsWith = (bytes: Uint8Array, text: string): boolean =>
  bytes.length >= text.length && Array.from(text).every((letter, i) => bytes[i] === letter.charCodeAt(0));

function batchOf(header: FlatTable, body: Uint8Array, fields: readonly Field[], refuse: Refuse): Batch {
  if (header.table(3)) refuse("", "its data are compressed: write them without compression");
  const length = header.number(0, "int64");
  const nodes = header.records(1, 2);
  const regions = header.records(2, 2);
  let end = 0;
  for (const [from, size] of regions) {
    if (size === 0) continue;
    if (!(from >= end && from - end < MOST_PADDING && size > 0 && from + size <= body.length)) {
      refuse(
        "",
        `a buffer of ${size} bytes begins at byte ${from} of ${body.length}, but the one before it ends at ${end}`,
      );
    }
    end = from + size;
  }
  if (body.length - end >= MOST_PADDING) refuse("", `its buffers end at byte ${end} of ${body.length}`);
  let [node, region] = [0, 0];
  const take = (field: Field, path: string): Data => {
    const [count, nulls] = nodes[node++] ?? refuse(path, "it has no length");
    const buffers = Array.from({ length: field.buffers }, () => {
      const [from, size] = regions[region++] ?? refuse(path, "it has no buffer");
      return body.subarray(from, from + size);
    });
    const children = field.children.map((child) => take(child, `${path}/${child.name}`));
    const [bits, ...rest] = buffers;
    return {
      field,
      length: count,
      validity: validityOf(bits, count, nulls, path, refuse),
      buffers: rest,
      children,
    };
  };
  const columns = fields.map((field) => {
    const data = take(field, field.name);
    if (data.length !== length)
      refuse(field.name, `it has ${data.length} values, but the batch has ${length} rows`);
    return data;
  });
  if (node !== nodes.length || region !== regions.length) refuse("", "it has more buffers than its schema");
  return { length, columns };
}

/** The bits of values that are there; undefined if all are. */
function validityOf(
  bits: Uint8Array | undefined,
  count: number,
  nulls: number,
  path: string,
  refuse: Refuse,
): Uint8Array | undefined {
  if (!(count >= 0 && nulls >= 0 && nulls <= count))
    refuse(path, `it declares ${count} values and ${nulls} nulls`);
  if (bits === undefined || bits.length === 0) {
    // A type of nulls has no bits.
    if (nulls > 0 && bits !== undefined) refuse(path, `it declares ${nulls} nulls, but not which`);
    return undefined;
  }
  if (bits.length * 8 < count) refuse(path, `it has ${bits.length} bytes of bits, but ${count} values`);
  let missing = 0;
  for (let i = 0; i < count; i++) missing += 1 - bitAt(bits, i);
  if (missing !== nulls) refuse(path, `it declares ${nulls} nulls, but has ${missing}`);
  return nulls === 0 ? undefined : bits;
}

const bitAt = (bits: Uint8Array, i: number): number => (bits[i >> 3] >> (i & 7)) & 1;

interface Reading {
  place: string;
  allowance: Allowance;
  refuse: Refuse;
}

/** The values of a field: numbers, lists, or objects by the names of fields; null where there is none. */
function valuesOf(data: Data, reading: Reading): ArrayLike<unknown> {
  const { field, length, validity } = data;
  const { place, allowance, refuse } = reading;
  const excess = allowance.excess((field.kind === "number" ? 8 : LIST_MEMORY) * length);
  if (excess) refuse(place, excess);
  const values = presentValues(data, reading);
  return validity ? Array.from(values, (value, i) => (bitAt(validity, i) ? value : null)) : values;
}

function presentValues({ field, length, buffers, children }: Data, reading: Reading): ArrayLike<unknown> {
  const { place, refuse } = reading;
  switch (field.kind) {
    case "number":
      return numbersOf(buffers[0], field, length, reading);
    case "list": {
      const inner = valuesOf(children[0], reading);
      const offsets = offsetsOf(buffers[0], field, length, reading);
      if (offsets[0] !== 0 || offsets[length] !== inner.length) {
        refuse(
          place,
          `its lists go from ${offsets[0]} to ${offsets[length]}, but there are ${inner.length} values`,
        );
      }
      return Array.from({ length }, (_, i) => {
        if (!(offsets[i] <= offsets[i + 1])) refuse(`${place}/${i}`, `a list ends before it begins`);
        return part(inner, offsets[i], offsets[i + 1]);
      });
    }
    case "fixed-list": {
      const inner = valuesOf(children[0], reading);
      const { listSize = 0 } = field;
      if (listSize < 0 || inner.length !== listSize * length) {
        refuse(place, `it has ${inner.length} values in ${length} lists of ${listSize}`);
      }
      return Array.from({ length }, (_, i) => part(inner, i * listSize, (i + 1) * listSize));
    }
    case "struct": {
      const parts = children.map((child): [string, ArrayLike<unknown>] => {
        if (child.length !== length)
          refuse(place, `${child.field.name} has ${child.length} values, not ${length}`);
        return [child.field.name, valuesOf(child, { ...reading, place: `${place}/${child.field.name}` })];
      });
      return Array.from({ length }, (_, i) => Object.fromEntries(parts.map(([name, all]) => [name, all[i]])));
    }
    case "null":
      return new Array(length).fill(null);
    default:
      // What is not numbers is named if it is needed.
      return new Array(length).fill("text");
  }
}

const part = (values: ArrayLike<unknown>, from: number, to: number): ArrayLike<unknown> =>
  Array.isArray(values) ? values.slice(from, to) : (values as TypedArray).subarray(from, to);

/** The bytes of exactly `size`, without padding. */
function trimmed(buffer: Uint8Array, size: number, { place, refuse }: Reading): Uint8Array {
  if (!(buffer.length >= size && buffer.length - size < MOST_PADDING)) {
    refuse(place, `its buffer has ${buffer.length} bytes, but its values need ${size}`);
  }
  return buffer.slice(0, size);
}

function numbersOf(buffer: Uint8Array, { element }: Field, length: number, reading: Reading): TypedArray {
  if (element === undefined) {
    const bits = trimmed(buffer, Math.ceil(length / 8), reading);
    return Uint8Array.from({ length }, (_, i) => bitAt(bits, i));
  }
  const bytes = trimmed(buffer, length * element.size, reading);
  return numbersIn(bytes, element, reading.place, reading.refuse);
}

function offsetsOf(
  buffer: Uint8Array,
  { offsetSize = 4 }: Field,
  length: number,
  reading: Reading,
): TypedArray {
  // No list needs no offset.
  if (length === 0) return Int32Array.of(0);
  const bytes = trimmed(buffer, (length + 1) * offsetSize, reading);
  return numbersIn(bytes, { kind: "signed", size: offsetSize }, reading.place, reading.refuse);
}
