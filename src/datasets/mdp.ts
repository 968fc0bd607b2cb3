/**
 * @file The namespace `mdp` of the package's entry: exact tabular models, and the occupancy of demonstrations in them.
 */

export * from "../mdp/index.js";
export { demonstratedOccupancy, type StateIndex, stateIndex } from "./occupancy.js";
