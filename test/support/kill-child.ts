/** @file One run in a process of its own: `node <this, bundled> <case> <folder> [resume]`, for tests that kill it. */

import { exitCodeOf, INTERRUPTED } from "../../src/experiment/exit-code.js";
import { train } from "../../src/experiment/train.js";
import { killCases } from "./kill-cases.js";

const [name, folder, resume] = process.argv.slice(2);
try {
  const { algorithm, options } = await killCases[name]();
  const run = { ...options, folder, resume: resume === "resume", handleInterrupt: true };
  const { interrupted } = await train.run(algorithm, run);
  process.exitCode = interrupted ? INTERRUPTED : 0;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = exitCodeOf(error);
}
