/** @file Wrappers, each of which changes one aspect of an environment. */

export { absorbingState } from "./absorbing-state.js";
export { maskedObservation } from "./action-mask.js";
export { clipAction, rescaleAction } from "./actions.js";
export { grayscale, type ImageOptions, resizeObservation } from "./images.js";
export {
  createNormalizer,
  type Normalized,
  type NormalizeOptions,
  type NormalizeRewardOptions,
  type Normalizer,
  normalizeObservation,
  normalizeReward,
} from "./normalize.js";
export { normalizeObservations, normalizeRewards } from "./normalize-vector.js";
export { frameStack, transformObservation } from "./observations.js";
export { type EpisodeStatistics, recordEpisodeStatistics } from "./record-episode-statistics.js";
export { sparseReward } from "./sparse-reward.js";
export { timeLimit } from "./time-limit.js";
