/** @file Networks of features: the built-in ones, and how to define another. */

export type { NetworkData, NetworkDefinition, NetworkInput } from "./contract.js";
export { defineNetwork, featuresOf, networkData, networkNames, UnknownNetworkError } from "./define.js";
