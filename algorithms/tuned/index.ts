/**
 * @file Tuned settings: for an algorithm and an environment, the options, the length of the training, and the source of
 * these settings.
 */

import { cloningSettings } from "./cloning.js";
import type { Tuned, TunedTable } from "./entry.js";
import { imitationSettings } from "./imitation.js";
import { inverseSettings } from "./inverse.js";
import { describeTunedIn, type TunedAlgorithm, tunedIn } from "./lookup.js";
import { metaSettings } from "./meta.js";
import { rlSettings } from "./rl.js";

export type { Tuned } from "./entry.js";

/** All tables; an algorithm has its settings in one of them. */
export const tunedSettings: TunedTable = {
  ...rlSettings,
  ...cloningSettings,
  ...inverseSettings,
  ...imitationSettings,
  ...metaSettings,
};

/** {@link tunedIn} all tables. */
export const tunedFor = (algorithm: TunedAlgorithm, env: string): Tuned | undefined =>
  tunedIn(tunedSettings, algorithm, env);

/** {@link describeTunedIn} all tables. */
export const describeTunedFor = (
  algorithm: TunedAlgorithm,
  env: string,
  options: Record<string, unknown>,
): string => describeTunedIn(tunedSettings, algorithm, env, options);
