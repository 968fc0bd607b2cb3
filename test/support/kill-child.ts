/**
 * @file One run in a separate process, for tests that kill it: `node <this, built> <case> <folder> begin|resume
 * [<worker threads, in place of the case's own>]`.
 */

import type { Algorithm } from "../../src/learning/contract.js";
import { exitCodeOf, INTERRUPTED } from "../../src/runs/exit-code.js";
import { type TrainOptions, train } from "../../src/runs/train.js";
import { killCases } from "./kill-cases.js";

const [name, folder, way, workers] = process.argv.slice(2);
try {
  const { algorithm, options } = await killCases[name]();
  const threads = workers === undefined ? options.workers : Number(workers);
  const run = { ...options, workers: threads, folder, resume: way === "resume", handleInterrupt: true };
  const { interrupted } = await train.run(algorithm as Algorithm, run as TrainOptions);
  process.exitCode = interrupted ? INTERRUPTED : 0;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = exitCodeOf(error);
}
