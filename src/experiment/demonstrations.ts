/** @file Demonstrations on disk, for those who use files. */

import type { Demonstrations } from "../data/demonstrations.js";
import * as folders from "../data/demonstrations-folder.js";

/**
 * The demonstrations in a folder that `collect` wrote.
 *
 * @throws UsageError when there are none; FormatError when a file is damaged, naming it and the place.
 */
export const loadDemonstrations = async (path: string): Promise<Demonstrations> =>
  folders.loadDemonstrations(await onDisk(path));

/** A folder by its path. Loaded only when asked for, so that a browser never meets the modules of Node.js. */
export const onDisk = async (path: string) => (await import("../data/files.js")).diskFolder(path);
