/** @file Training, evaluating, collecting and comparing: what a user calls. */

export {
  byExpert,
  type MixtureOptions,
  mixDemonstrations,
  noisyLabels,
  subsample,
  weighted,
} from "../data/demonstration-tools.js";
export { type Demonstration, type Demonstrations, splitEpisodes } from "../data/demonstrations.js";
export { type DemonstratedTransitions, demonstratedTransitions } from "../data/transitions.js";
export type { ActionNoise } from "../rollout/action-noise.js";
export { type CollectOptions, collect } from "./collect.js";
export { type CompareOptions, type Comparison, compare } from "./compare.js";
export {
  loadDemonstrations,
  type ReadDemonstrationsOptions,
  readDemonstrations,
  type WriteDemonstrationsOptions,
  writeDemonstrations,
} from "./demonstrations.js";
export { type DistanceOptions, distanceFrom } from "./distance.js";
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
export { exitCodeOf, INTERRUPTED } from "./exit-code.js";
export { type ExpertInfo, type ExpertOptions, expertIds, expertInfo, loadExpert } from "./experts.js";
export type { RunConfig } from "./run-config.js";
export type { Measure, RunResult } from "./runner.js";
export type { MetricSink, Row, Table } from "./sinks/sink.js";
export { type TrainOptions, train } from "./train.js";
