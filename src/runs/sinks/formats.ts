/** @file The formats that a run folder can keep its rows in, beside JSON lines. A new one is a row of this table. */

import type { MetricSink } from "./sink.js";

interface SinkFormat {
  /** What it writes, for the help. */
  readonly summary: string;
  /**
   * Opens the sink on the files of a run folder, which it writes afresh.
   *
   * @param started when the run began, in seconds since 1970
   */
  open(folder: string, started: number): Promise<MetricSink>;
}

// Loaded only when asked for, so that a browser never meets the modules of Node.js.
const table = {
  csv: {
    summary: "comma-separated values",
    open: async (folder) => (await import("./csv.js")).csvSink(folder),
  },
  tensorboard: {
    summary: "an event file for TensorBoard",
    open: async (folder, started) => (await import("./tensorboard.js")).tensorboardSink(folder, started),
  },
} satisfies Record<string, SinkFormat>;

export type SinkFormatName = keyof typeof table;

export const sinkFormats: Record<SinkFormatName, SinkFormat> = table;
export const sinkFormatNames = Object.keys(table) as [SinkFormatName, ...SinkFormatName[]];
