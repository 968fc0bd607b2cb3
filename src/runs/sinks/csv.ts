/** @file Comma-separated values (RFC 4180) for spreadsheets: `metrics.csv` and `evaluations.csv`. */

import { join } from "node:path";
import { csvLine } from "../../state/csv.js";
import { type GrowingFile, growingFile } from "./growing-file.js";
import type { MetricSink, Row } from "./sink.js";

/**
 * Overwrites the two files in a folder. A column that first appears later in the run is added on the right and is empty
 * in earlier rows.
 */
export function csvSink(folder: string): MetricSink {
  const tables = {
    metrics: table(join(folder, "metrics.csv")),
    evaluations: table(join(folder, "evaluations.csv")),
  };
  return {
    write: (name, row) => tables[name].write(row),
    close() {
      tables.metrics.close();
      tables.evaluations.close();
    },
  };
}

function table(path: string): { write(row: Row): void } & Pick<GrowingFile, "close"> {
  const file = growingFile(path, "w");
  const columns: string[] = [];
  const rows: Row[] = [];
  const line = (row: Row) => `${csvLine(columns.map((name) => row[name]))}\n`;
  return {
    write(row) {
      rows.push(row);
      const added = Object.keys(row).filter((name) => !columns.includes(name));
      if (added.length === 0) return file.append(line(row));
      columns.push(...added);
      file.close();
      file.append(`${csvLine(columns)}\n${rows.map(line).join("")}`);
    },
    close: file.close,
  };
}
