/** @file The version of this package (Node.js only). */

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export const packageVersion = (): string => require("understudy-rl/package.json").version;
