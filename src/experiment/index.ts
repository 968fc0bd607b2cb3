/** @file Training, evaluating, collecting and comparing: what a user calls. */

export type { Demonstrations } from "../data/demonstrations.js";
export { type CollectOptions, collect } from "./collect.js";
export { type CompareOptions, type Comparison, compare } from "./compare.js";
export { loadDemonstrations } from "./demonstrations.js";
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
export { exitCodeOf, INTERRUPTED } from "./exit-code.js";
export type { RunConfig } from "./run-config.js";
export type { RunResult } from "./runner.js";
export type { MetricSink, Row, Table } from "./sinks/sink.js";
export { type TrainOptions, train } from "./train.js";
