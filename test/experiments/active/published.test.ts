/** @file The published accuracies of learnt acquisitions beside ours. */

import { expect, it } from "vitest";
import { publishedTable } from "../../../experiments/active/published.js";

it("the table of published accuracies has ours of the same set where there are runs, means over the seeds", () => {
  const run = (part: string, acquisition: string, seed: number, accuracy: number[]) => ({
    ...{ part, acquisition, seed, accuracy },
    labels: [20, 120, 220],
    items: [],
    balance: 1,
  });
  const lines = publishedTable([
    run("fashion-to-mnist", "iale", 0, [0.1, 0.8, 0.9]),
    run("fashion-to-mnist", "iale", 1, [0.3, 0.82, 0.92]),
    run("mnist-to-fashion", "random", 0, [0.1, 0.7]),
    run("learnt", "ensemble", 0, [0.1, 0.5, 0.5]),
  ]).split("\n");
  expect(lines).toHaveLength(2 + 8);
  expect(lines).toContain("| MNIST | iale | 0.862 | 0.916 | 0.810 | 0.910 | 2 |");
  expect(lines).toContain("| MNIST | ensemble | 0.840 | 0.900 |  |  | not run |");
  expect(lines).toContain("| Fashion-MNIST | random | 0.710 | 0.775 | 0.700 |  | 1 |");
  expect(publishedTable([]).match(/not run/g)).toHaveLength(8);
});
