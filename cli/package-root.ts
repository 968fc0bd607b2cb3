/** @file The folder of this package, wherever it is installed. */

import { createRequire } from "node:module";
import { dirname } from "node:path";

export const packageRoot = (): string =>
  dirname(createRequire(import.meta.url).resolve("understudy-rl/package.json"));
