/** @file Questions to people and their answers: policies, people at a terminal, and dropped files. */

export type { Names } from "../env/contracts.js";
export { type AnnotatorOptions, annotator } from "./annotator.js";
export { type ConsoleLabellerOptions, consoleLabeller, type Terminal } from "./console-labeller.js";
export { type FileLabellerOptions, fileLabeller } from "./file-labeller.js";
export type { Choice } from "./kinds/comparison.js";
export type { Span } from "./kinds/critique.js";
export type { KindName, Kinds } from "./kinds/index.js";
export { type Labeller, Paused } from "./labeller.js";
export { type Picture, type Pictured, picturesOf } from "./picture.js";
export { policyLabeller } from "./policy-labeller.js";
export type { Answer, LabelRequest, Query, Question } from "./question.js";
export type { DropFolder } from "./question-folder.js";
export type { Segment } from "./segment.js";
