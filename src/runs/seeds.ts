/** @file `trainSeeds`: the same training under several seeds, side by side in processes, and what they show together. */

import { z } from "zod";
import { count, resolveOptions } from "../config/options.js";
import { folderOption } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import type { SeedsSummary } from "./seeds-summary.js";
import type { TextStream } from "./sinks/progress.js";

export type Seed = number | string;

/** @param shortest Of a list: where one is typed, a single number is a count. */
export const seedsOption = (shortest = 1) =>
  z.union(
    [count(), z.array(z.union([z.int(), z.string().min(1)])).min(shortest)],
    "it must be how many, or a list such as 0,3,7",
  );

const schema = z.strictObject({
  /** How many (0, 1, …) or which. */
  seeds: seedsOption(),
  /** How many at once; as many as there are cores by default. */
  jobs: count().optional(),
  /** Holds a run folder for each seed, `seed-0` and so on. */
  folder: folderOption(),
  /** Go on with the seeds in `folder` that have not finished, and start those that are not there. */
  resume: z.boolean().default(false),
  /** Show progress on this stream, for example `process.stderr`. */
  progress: z
    .custom<TextStream>((value) => typeof (value as Partial<TextStream> | null)?.write === "function")
    .optional(),
  /** Ends every seed after the iteration in progress, with a checkpoint. */
  signal: z.instanceof(AbortSignal).optional(),
  /** The first Ctrl-C ends every seed as `signal` does, a second one kills them. */
  handleInterrupt: z.boolean().default(false),
});

export type SeedsOptions = z.input<typeof schema>;
export type ResolvedSeedsOptions = Omit<z.output<typeof schema>, "seeds"> & { seeds: Seed[] };

/**
 * What every seed is trained with: what a run's `config.json` holds but for its seed, and what a file for `--config`
 * may hold. Plain data: demonstrations and experts are given by their paths.
 */
export interface SeedsConfig {
  algorithm: string;
  options?: Record<string, unknown>;
  env?: string;
  [option: string]: unknown;
}

/**
 * Trains under several seeds, each in a process of its own (Node.js), which is bit for bit the run that `understudy
 * train` makes of that seed alone. A seed that fails is reported; the others go on.
 *
 * @throws UsageError when the folder is in use and `resume` is not asked for.
 */
export async function trainSeeds(config: SeedsConfig, input: SeedsOptions): Promise<SeedsSummary> {
  const options = resolveOptions("trainSeeds", schema, input);
  // What starts processes is loaded only when asked for, so that a browser never meets the modules of Node.js.
  const { runSeeds } = await import("./seeds-run.js");
  return runSeeds(config, { ...options, seeds: listSeeds(options.seeds) });
}

/**
 * The seeds that are meant.
 *
 * @param first Where a count starts.
 * @throws UsageError when one stands twice, or a count would start from a string.
 */
export function listSeeds(seeds: number | Seed[], first: Seed = 0): Seed[] {
  if (typeof seeds === "number") {
    if (typeof first === "string") {
      throw new UsageError(`seeds cannot be counted from "${first}": list them, as in --seeds a,b`);
    }
    return Array.from({ length: seeds }, (_, i) => first + i);
  }
  const twice = seeds.find((seed, i) => seeds.some((other, j) => j < i && String(other) === String(seed)));
  if (twice !== undefined) throw new UsageError(`seed ${twice} is listed twice`);
  return seeds;
}
