/** @file How a run's config says that its environment was played, as the provenance of the data that it collects. */

import type { Preferences } from "../datasets/preferences.js";
import type { Tree } from "../state/snapshot.js";
import type { RunConfig } from "./spec.js";

export type PlayedConfig = Pick<RunConfig, "environmentOptions" | "maxEpisodeSteps">;

/** Preferences with the options of the environment in which a run has shown their segments. */
export const withSource = (
  preferences: Preferences,
  { environmentOptions, maxEpisodeSteps }: PlayedConfig,
): Preferences => ({
  ...preferences,
  provenance: {
    environmentOptions: environmentOptions as Record<string, Tree>,
    ...(maxEpisodeSteps !== undefined && { maxEpisodeSteps }),
  },
});
