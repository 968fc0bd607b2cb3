/** @file The networks from annotations, which are loaded together: they are small. */

export { type AggNetOptions, aggNet } from "./agg-net.js";
export { type AggregateThenTrainOptions, aggregateThenTrain } from "./aggregate-then-train.js";
export { type ConalOptions, conal } from "./conal.js";
export { type CrowdInGOptions, crowdInG } from "./crowd-in-g.js";
export { type CrowdLayerOptions, crowdLayer } from "./crowd-layer.js";
export { type DoctorNetOptions, doctorNet } from "./doctor-net.js";
export { type MaxMigOptions, maxMig } from "./max-mig.js";
export type { CrowdClassifier } from "./shared/classifier.js";
export { restoreClassifier } from "./shared/restore.js";
export { type TraceRegularisedOptions, traceRegularised } from "./trace-regularised.js";
