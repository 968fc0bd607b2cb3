/** @file Writes Parquet files with `hyparquet-writer`, which is loaded only when a file is written. */

import type { SchemaElement } from "hyparquet";

/** A column of numbers, truth values or texts, or of nested lists of these; no value is missing. */
export interface WrittenColumn {
  name: string;
  type: "FLOAT" | "DOUBLE" | "INT64" | "BOOLEAN" | "STRING";
  /** The levels of lists in each value; 0 for a single number. */
  lists: number;
  /** A value for each row; `bigint` for INT64. */
  values: unknown[];
}

interface ParquetOptions {
  /** The numbers of rows in the row groups. Default: one group of all rows. */
  rowGroups?: readonly number[];
  /** Texts in the footer, by their names. */
  metadata?: Readonly<Record<string, string>>;
}

/** The bytes of a Parquet file with these columns, of equal length, compressed by snappy. */
export async function encodeParquet(
  columns: readonly WrittenColumn[],
  { rowGroups = [columns[0].values.length], metadata = {} }: ParquetOptions = {},
): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const schema: SchemaElement[] = [{ name: "root", num_children: columns.length }];
  const bytes = parquetWriteBuffer({
    columnData: columns.map(({ name, values }) => ({ name, data: values })),
    schema: schema.concat(columns.flatMap(({ name, type, lists }) => elementsOf(name, type, lists))),
    rowGroupSize: [...rowGroups],
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: "understudy-rl",
  });
  return new Uint8Array(bytes);
}

/** A column in the schema; lists have three levels (github.com/apache/parquet-format, LogicalTypes.md). */
function elementsOf(name: string, type: WrittenColumn["type"], lists: number): SchemaElement[] {
  if (lists > 0) {
    return [
      { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...elementsOf("element", type, lists - 1),
    ];
  }
  const leaf = { name, repetition_type: "OPTIONAL" } as const;
  return [type === "STRING" ? { ...leaf, type: "BYTE_ARRAY", converted_type: "UTF8" } : { ...leaf, type }];
}
