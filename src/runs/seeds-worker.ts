/**
 * @file The child process of `trainSeeds`, which trains one seed: `node seeds-worker.js SPEC SEED FOLDER TRUST`, with
 * the file of a {@link RunSpec} (and the list of seeds), the seed as JSON, the run folder, and the modules that may be imported as JSON. If the
 * folder exists, the run is resumed.
 */

import { existsSync } from "node:fs";
import "../../envs/index.js";
import { resolveOptions } from "../config/options.js";
import { exitCodeOf, INTERRUPTED } from "./exit-code.js";
import { readConfig } from "./inputs.js";
import { requireTerminal } from "./labellers.js";
import { printable } from "./printable.js";
import { resolve } from "./resolve.js";
import { stopWithParent } from "./seeds-child.js";
import { specSchema } from "./spec.js";
import { start } from "./start.js";

const [specFile, seed, folder, trust] = process.argv.slice(2);
try {
  const { seeds: _, ...file } = await readConfig(specFile);
  const spec = resolveOptions(specFile, specSchema, file);
  requireTerminal(spec.options);
  stopWithParent();
  const run = await resolve({ ...spec, seed: JSON.parse(seed) }, { folder, trust: JSON.parse(trust) });
  const { interrupted, close } = await start(run, {
    folder,
    resume: existsSync(folder),
    handleInterrupt: true,
  });
  close();
  process.exitCode = interrupted ? INTERRUPTED : 0;
} catch (error) {
  process.stderr.write(`understudy-rl: ${printable((error as Error).message)}\n`);
  process.exitCode = exitCodeOf(error);
}
