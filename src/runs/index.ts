/** @file The functions that users call to train, evaluate, collect and compare. */

export {
  byExpert,
  type MixtureOptions,
  mixDemonstrations,
  noisyLabels,
  subsample,
  weighted,
} from "../datasets/demonstration-tools.js";
export { type Demonstration, type Demonstrations, splitEpisodes } from "../datasets/demonstrations.js";
export {
  loadDemonstrations,
  type ReadDemonstrationsOptions,
  readDemonstrations,
  type WriteDemonstrationsOptions,
  writeDemonstrations,
} from "../datasets/read-demonstrations.js";
export { type DemonstratedTransitions, demonstratedTransitions } from "../datasets/transitions.js";
export { type CollectOptions, collect } from "../measure/collect.js";
export { type CompareOptions, type Comparison, compare } from "../measure/compare.js";
export { type DistanceOptions, distanceFrom } from "../measure/distance.js";
export { type EvaluateOptions, type Evaluation, evaluate } from "../measure/evaluate.js";
export {
  type DataEvaluation,
  type EvaluateOnDataOptions,
  evaluateOnData,
} from "../measure/evaluate-on-data.js";
export type { Measure } from "../measure/measure.js";
export {
  type Picture,
  type RecordedEpisode,
  type RecordOptions,
  recordEpisodes,
} from "../measure/record-episodes.js";
export type { Actor, Controller, ControllerContext } from "../policies/controller.js";
export type { ActionNoise } from "../rollout/action-noise.js";
export { type ExpertInfo, type ExpertOptions, expertIds, expertInfo, loadExpert } from "../zoo/experts.js";
export { type CompareRunsOptions, compareRuns } from "./compare-runs.js";
export type { ComparedGroup, OmittedRun, RunsComparison } from "./comparison.js";
export { type EpisodeDocumentOptions, episodeDocument } from "./episode-document.js";
export { exitCodeOf, INTERRUPTED } from "./exit-code.js";
export type { RunResult } from "./runner.js";
export type { MetricSink, Row, Table } from "./sinks/sink.js";
export type { RunConfig, RunSpec } from "./spec.js";
export {
  type TrainByNameOptions,
  type TrainOnDataOptions,
  type TrainOptions,
  type TrainSpec,
  train,
} from "./train.js";
