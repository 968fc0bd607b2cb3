/** @file Where the expert zoo of this package is on disk (Node.js only). */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { diskFolder } from "../state/files.js";

/** The folder by the package's own name, which is the same from its sources, once built, and when installed. */
export const packagedExperts = () =>
  diskFolder(join(dirname(createRequire(import.meta.url).resolve("understudy/package.json")), "experts"));
