/** @file Paths in the storage of a browser start from the site, so that a record needs no working folder. */

import type * as disk from "./recorded-paths.js";

export const fromWorkingFolder: typeof disk.fromWorkingFolder = (record) => record;
