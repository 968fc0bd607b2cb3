/** @file Rows of metrics, and the sinks that receive them. */

/** The table of a row: `metrics` of an iteration, or `evaluations`. */
export type Table = "metrics" | "evaluations";

/** One row. Only `seconds`, the wall-clock time spent so far, differs between two runs of the same config. */
export type Row = { steps: number; seconds: number } & Record<string, number>;

/** A receiver of rows. `steps` never decreases within a table. */
export interface MetricSink {
  write(table: Table, row: Row): void | Promise<void>;
  /** Called once, after the last row, also when the run fails. */
  close(): void | Promise<void>;
}
