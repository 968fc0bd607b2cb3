/** @file Finds the expert zoo of this package on disk (Node.js only). */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { diskFolder } from "../state/files.js";

/**
 * The folder of experts, resolved by the package's name, so that it works in the sources, the build and an
 * installation.
 */
export const packagedExperts = () =>
  diskFolder(join(dirname(createRequire(import.meta.url).resolve("understudy-rl/package.json")), "experts"));
