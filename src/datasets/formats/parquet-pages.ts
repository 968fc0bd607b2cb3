/**
 * @file Checks the pages of a Parquet file before `hyparquet` decodes them (github.com/apache/parquet-format: Thrift's
 * compact protocol, Encodings.md). The decoder believes what a file says about itself: a list of 2³¹ elements, or a run
 * of 2³¹ equal values in four bytes, ends the process.
 */

import type { ColumnMetaData, Compressors, PageHeader, SchemaTree } from "hyparquet";
import type { Allowance } from "../../state/limits.js";
import type { Refuse } from "./arrays.js";

/** What decoding takes: a value as a JavaScript number, a value of bytes or text, and a list. */
const VALUE_MEMORY = 16;
const BYTES_MEMORY = 128;
const LIST_MEMORY = 128;

/** The deepest nesting of structures in the headers of a file. */
const MOST_DEPTH = 32;

/** The padding of the last run of packed values: up to 63 groups of 8. */
const MOST_PADDING = 504;

/** The bits of a value of a physical type in the encodings without compression. */
const bits: Record<string, number> = {
  BOOLEAN: 1,
  INT32: 32,
  INT64: 64,
  INT96: 96,
  FLOAT: 32,
  DOUBLE: 64,
  // The length before the bytes.
  BYTE_ARRAY: 32,
};

/** A position in bytes; every read beyond their end throws a RangeError. */
interface Cursor {
  readonly view: DataView;
  offset: number;
}

const cursorOf = (bytes: Uint8Array): Cursor => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

