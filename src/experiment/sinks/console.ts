/** @file The sink that a person watches: progress with the headline metric of the run. */

import { createProgress, type ProgressOptions } from "./progress.js";
import type { MetricSink, Row } from "./sink.js";

/** What says most about a run, best first: the first of these that a row has is shown. */
const HEADLINES = ["return", "value", "accuracy", "loss"];

/** Shows the headline of the metrics, and the mean return of the latest evaluation beside it. */
export function consoleSink(options: ProgressOptions): MetricSink {
  const progress = createProgress(options);
  let evaluated = "";
  return {
    write(table, row) {
      if (table === "evaluations") evaluated = `evaluation ${short(row.mean)}`;
      else progress.update(row.steps, [headline(row), evaluated].filter((text) => text !== "").join("  "));
    },
    close: () => progress.finish(),
  };
}

function headline(row: Row): string {
  const name = HEADLINES.find((candidate) => candidate in row);
  return name === undefined ? "" : `${name} ${short(row[name])}`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
