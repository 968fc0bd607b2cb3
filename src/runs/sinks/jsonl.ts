/** @file JSON lines: one object a row, in `metrics.jsonl` and `evaluations.jsonl`. Resumed runs read them. */

import { existsSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { FormatError } from "../../errors.js";
import { parseJson } from "../../state/json.js";
import { growingFile } from "./growing-file.js";
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

/** The longest row, in bytes: a row of metrics has some hundred numbers. */
const MOST_ROW = 2 ** 24;

/** @throws FormatError, naming the place, for anything but an object of numbers with `steps` */
export function parseRow(line: string | Uint8Array, where: string): Row {
  if (line.length > MOST_ROW) {
    throw new FormatError(
      `${where}: not a row of numbers: it has ${line.length} bytes, more than ${MOST_ROW}`,
    );
  }
  let row: unknown;
  try {
    row = parseJson(line);
  } catch (cause) {
    throw new FormatError(`${where}: not a row of numbers: ${(cause as Error).message}`, { cause });
  }
  const isRow = typeof (row as Partial<Row> | null)?.steps === "number";
  if (isRow && Object.values(row as Row).every((value) => typeof value === "number")) return row as Row;
  throw new FormatError(`${where}: not a row of numbers with "steps": ${JSON.stringify(row).slice(0, 80)}`);
}

const pathOf = (folder: string, table: Table): string => join(folder, `${table}.jsonl`);
