/** @file The sink that a person watches: progress with the headline metric of the run. */

import { createProgress, type ProgressOptions } from "./progress.js";
import type { MetricSink, Row } from "./sink.js";

/** What says most about a run, best first: the first of these that a row has is shown. */
const HEADLINES = ["return", "value", "accuracy", "loss"];

/** Shows the headline of the metrics, and beside it the latest mean return and score of the evaluations. */
export function consoleSink(options: ProgressOptions): MetricSink {
  const progress = createProgress(options);
  let evaluated: Partial<Row> = {};
  return {
    write(table, row) {
      if (table === "evaluations") evaluated = { ...evaluated, ...row };
      else {
        const parts = [headline(row), named("evaluation", evaluated.mean), named("score", evaluated.score)];
        progress.update(row.steps, parts.filter((text) => text !== "").join("  "));
      }
    },
    close: () => progress.finish(),
  };
}

function headline(row: Row): string {
  const name = HEADLINES.find((candidate) => candidate in row);
  return name === undefined ? "" : named(name, row[name]);
}

const named = (name: string, value: number | undefined): string =>
  value === undefined ? "" : `${name} ${Number(value.toPrecision(4))}`;
