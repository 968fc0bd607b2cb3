#!/usr/bin/env node
/** @file The `understudy-rl` command. */

import { runCli } from "./cli.js";

await runCli(process.argv.slice(2));
