/**
 * @file The child process of `trainSeeds`, which trains one seed: `node seeds-worker.js SPEC SEED FOLDER`, with the
 * file of a {@link RunSpec}, the seed as JSON, and the run folder. If the folder exists, the run is resumed.
 */

import { existsSync } from "node:fs";
import "../../envs/index.js";
import { resolveOptions } from "../config/options.js";
import { exitCodeOf, INTERRUPTED } from "./exit-code.js";
import { readConfig } from "./inputs.js";
import { requireTerminal } from "./labellers.js";
import { resolve } from "./resolve.js";
import { stopWithParent } from "./seeds-child.js";
import { specSchema } from "./spec.js";
import { start } from "./start.js";

const [specFile, seed, folder] = process.argv.slice(2);
try {
  const spec = resolveOptions(specFile, specSchema, await readConfig(specFile));
  requireTerminal(spec.options);
  stopWithParent();
  const run = await resolve({ ...spec, seed: JSON.parse(seed) }, { folder });
  const { interrupted, close } = await start(run, {
    folder,
    resume: existsSync(folder),
    handleInterrupt: true,
  });
  close();
  process.exitCode = interrupted ? INTERRUPTED : 0;
} catch (error) {
  process.stderr.write(`understudy-rl: ${(error as Error).message}\n`);
  process.exitCode = exitCodeOf(error);
}
