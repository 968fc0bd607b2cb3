/** @file Active learning without models: acquisitions, and measures of curves. */

export { badge, badgePlaces } from "./acquisition/badge.js";
export { bald, baldScores } from "./acquisition/bald.js";
export { type BatchBaldOptions, batchBald, batchBaldPlaces } from "./acquisition/batch-bald.js";
export { coreSet, kCentreGreedy } from "./acquisition/core-set.js";
export { density, meanSimilarities } from "./acquisition/density.js";
export { entropy, entropyScores } from "./acquisition/entropy.js";
export {
  type ErrorReductionOptions,
  expectedErrorReduction,
} from "./acquisition/expected-error-reduction.js";
export { leastConfidence, leastConfidenceScores } from "./acquisition/least-confidence.js";
export { margin, marginScores } from "./acquisition/margin.js";
export {
  committeeScores,
  type Disagreement,
  disagreements,
  queryByCommittee,
} from "./acquisition/query-by-committee.js";
export { random } from "./acquisition/random.js";
export { scored } from "./acquisition/scored.js";
export { sparseSubset } from "./acquisition/sparse-subset.js";
export { subPool } from "./acquisition/sub-pool.js";
export { chances } from "./chance.js";
export type {
  Ability,
  Acquisition,
  Classifier,
  ClassifierData,
  Embeddings,
  Examples,
  Model,
  PoolView,
  Samples,
} from "./contract.js";
export {
  areaUnder,
  type Curve,
  classBalance,
  deficiency,
  kappaOf,
  labelsToReach,
  overlap,
} from "./metrics.js";
export { poolView, type Seen } from "./pool-view.js";
export { topB } from "./top-b.js";
