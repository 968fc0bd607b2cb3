/** @file Creates vector environments: native if available, otherwise wrapped, optionally in worker threads. */

import { UsageError } from "../errors.js";
import { spaceDifference, spaceWidth } from "../spaces/index.js";
import { nativeVectorOf } from "./array-environments.js";
import { requireAutoreset } from "./autoreset.js";
import type { Autoreset, Environment, VectorEnvironment } from "./contracts.js";
import { addressOf, type EnvironmentSource, nativeVector, open } from "./registry.js";
import { allRows, type Rows } from "./vector-rows.js";
import { WrapperVector } from "./wrapper-vector.js";

/** The worker threads that step environments. They do not affect results. */
export interface WorkerOptions {
  /**
   * The number of worker threads that share the environments, at most one per environment. Default 0: the environments
   * run in this thread. A single environment always runs in this thread.
   */
  workers?: number;
  /** Seconds after which an unanswered step, reset or snapshot counts as stuck. Default 300. */
  workerTimeout?: number;
}

export interface VectorOptions extends WorkerOptions {
  /** The seed of all environments. Default 0. */
  seed?: number | string;
  /** The options of the environment. */
  options?: Record<string, unknown>;
  /** When the next episode starts. Default "same-step", which recording episodes and learning need. */
  autoreset?: Autoreset;
}

/**
 * A vector that steps N single environments in turn.
 *
 * @throws UsageError when the list is empty, contains an environment twice, or the spaces or their bounds differ.
 */
export function vectorOf(
  environments: readonly Environment[],
  { autoreset = "same-step" }: { autoreset?: Autoreset } = {},
): VectorEnvironment {
  requireAutoreset(autoreset);
  return wrapped(environments, autoreset);
}

function wrapped(environments: readonly Environment[], autoreset: Autoreset, part?: Rows): VectorEnvironment {
  const [first] = environments;
  if (!first) throw new UsageError("a vector environment needs at least one environment");
  if (new Set(environments).size < environments.length) {
    throw new UsageError(
      `${first.id}: the environments of a vector must be different objects, but one appears twice`,
    );
  }
  for (const other of environments) refuseOtherSpaces(first.id, first, other);
  const rows = part ?? allRows(environments.length, spaceWidth(first.observationSpace));
  return new WrapperVector(environments, rows, autoreset);
}

type Spaces = Pick<Environment, "observationSpace" | "actionSpace">;

/** @throws UsageError for environments of one source that differ in their spaces, or in the bounds of boxes */
export function refuseOtherSpaces(id: string, one: Spaces, other: Spaces): void {
  for (const [what, space] of [
    ["observations", "observationSpace"],
    ["actions", "actionSpace"],
  ] as const) {
    const difference = spaceDifference(one[space], other[space]);
    if (!difference) continue;
    throw new UsageError(`${id}: its environments differ in their spaces of ${what}: ${difference}`);
  }
}

/**
 * Creates and resets a vector of `count` environments: the native form if there is one, else {@link vectorOf}.
 * Environment i draws from the stream ("env", i) of `seed`, also in worker threads.
 *
 * @throws UsageError for an unknown environment or option, and for `workers` on a web page or with an environment that
 *   is given as a function.
 */
export async function makeVector(
  source: EnvironmentSource,
  count: number,
  { seed = 0, options, autoreset = "same-step", workers = 0, workerTimeout = 300 }: VectorOptions = {},
): Promise<VectorEnvironment> {
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError(`a vector environment needs a positive number of environments, not ${count}`);
  }
  if (!Number.isInteger(workers) || workers < 0) {
    throw new UsageError(`workers must be a number of threads, such as 2, or 0 for none, not ${workers}`);
  }
  if (!(workerTimeout > 0)) {
    throw new UsageError(`workerTimeout must be a positive number of seconds, not ${workerTimeout}`);
  }
  requireAutoreset(autoreset);
  const threads = count > 1 ? Math.min(workers, count) : 0;
  const vector =
    threads > 0
      ? await inWorkers(source, count, { options, autoreset, workers: threads, workerTimeout })
      : (autoreset === "same-step" && (await nativeVector(source, count, options))) ||
        (await vectorFrom(source, { options, autoreset, count }));
  try {
    vector.reset({ seed });
  } catch (error) {
    vector.close();
    throw error;
  }
  return vector;
}

async function inWorkers(
  source: EnvironmentSource,
  count: number,
  settings: Required<WorkerOptions> & { options?: Record<string, unknown>; autoreset: Autoreset },
): Promise<VectorEnvironment> {
  const versions = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions;
  if (versions?.node === undefined) {
    throw new UsageError(
      "workers need Node.js: step() waits for other threads, which a web page cannot do; omit the option",
    );
  }
  const address = addressOf(source, settings.options);
  // One environment is created in this thread, to read common properties and to find errors in the options.
  const probe = await open(source, settings.options);
  try {
    const { createWorkerVector } = await import("./workers/worker-vector.js");
    return await createWorkerVector(address, probe, count, settings);
  } finally {
    probe.close?.();
  }
}

/** A vector of new environments for `part`, or for a whole vector of `count`. Unused environments are closed. */
export async function vectorFrom(
  source: EnvironmentSource,
  {
    options,
    autoreset,
    ...size
  }: { options?: Record<string, unknown>; autoreset: Autoreset } & ({ part: Rows } | { count: number }),
): Promise<VectorEnvironment> {
  const environments = [await open(source, options)];
  const [first] = environments;
  try {
    const rows = "part" in size ? size.part : allRows(size.count, spaceWidth(first.observationSpace));
    const native = autoreset === "same-step" ? nativeVectorOf(first, rows) : undefined;
    if (native) {
      first.close?.();
      return native;
    }
    while (environments.length < rows.count) environments.push(await open(source, options));
    return wrapped(environments, autoreset, rows);
  } catch (error) {
    for (const environment of environments) environment.close?.();
    throw error;
  }
}
