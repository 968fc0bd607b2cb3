/** @file The origin of demonstrations, and how their environment was played. */

import type { Tree } from "../state/snapshot.js";

/** The origin of demonstrations: `expertReturn`, and any further information, such as policy, seed, version or time. */
export interface Provenance {
  /** Mean raw return of the demonstrating policy, by which scores are normalised; NaN where it is unknown. */
  expertReturn: number;
  [key: string]: Tree;
}

/** The options with which the environment of demonstrations was played, in their provenance. */
export type PlayedWith = {
  environmentOptions?: Record<string, Tree>;
  /** The limit of the rollouts (steps), as of the option `maxEpisodeSteps` of `collect`. */
  maxEpisodeSteps?: number;
};

/** How the environment was played, from the provenance of demonstrations, which may be put together by hand. */
export const playedWithIn = ({ provenance }: { provenance?: Partial<Provenance> }): PlayedWith => {
  const { environmentOptions, maxEpisodeSteps } = provenance ?? {};
  const isRecord = typeof environmentOptions === "object" && environmentOptions !== null;
  return {
    ...(isRecord && { environmentOptions: environmentOptions as Record<string, Tree> }),
    ...(typeof maxEpisodeSteps === "number" && { maxEpisodeSteps }),
  };
};
