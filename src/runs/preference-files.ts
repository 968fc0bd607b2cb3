/** @file Preferences in folders by their path: on disk, or in the storage of a browser. */

import { withOrigin } from "../config/references.js";
import type { Preferences } from "../datasets/preferences.js";
import * as folders from "../datasets/preferences-folder.js";
import { onDisk } from "../datasets/read-demonstrations.js";

/**
 * Reads the preferences in a folder, or in that of the run that collected them.
 *
 * @throws UsageError when the folder has none; FormatError naming the file and the fault
 */
export const loadPreferences = async (path: string): Promise<Preferences> =>
  withOrigin(await folders.loadPreferences(await folders.preferencesAt(path)), { from: path });

/**
 * Writes preferences into a folder without any.
 *
 * @throws UsageError when the folder already has preferences, or one of these is not valid
 */
export const savePreferences = async (preferences: Preferences, path: string): Promise<void> =>
  folders.savePreferences(await onDisk(path), preferences);
