/** @file Reads Parquet files with `hyparquet`, which is loaded only when a file is read. */

import type { ColumnMetaData, Compressors, SchemaTree } from "hyparquet";
import { FormatError } from "../../errors.js";
import { allowanceOf } from "../../state/limits.js";
import type { NumberType, Refuse } from "./arrays.js";
import { checkContent, type Page, pagesIn, skipFooter } from "./parquet-pages.js";
import type { TableFile } from "./table.js";
import { crc32 } from "./zip.js";

/** The number of values that a column of any file may declare; equal values need almost no space. */
const MOST_VALUES = 1_000_000;
const MOST_VALUES_PER_BYTE = 1000;
const MOST_PAGE = 1 << 28;

/** @throws FormatError when the bytes are truncated or damaged. */
export async function openParquet(bytes: Uint8Array, refuse: Refuse): Promise<TableFile> {
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
  /** The types of the numbers in a column, by the names of its nested fields. */
  const typesOf = (name: string) =>
    new Map(
      columns
        .filter(({ path_in_schema: [top] }) => top === name)
        .map(({ path_in_schema }) => leafType(getSchemaPath(metadata.schema, path_in_schema))),
    );
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
        return { values, types: typesOf(column) };
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

/** The names of the fields on the way to a leaf, without those of lists, and the type of its numbers. */
function leafType(path: SchemaTree[]): [fields: string, type: NumberType] {
  const fields: string[] = [];
  for (let i = 1; i < path.length; i++) {
    fields.push(path[i].element.name);
    // A list is a group with a repeated group with the element.
    if (path[i].element.converted_type === "LIST") i += 2;
  }
  const { type, converted_type } = path[path.length - 1].element;
  const isInteger = type === "INT32" || type === "INT64";
  const ofInteger = converted_type === "UINT_8" ? "byte" : "integer";
  return [fields.slice(1).join("/"), type === "BOOLEAN" ? "boolean" : isInteger ? ofInteger : "float"];
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
