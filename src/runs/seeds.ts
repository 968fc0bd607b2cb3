/** @file `trainSeeds`: the same training with several seeds in parallel processes, and their summary. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import { folderOption } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import type { SeedsSummary } from "./seeds-summary.js";
import type { TextStream } from "./sinks/notes.js";
import { type RunSpec, specSchema } from "./spec.js";

export type Seed = number | string;

/** @param shortest length of the shortest list; on the command line a single number is a count */
export const seedsOption = (shortest = 1) =>
  z.union(
    [count(), z.array(z.union([z.int(), z.string().min(1)])).min(shortest)],
    "it must be a number of seeds, or a list such as 0,3,7",
  );

export const seedsSchema = z.strictObject({
  seeds: seedsOption().describe("number of seeds (0, 1, …), or a list of seeds"),
  jobs: count().optional().describe("number of runs at the same time; unset: the number of cores"),
  folder: folderOption().describe("path of the folder that holds the run folders seed-0, seed-1, …"),
  resume: z
    .boolean()
    .default(false)
    .describe("whether to continue the unfinished runs in `folder` and start the missing ones"),
  trust: z
    .union([z.literal(true), z.array(z.string())], "it must be true or a list of paths")
    .default([])
    .describe("modules that may be imported although only files name them: a list of paths, or true for all"),
  progress: z
    .custom<TextStream>((value) => typeof (value as Partial<TextStream> | null)?.write === "function")
    .meta({ type: "stream" })
    .optional()
    .describe("stream that progress is written to, such as process.stderr"),
  signal: z
    .instanceof(AbortSignal)
    .meta({ type: "AbortSignal" })
    .optional()
    .describe("ends every run after its current iteration, with a checkpoint"),
  handleInterrupt: z
    .boolean()
    .default(false)
    .describe(
      "whether the first Ctrl-C or SIGTERM ends every run as `signal` does, and a second one kills them",
    ),
});

export type SeedsOptions = z.input<typeof seedsSchema>;
export type ResolvedSeedsOptions = Omit<z.output<typeof seedsSchema>, "seeds"> & { seeds: Seed[] };

/**
 * A run as plain data, without its seed. Demonstrations and experts are references, such as `{ from: "demos/cartpole"
 * }`, or objects, of which the seeds read a copy in `folder`.
 */
export type SeedsConfig = Omit<RunSpec, "seed">;

/**
 * Trains with several seeds, each in its own process (Node.js). Each run is bit-identical to a run of `train` with that
 * seed. A failed seed is reported; the others continue.
 *
 * @throws UsageError when the folder is in use and `resume` is false, and for an object among the options that cannot
 * reach another process, such as a labeller
 */
export async function trainSeeds(config: SeedsConfig, input: SeedsOptions): Promise<SeedsSummary> {
  const options = resolveOptions("trainSeeds", seedsSchema, input);
  // Imported on demand, so that browsers do not load modules of Node.js.
  const { runSeeds } = await import("./seeds-run.js");
  const { seed: _, ...spec } = resolveOptions("trainSeeds", specSchema, config);
  return runSeeds(spec, { ...options, seeds: listSeeds(options.seeds) });
}

/**
 * The list of seeds.
 *
 * @param first the first seed, if `seeds` is a count
 * @throws UsageError when a seed is listed twice, or a count starts from a string
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
