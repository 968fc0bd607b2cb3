/** @file The formats of metrics in a run folder, besides JSON lines. A new format is an entry of this table. */

import type { MetricSink } from "./sink.js";

interface SinkFormat {
  /** A few words about the format, for the help. */
  readonly summary: string;
  /**
   * Opens the sink in a run folder. It overwrites its files.
   *
   * @param started the start time of the run, in seconds since 1970
   */
  open(folder: string, started: number): Promise<MetricSink>;
}

// Imported on demand, so that browsers do not load modules of Node.js.
const table = {
  csv: {
    summary: "comma-separated values",
    open: async (folder) => (await import("./csv.js")).csvSink(folder),
  },
  mlflow: {
    summary: "a file store for MLflow",
    open: async (folder, started) => (await import("./mlflow.js")).mlflowSink(folder, started),
  },
  tensorboard: {
    summary: "an event file for TensorBoard",
    open: async (folder, started) => (await import("./tensorboard.js")).tensorboardSink(folder, started),
  },
} satisfies Record<string, SinkFormat>;

export type SinkFormatName = keyof typeof table;

export const sinkFormats: Record<SinkFormatName, SinkFormat> = table;
export const sinkFormatNames = Object.keys(table) as [SinkFormatName, ...SinkFormatName[]];
