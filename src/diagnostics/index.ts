/** @file Diagnostics: comparison of learner and expert, reward distances and statistics. */

export { adjustedMutualInformation, clusterUsageEntropy, nmi } from "./clustering.js";
export {
  type DivergenceKind,
  divergence,
  divergenceKinds,
  divergenceSlope,
  jensenShannon,
  kullbackLeibler,
  totalVariation,
} from "./divergences.js";
export { canonicalReward, epicDistance, modelReward, type TabularReward } from "./epic.js";
export { type ExactDiagnostics, exactDiagnostics, type PerformanceDifference } from "./exact.js";
export {
  actionDistance,
  type Estimate,
  type ReturnSummary,
  type SampledDiagnostics,
  type SampledOptions,
  sampledDiagnostics,
} from "./sampled.js";
export {
  type BootstrapOptions,
  bootstrapInterval,
  estimateOfRuns,
  iqm,
  LEAST_RUNS,
  mean,
  probabilityOfImprovement,
  quantile,
  type ResamplingOptions,
  type RunsEstimate,
  type StratifiedBootstrapOptions,
  std,
  stratifiedBootstrapInterval,
} from "./statistics.js";
