/** @file The environment in which the segments of preferences were played. */

import { isReference } from "../config/references.js";
import type { Preferences } from "../datasets/preferences.js";
import { PREFERENCES, preferencesAt, preferencesHeader } from "../datasets/preferences-folder.js";
import { type PlayedWith, playedWithIn } from "../datasets/provenance.js";

/**
 * The environment of preferences, given or on disk, with the options with which it was played.
 *
 * @param isChosen whether the environment is chosen already, so that only its options matter
 * @throws UsageError when the folder has no preferences and no environment is chosen
 */
export async function comparedWith(
  preferences: object,
  isChosen: boolean,
): Promise<({ env: string } & PlayedWith) | undefined> {
  const { from } = preferences as { from?: string };
  if (from === undefined && isReference(preferences)) return undefined;
  if (from === undefined) return { env: (preferences as Preferences).env, ...playedWithIn(preferences) };
  const folder = await preferencesAt(from);
  // What reads the preferences reports that there are none.
  if (isChosen && (await folder.read(PREFERENCES)) === undefined) return undefined;
  const header = await preferencesHeader(folder);
  return { env: header.env, ...playedWithIn(header) };
}
