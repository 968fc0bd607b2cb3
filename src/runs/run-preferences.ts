/** @file The comparisons that a run has collected, in its folder. */

import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Preferences } from "../datasets/preferences.js";
import { COMPARISONS, PREFERENCES_OF_RUN, savePreferences } from "../datasets/preferences-folder.js";
import { diskFolder } from "../state/files.js";
import { type PlayedConfig, withSource } from "./played-config.js";

/**
 * Writes the comparisons of a run into its folder, in place of those of the run before it was resumed. If somebody has
 * changed these since, they are kept beside it, as `preferences.1` and so on.
 */
export async function keepPreferences(
  run: string,
  preferences: Preferences,
  config: PlayedConfig,
): Promise<void> {
  const [place, fresh] = [join(run, PREFERENCES_OF_RUN), join(run, `${PREFERENCES_OF_RUN}.new`)];
  rmSync(fresh, { recursive: true, force: true });
  await savePreferences(diskFolder(fresh), withSource(preferences, config));
  if (existsSync(place)) {
    const [before, after] = await Promise.all([answersIn(place), answersIn(fresh)]);
    if (after.subarray(0, before.length).equals(before)) rmSync(place, { recursive: true });
    else renameSync(place, unused(place));
  }
  renameSync(fresh, place);
}

const answersIn = async (folder: string) => Buffer.from((await diskFolder(folder).read(COMPARISONS)) ?? []);

function unused(place: string): string {
  for (let i = 1; ; i++) if (!existsSync(`${place}.${i}`)) return `${place}.${i}`;
}
