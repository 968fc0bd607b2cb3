/**
 * @file The catalogue with a learner that needs no environment. A test mocks `algorithms/index.js` and
 * `algorithms/load.js` with these.
 */

import type * as index from "../../algorithms/index.js";
import type * as load from "../../algorithms/load.js";
import { logisticRegression } from "./logistic-regression.js";

const { definition } = logisticRegression;

export const indexWithDataLearner = (original: typeof index): typeof index => ({
  ...original,
  catalogue: [...original.catalogue, definition],
});

export const loadWithDataLearner = (original: typeof load): typeof load => ({
  algorithmNames: [...original.algorithmNames, definition.name],
  loadDefinition: async (name) => (name === definition.name ? definition : original.loadDefinition(name)),
});
