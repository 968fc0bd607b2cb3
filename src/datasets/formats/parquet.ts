/** @file Reads Parquet files with `hyparquet`, which is loaded only when a file is read. */

import type { ColumnMetaData, Compressors } from "hyparquet";
import { FormatError } from "../../errors.js";
import { allowanceOf } from "../../state/limits.js";
import { type NumberArray, numberArray, type Refuse } from "./arrays.js";
import { inexact, isExact } from "./number-types.js";
import { checkContent, type Page, pagesIn, skipFooter } from "./parquet-pages.js";
import { crc32 } from "./zip.js";

/** The number of values that a column of any file may declare; equal values need almost no space. */
const MOST_VALUES = 1_000_000;
const MOST_VALUES_PER_BYTE = 1000;
const MOST_PAGE = 1 << 28;

/** The names of a file's columns, and a function that reads a column, with one value per row. */
export interface ParquetFile {
  rows: number;
  columns: string[];
  read(column: string): Promise<ArrayLike<unknown>>;
}

/** @throws FormatError when the bytes are truncated or damaged. */
export async function openParquet(bytes: Uint8Array, refuse: Refuse): Promise<ParquetFile> {
  const { parquetMetadataAsync, parquetScan } = await import("hyparquet");
  const { parquetHeader } = await import("hyparquet/src/column.js");
  const { getSchemaPath } = await import("hyparquet/src/schema.js");
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) =>
      Uint8Array.prototype.slice.call(bytes, start, end).buffer as ArrayBuffer,
  };
  const explained = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      return refuse(
        "",
        `it cannot be read as Parquet, so it is truncated or damaged: ${(cause as Error).message}`,
      );
    }
  };
  const metadata = await explained(() => {
    skipFooter(bytes);
    return parquetMetadataAsync(file);
  });
  const most = MOST_VALUES + MOST_VALUES_PER_BYTE * bytes.length;
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0 && rows <= most)) refuse("", `it declares ${metadata.num_rows} rows`);

  /** The bytes of a column, which it shares with no other. */
  const bytesOf = (column: ColumnMetaData) => {
    const from = Number(column.dictionary_page_offset ?? column.data_page_offset);
    return bytes.subarray(from, from + Number(column.total_compressed_size));
  };
  const columns = metadata.row_groups.flatMap((group) => group.columns.flatMap((c) => c.meta_data ?? []));
  await explained(() => {
    for (const column of columns) {
      const place = column.path_in_schema.join(".");
      const declared = Number(column.num_values);
      const from = Number(column.dictionary_page_offset ?? column.data_page_offset);
      const size = Number(column.total_compressed_size);
      if (!(declared >= 0 && declared <= most && from >= 0 && size >= 0 && from + size <= bytes.length)) {
        refuse(
          place,
          `it declares ${declared} values in ${size} bytes from byte ${from} on, but the file has ${bytes.length} bytes`,
        );
      }
      checkPages(pagesIn(bytesOf(column), parquetHeader), declared, place, refuse);
    }
    requireApart(columns.map(bytesOf), refuse);
  });
  const allowance = allowanceOf(bytes.length);
  const checkColumn = (name: string, compressors: Compressors) => {
    for (const column of columns.filter(({ path_in_schema: [top] }) => top === name)) {
      const schemaPath = getSchemaPath(metadata.schema, column.path_in_schema);
      for (const page of pagesIn(bytesOf(column), parquetHeader)) {
        checkContent(page, { column, schemaPath, compressors, allowance, place: name, refuse });
      }
    }
  };
  const [, ...elements] = metadata.schema;
  return {
    rows,
    columns: topLevel(elements),
    read: (column) =>
      explained(async () => {
        const compressors = await limitedCompressors();
        checkColumn(column, compressors);
        const scan = await parquetScan({
          file,
          metadata,
          columns: [column],
          compressors,
          useOffsetIndex: false,
        });
        const values: unknown[] = [];
        // One after the other, because in parallel a second failure would be an unhandled rejection.
        for (const range of scan.ranges) {
          const part = await scan.readColumn({ column, ...range });
          for (let i = 0; i < part.length; i++) values.push(part[i]);
        }
        if (values.length !== rows)
          refuse(column, `it has ${values.length} values, but the file has ${rows} rows`);
        return values;
      }),
  };
}

