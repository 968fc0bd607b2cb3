/** @file The console sink: progress with the headline metric of the run. */

import { createProgress, type ProgressOptions } from "./progress.js";
import type { MetricSink, Row } from "./sink.js";

/** Headline metrics, in order of preference. The first one in a row is shown. */
const HEADLINES = ["return", "value", "accuracy", "loss"];

/** Shows the headline metric, and the latest mean return and score of the evaluations. */
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
