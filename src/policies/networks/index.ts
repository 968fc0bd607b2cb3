/** @file Networks of features: the built-in ones, and how to define another. */

export type { NetworkData, NetworkDefinition, NetworkInput } from "./contract.js";
export {
  defaultNetwork,
  defineNetwork,
  featuresOf,
  networkData,
  networkNames,
  networkOfFunction,
  UnknownNetworkError,
} from "./define.js";
