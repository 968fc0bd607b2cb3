/** @file Many environments behind one interface: native where they can be, wrapped where not, in threads if asked. */

import { UsageError } from "../errors.js";
import { describeSpace, spaceWidth } from "../spaces/index.js";
import { nativeVectorOf } from "./array-environments.js";
import { requireAutoreset } from "./autoreset.js";
import type { Autoreset, Environment, VectorEnvironment } from "./contracts.js";
import { addressOf, type EnvironmentSource, nativeVector, open } from "./registry.js";
import { allRows, type Rows } from "./vector-rows.js";
import { WrapperVector } from "./wrapper-vector.js";

/** Threads that step environments. They change no number, only where it is computed. */
export interface WorkerOptions {
  /**
   * Worker threads among which the environments are divided, at most one for each; 0, the default, steps them in this
   * thread. A single environment is never sent to another one.
   */
  workers?: number;
  /** Seconds after which a step (or a reset, or a snapshot) that has not come back counts as stuck; 300 by default. */
  workerTimeout?: number;
}

export interface VectorOptions extends WorkerOptions {
  /** 0 by default. */
  seed?: number | string;
  /** The environment's own. */
  options?: Record<string, unknown>;
  /** When the next episode starts; "same-step" by default, which is what everything here that records episodes needs. */
  autoreset?: Autoreset;
}

/**
 * Steps N single environments one after the other.
 *
 * @throws {UsageError} when there are none, when one appears twice, or when their spaces differ.
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
    throw new UsageError(`${first.id}: each environment of a vector must be a new one, but one came twice`);
  }
  for (const { observationSpace, actionSpace } of environments) {
    for (const [one, other] of [
      [first.observationSpace, observationSpace],
      [first.actionSpace, actionSpace],
    ]) {
      if (describeSpace(one) === describeSpace(other)) continue;
      const both = `${describeSpace(one)} and ${describeSpace(other)}`;
      throw new UsageError(`${first.id}: the environments of a vector differ in their spaces: ${both}`);
    }
  }
  const rows = part ?? allRows(environments.length, spaceWidth(first.observationSpace));
  return new WrapperVector(environments, rows, autoreset);
}

/**
 * `count` environments, reset: in the native form where there is one, else {@link vectorOf}. Environment i draws from
 * the stream ("env", i) of `seed`, also when worker threads step it.
 *
 * @throws {UsageError} for an unknown environment or option, and for workers where there are none: on a web page, or
 * for an environment that is known only as a function.
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
      "workers need Node.js: a web page must not wait for another thread, as step() has to; leave the option out",
    );
  }
  const address = addressOf(source, settings.options);
  // What all environments have in common, and mistakes in the options, come from one that is made in this thread.
  const probe = await open(source, settings.options);
  try {
    const { createWorkerVector } = await import("./workers/worker-vector.js");
    return await createWorkerVector(address, probe, count, settings);
  } finally {
    probe.close?.();
  }
}

/** New environments for `part`, or for a vector of `count` of its own. Those that are not needed are closed. */
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
