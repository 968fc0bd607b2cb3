/** @file No model depends on the order of items or of annotators. */

import { describe, expect, it } from "vitest";
import {
  type Annotations,
  annotationsFrom,
  communities,
  dawidSkene,
  glad,
  type Items,
  itemsFrom,
  type LabelFit,
  mace,
  majorityVote,
  oneCoin,
  pooledMultinomial,
  raykar,
  yan,
} from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { coin, type Matrix, simulated } from "../support/crowds.js";

const confused: Matrix = [
  [0.8, 0.1, 0.1],
  [0.1, 0.3, 0.6],
  [0.1, 0.1, 0.8],
];
const { rows, truth } = simulated([coin(0.9, 3), coin(0.8, 3), coin(0.75, 3), coin(0.7, 3), confused], 60, 5);
const classes = [0, 1, 2];
const rng = createRng("features");
const features = truth.map((k, item) => ({ item, features: [k + rng.normal(), rng.normal()] }));

/** Many iterations, so that what remains to be gained is below rounding. */
const exact = { iterations: 2000, tolerance: 1e-14 };

const models: Record<string, (annotations: Annotations, items: Items) => LabelFit> = {
  majorityVote: (annotations) => majorityVote(annotations),
  pooledMultinomial: (annotations) => pooledMultinomial(annotations, exact),
  oneCoin: (annotations) => oneCoin(annotations, exact),
  dawidSkene: (annotations) => dawidSkene(annotations, exact),
  glad: (annotations) => glad(annotations, exact),
  mace: (annotations) => mace(annotations, exact),
  communities: (annotations) => communities(annotations, { ...exact, communities: 2 }),
  raykar: (annotations, items) => raykar(annotations, items, exact),
  yan: (annotations, items) => yan(annotations, items, exact),
};

/** The label of each item by its name, and the log-likelihood. */
function fitted(model: string, order: typeof rows, others: typeof features) {
  const annotations = annotationsFrom(order, { classes });
  const { labels, logLikelihood } = models[model](annotations, itemsFrom(others));
  const byName = annotations.names.items.map((name, i) => [name, labels[i]] as const);
  return { labels: Object.fromEntries(byName), logLikelihood };
}

describe.each(Object.keys(models))("%s", (model) => {
  const before = fitted(model, rows, features);

  it.each([
    ["items", rows.toSorted((a, b) => ((Number(a.item) * 37) % 60) - ((Number(b.item) * 37) % 60))],
    [
      "annotators",
      rows.toSorted((a, b) => ((Number(a.annotator) + 2) % 5) - ((Number(b.annotator) + 2) % 5)),
    ],
  ])("has the same labels and likelihood for another order of %s", (_, order) => {
    expect(order).not.toEqual(rows);
    const after = fitted(model, order, features.toReversed());
    expect(after.labels).toEqual(before.labels);
    if (model === "majorityVote") return;
    expect(Math.abs(after.logLikelihood / before.logLikelihood - 1)).toBeLessThan(1e-9);
  });
});
