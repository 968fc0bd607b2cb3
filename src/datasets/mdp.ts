/** @file Exact tabular models, and the occupancy that demonstrations have in one: what the package's entry calls `mdp`. */

export * from "../mdp/index.js";
export { demonstratedOccupancy, type StateIndex, stateIndex } from "./occupancy.js";
