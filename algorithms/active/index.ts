/** @file Active learning: which labels to ask for. The entry `understudy-rl/active`. */

export * from "../../src/active/index.js";
export { readLabelled } from "../../src/datasets/labelled/read.js";
export {
  checkSplit,
  type LabelledSet,
  labelledSet,
  type Split,
  splitLabelled,
  withClasses,
} from "../../src/datasets/labelled.js";
export { type ActiveClassifier, restoreActiveClassifier } from "./active-learning/artefact.js";
export { type ActiveLearner, type ActiveLearningOptions, activeLearning } from "./active-learning.js";
export { type AlilOptions, alil } from "./alil.js";
export type { ClassifierOption, MakesClassifier } from "./classifiers/option.js";
export { type IaleImitationOptions, ialeImitation } from "./iale-imitation.js";
export { type AcquisitionPolicy, restoreAcquisitionPolicy } from "./imitation/policy.js";
export type { AcquisitionOption } from "./shared/acquisition-option.js";
