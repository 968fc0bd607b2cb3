/** @file The published accuracies of IALE [Löffler & Mutschler 2022, the curves in the authors' repository], beside ours. */

import { mean } from "../../src/diagnostics/statistics.js";
import { markdown } from "../lib/markdown.js";
import type { ActiveRun } from "./parts.js";

/** The numbers of labels at which curves are compared. */
const LABELS = [120, 220];

interface Published {
  set: string;
  /** The part of ours on the same set. */
  part: string;
  /** Accuracy after each number of labels, by acquisition. */
  accuracy: Readonly<Record<string, readonly number[]>>;
}

const published: readonly Published[] = [
  {
    set: "MNIST",
    part: "fashion-to-mnist",
    accuracy: {
      random: [0.811, 0.876],
      ensemble: [0.84, 0.9],
      "mc-dropout": [0.808, 0.886],
      iale: [0.862, 0.916],
    },
  },
  {
    set: "Fashion-MNIST",
    part: "mnist-to-fashion",
    accuracy: {
      random: [0.71, 0.775],
      ensemble: [0.725, 0.752],
      "mc-dropout": [0.719, 0.751],
      iale: [0.743, 0.806],
    },
  },
];

/** Accuracies of ours are means over the seeds of a row, empty where there is no run. */
export function publishedTable(runs: readonly ActiveRun[]): string {
  const rows = published.flatMap(({ set, part, accuracy }) =>
    Object.entries(accuracy).map(([name, theirs]) => {
      const own = runs.filter((run) => run.part === part && run.acquisition === name);
      const ours = LABELS.map((labels) => {
        const found = own.flatMap((run) => run.accuracy[run.labels.indexOf(labels)] ?? []);
        return found.length === 0 ? "" : mean(found).toFixed(3);
      });
      const seeds = own.length === 0 ? "not run" : String(own.length);
      return [set, name, ...theirs.map((value) => value.toFixed(3)), ...ours, seeds];
    }),
  );
  const columns = ["published", "ours"].flatMap((whose) =>
    LABELS.map((labels) => `${whose}, ${labels} labels`),
  );
  const head = ["data", "acquisition", ...columns, "our seeds"];
  return markdown([head, ...rows], ["---", "---", ...columns.map(() => "---:"), "---:"]);
}
