/** @file Observation and action spaces, as a discriminated union of plain data. */

export {
  type ActionMask,
  actionMaskOf,
  allowedActions,
  allowedOptions,
  choicesOf,
  isAllowed,
  maskNameIn,
  nothingAllowed,
  requireAllowedActions,
  withoutPart,
} from "./action-mask.js";
export { type ActionScaling, actionScaling, isBound, logScale, unboundedEntry } from "./action-scaling.js";
export { flatBoxes, flatNumbers } from "./nested.js";
export { spaceOf } from "./notation.js";
export {
  allocateActions,
  type Box,
  box,
  type DictSpace,
  type Discrete,
  describeSpace,
  discrete,
  encodedWidth,
  isIntegral,
  type MultiBinary,
  type MultiDiscrete,
  type Space,
  spaceDifference,
  spaceProblem,
  spaceWidth,
  type TupleSpace,
} from "./space.js";
export type { Action, ActionBatch, Observation } from "./values.js";
export {
  clipToBox,
  contains,
  executedActions,
  flattenInto,
  sample,
  sampleInto,
  unflatten,
  whyOutside,
} from "./values.js";