/** Refuses a page with a wrong checksum, and more values than the column declares. */
function checkPages(pages: Iterable<Page>, declared: number, place: string, refuse: Refuse): void {
  let sum = 0;
  for (const { header, values, bytes } of pages) {
    const { uncompressed_page_size: full, crc } = header;
    if (header.type !== "DICTIONARY_PAGE") sum += values;
    if (!(values >= 0 && values <= declared && sum <= declared && full >= 0 && full <= MOST_PAGE)) {
      refuse(place, `a page declares ${values} values in ${full} bytes, but the column ${declared} values`);
    }
    // The checksum is optional, and a signed integer in the file.
    if (crc !== undefined && crc32(bytes) !== crc >>> 0) {
      refuse(place, "the checksum of a page differs: the file is damaged; copy it again from its source");
    }
  }
}

/** @throws FormatError when two columns have bytes in common, which decode any number of times. */
function requireApart(parts: readonly Uint8Array[], refuse: Refuse): void {
  const inOrder = parts.toSorted((a, b) => a.byteOffset - b.byteOffset);
  for (const [i, part] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before && part.byteOffset < before.byteOffset + before.length) {
      refuse("", "two of its columns have bytes in common: the file is damaged");
    }
  }
}

/** The names of the columns: the top-level elements of the schema. */
function topLevel(elements: readonly { name: string; num_children?: number }[]): string[] {
  const names: string[] = [];
  let at = 0;
  const skip = (depth: number): void => {
    const children = elements[at++]?.num_children ?? 0;
    for (let i = 0; i < children && at < elements.length && depth < 32; i++) skip(depth + 1);
  };
  while (at < elements.length) {
    names.push(elements[at].name);
    skip(0);
  }
  return names;
}

/**
 * The compressors of `hyparquet-compressors`, with a limit on the declared size of a page. Its zstd takes the size from
 * the compressed bytes: here it writes into an array of the declared size.
 */
async function limitedCompressors(): Promise<Compressors> {
  const { compressors } = await import("hyparquet-compressors");
  const { decompress } = await import("fzstd");
  const ZSTD = (input: Uint8Array, outputLength: number) => {
    const size = zstdSize(input) ?? outputLength;
    if (size !== outputLength) throw new Error(`a page declares ${outputLength} bytes, its zstd ${size}`);
    return decompress(input, new Uint8Array(outputLength));
  };
  return Object.fromEntries(
    Object.entries({ ...compressors, ZSTD }).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, outputLength: number) => {
        if (!(outputLength >= 0 && outputLength <= MOST_PAGE)) {
          throw new Error(`a page declares ${outputLength} bytes`);
        }
        return decompress!(input, outputLength);
      },
    ]),
  );
}

/** The size of the content that the header of a zstd frame declares (RFC 8878, 3.1.1.1); undefined if it does not. */
function zstdSize(frame: Uint8Array): number | undefined {
  const flags = frame[4];
  const isSingle = (flags >> 5) & 1;
  const kind = flags >> 6;
  const bytes = kind > 0 ? 1 << kind : isSingle;
  if (!(bytes > 0)) return undefined;
  const at = 6 - isSingle + [0, 1, 2, 4][flags & 3];
  const size = frame.subarray(at, at + bytes).reduce((sum, byte, i) => sum + byte * 2 ** (8 * i), 0);
  return kind === 1 ? size + 256 : size;
}

/** Allocates an array of this shape, which was read from the first lists only and may be wrong. */
function allocate(shape: readonly number[], place: string, refuse: Refuse): Float64Array {
  try {
    return new Float64Array(shape.reduce((product, size) => product * size, 1));
  } catch {
    return refuse(place, `its first lists imply an array [${shape.join(", ")}], which is too large to read`);
  }
}

/** Converts nested lists of numbers, of equal lengths, to an array. */
export function nestedArray(value: unknown, place: string, refuse: Refuse): NumberArray {
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
  return numberArray(data, shape);
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
