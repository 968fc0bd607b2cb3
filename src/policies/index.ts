/** @file Policies: networks, tables and mixtures, and their files. */

export { type ActorCritic, type ActorCriticSettings, actorCritic } from "./actor-critic.js";
export { AdaptingPolicy, type AdaptingSettings } from "./adapting.js";
export { definePolicy, type PolicyDefinition } from "./define.js";
export {
  beliefInputs,
  type MetaCureNetworks,
  MetaCurePolicy,
  type MetaCureSettings,
  metaCureNetworks,
} from "./meta-cure.js";
export { MixturePolicy } from "./mixture.js";
export { actionInput, NetworkPolicy } from "./network.js";
export {
  defaultNetwork,
  defineNetwork,
  featuresOf,
  type NetworkData,
  type NetworkDefinition,
  type NetworkInput,
  networkData,
} from "./networks/index.js";
export { type PearlNetworks, PearlPolicy, type PearlSettings, pearlNetworks } from "./pearl.js";
export { type QNetwork, type QNetworkSettings, QPolicy, qNetwork } from "./q-network.js";
export { loadArtefact, loadPolicy, policyRecord, saveArtefact, savePolicy } from "./save.js";
export type { ObservationStatistics } from "./statistics.js";
export { policyOfModel, stateObservations, TabularPolicy, tableOfModel, tabulate } from "./tabular.js";
export { TimeIndexedPolicy } from "./time-indexed.js";
export { UniformPolicy } from "./uniform.js";
