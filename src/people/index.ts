/** @file Labellers: policies, people at a terminal, and whoever drops files. */

export type { DropFolder } from "./answer-drop.js";
export {
  type ConsoleLabellerOptions,
  consoleLabeller,
  type Names,
  type Terminal,
} from "./console-labeller.js";
export { type FileLabellerOptions, fileLabeller } from "./file-labeller.js";
export {
  type Answer,
  type Labeller,
  type LabelRequest,
  Paused,
  policyLabeller,
  type Query,
} from "./labeller.js";
export { type Picture, type Pictured, picturesOf } from "./picture.js";
