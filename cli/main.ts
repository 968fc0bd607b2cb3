#!/usr/bin/env node
/** @file The `understudy-rl` command. */

import { superviseIfNeeded } from "./supervisor.js";

const words = process.argv.slice(2);
await superviseIfNeeded(words, async () => (await import("./cli.js")).runCli(words));
