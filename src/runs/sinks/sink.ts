/** @file Rows of numbers, and what receives them. */

/** Numbers of one iteration (`metrics`) or of one evaluation (`evaluations`). */
export type Table = "metrics" | "evaluations";

/** One row. Only `seconds`, the wall-clock time spent so far, differs between two runs of the same config. */
export type Row = { steps: number; seconds: number } & Record<string, number>;

/** Where rows go. `steps` never decreases within a table. */
export interface MetricSink {
  write(table: Table, row: Row): void | Promise<void>;
  /** Called once, after the last row, also when the run fails. */
  close(): void | Promise<void>;
}
