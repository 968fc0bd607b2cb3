/** @file JSON lines: one object a row, in `metrics.jsonl` and `evaluations.jsonl`. Resumed runs read them. */

import { existsSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { growingFile } from "./growing-file.js";
import { parseRow } from "./parse-row.js";
import type { MetricSink, Row, Table } from "./sink.js";

/** Appends rows to the two files of a folder. */
export function jsonlSink(folder: string): MetricSink & { sync(): void } {
  const files = {
    metrics: growingFile(pathOf(folder, "metrics"), "a"),
    evaluations: growingFile(pathOf(folder, "evaluations"), "a"),
  };
  return {
    write: (table, row) => files[table].append(`${JSON.stringify(row)}\n`),
    /** Returns when the rows are on the disk. */
    sync() {
      files.metrics.sync();
      files.evaluations.sync();
    },
    close() {
      files.metrics.close();
      files.evaluations.close();
    },
  };
}

/**
 * The rows of a table with at most `upTo` steps. An incomplete last line, left by a kill, is ignored.
 *
 * @throws FormatError when a row is not JSON, naming its line
 */
export function readRows(folder: string, table: Table, upTo = Number.POSITIVE_INFINITY): Row[] {
  return read(pathOf(folder, table), upTo).rows;
}

/** As {@link readRows}, and truncates the file after these rows. */
export function resumeRows(folder: string, table: Table, upTo: number): Row[] {
  const path = pathOf(folder, table);
  const { rows, bytes } = read(path, upTo);
  if (existsSync(path)) truncateSync(path, bytes);
  return rows;
}

function read(path: string, upTo: number): { rows: Row[]; bytes: number } {
  const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const rows: Row[] = [];
  let bytes = 0;
  for (let end = content.indexOf(NEWLINE); end >= 0; end = content.indexOf(NEWLINE, bytes)) {
    const row = parseRow(content.subarray(bytes, end), `${path}, line ${rows.length + 1}`);
    if (row.steps > upTo) break;
    rows.push(row);
    bytes = end + 1;
  }
  return { rows, bytes };
}

const NEWLINE = 10;

const pathOf = (folder: string, table: Table): string => join(folder, `${table}.jsonl`);
