/** @file Observation and action spaces, as a discriminated union of plain data. */

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
  spaceProblem,
  spaceWidth,
  type TupleSpace,
} from "./space.js";
export type { Action, ActionBatch, Observation } from "./values.js";
export { clipToBox, contains, flattenInto, sample, sampleInto, unflatten, whyOutside } from "./values.js";