/** An unsigned integer of at most `most` bytes of 7 bits. */
function varint(cursor: Cursor, most = 5): number {
  let value = 0;
  for (let i = 0; i < most; i++) {
    const byte = cursor.view.getUint8(cursor.offset++);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw new Error(`an integer has more than ${most} bytes`);
}

/** A number of elements or bytes, each of which takes at least one of the bytes that follow. */
function length(cursor: Cursor, declared: number): number {
  const left = cursor.view.byteLength - cursor.offset;
  if (declared > left) throw new Error(`${declared} elements are declared in ${left} bytes`);
  return declared;
}

/** Moves behind a structure of Thrift. @throws Error when it declares more than the bytes hold. */
function skipStruct(cursor: Cursor, depth = 0): void {
  if (depth > MOST_DEPTH) throw new Error(`structures are nested more than ${MOST_DEPTH} deep`);
  for (;;) {
    const head = cursor.view.getUint8(cursor.offset++);
    const type = head & 0x0f;
    if (type === 0) return;
    if (head >> 4 === 0) varint(cursor);
    // A flag is in the type of its field; within a list it takes a byte.
    if (type > 2) skipElement(cursor, type, depth);
  }
}

function skipElement(cursor: Cursor, type: number, depth: number): void {
  if (type <= 3) cursor.offset++;
  else if (type <= 6) varint(cursor, 10);
  else if (type === 7) cursor.offset += 8;
  else if (type === 8) {
    const size = varint(cursor);
    cursor.offset += length(cursor, size);
  } else if (type === 9) {
    if (depth > MOST_DEPTH) throw new Error(`lists are nested more than ${MOST_DEPTH} deep`);
    const head = cursor.view.getUint8(cursor.offset++);
    const count = length(cursor, head >> 4 === 15 ? varint(cursor) : head >> 4);
    for (let i = 0; i < count; i++) skipElement(cursor, head & 0x0f, depth + 1);
  } else if (type === 12) skipStruct(cursor, depth + 1);
  else throw new Error(`the type ${type} is unknown`);
}

/** Checks the metadata at the end of a file. @throws Error when they declare more than their bytes hold. */
export function skipFooter(bytes: Uint8Array): void {
  const size = cursorOf(bytes.subarray(-8)).view.getUint32(0, true);
  skipStruct(cursorOf(bytes.subarray(-8 - size, -8)));
}

/** A page of a column, as it is stored. */
export interface Page {
  header: PageHeader;
  /** The number of values that its header declares. */
  values: number;
  bytes: Uint8Array;
}

/** The pages in the bytes of a column. @throws Error when one declares more than the bytes hold. */
export function* pagesIn(bytes: Uint8Array, parse: (cursor: Cursor) => PageHeader): Generator<Page> {
  const cursor = cursorOf(bytes);
  while (cursor.offset < bytes.length - 1) {
    skipStruct({ ...cursor });
    const header = parse(cursor);
    const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
    const stored = header.compressed_page_size;
    if (!(stored >= 0 && stored <= bytes.length - cursor.offset)) {
      throw new Error(`a page of ${stored} bytes is declared in ${bytes.length - cursor.offset}`);
    }
    const values = (v1 ?? v2 ?? dictionary)?.num_values ?? Number.NaN;
    yield { header, values, bytes: bytes.subarray(cursor.offset, cursor.offset + stored) };
    cursor.offset += stored;
  }
}

/** What decoding a column needs. */
export interface Column {
  column: ColumnMetaData;
  /** From the root of the schema to the column. */
  schemaPath: readonly SchemaTree[];
  compressors: Compressors;
  allowance: Allowance;
  place: string;
  refuse: Refuse;
}

/**
 * Checks the content of a page that is about to be decoded, and counts the memory that this takes.
 *
 * @throws Error or FormatError when the page declares more values than its bytes encode, or takes too much memory.
 */
export function checkContent({ header, values, bytes }: Page, target: Column): void {
  const { column, schemaPath, allowance, place, refuse } = target;
  const take = (memory: number) => {
    const excess = allowance.excess(memory);
    if (excess) refuse(place, excess);
  };
  const { element } = schemaPath[schemaPath.length - 1];
  const isBytes = column.type === "BYTE_ARRAY" || column.type === "FIXED_LEN_BYTE_ARRAY";
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  const full = header.uncompressed_page_size;
  const encoding = (v1 ?? v2)?.encoding ?? "PLAIN";
  if (isBytes && encoding.startsWith("DELTA_")) refuse(place, "its values are text or bytes, not numbers");
  take(values * (isBytes ? BYTES_MEMORY : VALUE_MEMORY) + full);

  const v2Levels = v2 ? v2.repetition_levels_byte_length + v2.definition_levels_byte_length : 0;
  if (!(v2Levels >= 0 && v2Levels <= Math.min(full, bytes.length))) {
    throw new Error(`the levels of a page are declared to take ${v2Levels} of its ${full} bytes`);
  }
  const isStored = column.codec === "UNCOMPRESSED" || v2?.is_compressed === false;
  const content = isStored
    ? bytes.subarray(v2Levels)
    : target.compressors[column.codec]?.(bytes.subarray(v2Levels), full - v2Levels);
  if (!content) throw new Error(`pages compressed by ${column.codec} are not read`);
  const cursor = cursorOf(content);

  let present = values;
  if (v1 ?? v2) {
    const mostRepetition = schemaPath.filter((node) => node.element.repetition_type === "REPEATED").length;
    const mostDefinition = schemaPath
      .slice(1)
      .filter((node) => node.element.repetition_type !== "REQUIRED").length;
    const at = v2 ? cursorOf(bytes) : cursor;
    const levels = (most: number, each: (level: number, times: number) => void) => {
      if (most === 0) return;
      const start = at.offset + (v2 ? 0 : 4);
      const taken = v2 ? 0 : at.view.getUint32(at.offset, true);
      at.offset = start;
      forRuns(at, 32 - Math.clz32(most), values, each);
      if (!v2) at.offset = start + taken;
    };
    let lists = 0;
    levels(mostRepetition, (level, times) => {
      if (level < mostRepetition) lists += times;
    });
    take(lists * (schemaPath.length - 1) * LIST_MEMORY);
    if (v2) at.offset = v2.repetition_levels_byte_length;
    let defined = 0;
    levels(mostDefinition, (level, times) => {
      if (level === mostDefinition) defined += times;
    });
    present = v2 ? values - v2.num_nulls : mostDefinition > 0 ? defined : values;
    if (!(present >= 0 && present <= values)) {
      throw new Error(`a page declares ${v2?.num_nulls} nulls among ${values} values`);
    }
  }
  checkValues(cursor, encoding, present, column.type, element.type_length, v2 !== undefined);
}

function checkValues(
  cursor: Cursor,
  encoding: string,
  count: number,
  type: string,
  typeLength: number | undefined,
  isV2: boolean,
): void {
  const left = cursor.view.byteLength - cursor.offset;
  const isDictionary = encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY";
  if (type === "BOOLEAN" ? encoding === "RLE" : isDictionary) {
    if (count === 0) return;
    if (type === "BOOLEAN") cursor.offset += 4;
    const width = type === "BOOLEAN" ? 1 : cursor.view.getUint8(cursor.offset++);
    if (width > 32) throw new Error(`the indices of a dictionary have ${width} bits`);
    if (width > 0 || isV2) forRuns(cursor, width, count, () => {});
  } else if (encoding === "DELTA_BINARY_PACKED") checkDeltas(cursor, count);
  else if (encoding === "PLAIN" || encoding === "BYTE_STREAM_SPLIT") {
    const needed = (count * (bits[type] ?? 8 * (typeLength ?? 0))) / 8;
    if (!(needed <= left)) throw new Error(`${count} values of ${type} take ${needed} bytes, not ${left}`);
  } else throw new Error(`values of ${type} encoded by ${encoding} are not read`);
}

/** Blocks of differences: their least, the widths of their parts, and the parts. */
function checkDeltas(cursor: Cursor, count: number): void {
  const block = varint(cursor);
  const parts = varint(cursor);
  const each = block / parts;
  if (!(each > 0 && each % 8 === 0)) throw new Error(`a block of ${block} values has ${parts} parts`);
  varint(cursor);
  varint(cursor, 10);
  for (let seen = 1; seen < count; ) {
    varint(cursor, 10);
    const widths = cursor.offset;
    cursor.offset += length(cursor, parts);
    for (let part = 0; part < parts && seen < count; part++) {
      cursor.offset += (each / 8) * cursor.view.getUint8(widths + part);
      seen += each;
    }
  }
}

/** The runs of the hybrid of run lengths and packed bits, for `count` values of `width` bits. */
function forRuns(
  cursor: Cursor,
  width: number,
  count: number,
  each: (value: number, times: number) => void,
): void {
  const { view } = cursor;
  for (let seen = 0; seen < count; ) {
    const head = varint(cursor);
    const isPacked = head % 2 === 1;
    const times = isPacked ? 8 * Math.floor(head / 2) : head / 2;
    const most = count - seen + (isPacked ? MOST_PADDING : 0);
    if (times > most) throw new Error(`a run of ${times} values is declared for the last ${count - seen}`);
    if (isPacked) {
      const first = 8 * cursor.offset;
      for (let i = 0; i < Math.min(times, count - seen); i++) {
        let value = 0;
        for (let bit = 0; bit < width; bit++) {
          const at = first + i * width + bit;
          value += ((view.getUint8(at >> 3) >> (at & 7)) & 1) * 2 ** bit;
        }
        each(value, 1);
      }
      cursor.offset += (times * width) / 8;
    } else {
      let value = 0;
      for (let i = 0; i < Math.ceil(width / 8); i++) value += view.getUint8(cursor.offset++) * 2 ** (8 * i);
      each(value, times);
    }
    seen += times;
  }
}
