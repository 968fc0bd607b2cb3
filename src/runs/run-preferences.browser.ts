/** @file The comparisons that a run has collected, in the storage of the browser. */

import { PREFERENCES_OF_RUN, savePreferences } from "../datasets/preferences-folder.js";
import { diskFolder } from "../state/files.js";
import { listStored, writeStored } from "../state/stored-files.js";
import { withSource } from "./played-config.js";
import type * as disk from "./run-preferences.js";

/** Those of the run before it was resumed are replaced. */
export const keepPreferences: typeof disk.keepPreferences = async (run, preferences, config) => {
  const place = `${run}/${PREFERENCES_OF_RUN}`;
  await writeStored(
    {},
    (await listStored(place)).map((name) => `${place}/${name}`),
  );
  await savePreferences(diskFolder(place), withSource(preferences, config));
};
