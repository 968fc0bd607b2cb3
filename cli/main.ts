#!/usr/bin/env node
/** @file The `understudy` command. */

import { runCli } from "./cli.js";

await runCli(process.argv.slice(2));
