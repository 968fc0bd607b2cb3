/** @file The registry of environments: from an id, or a function that makes one, to a checked environment. */

import type { z } from "zod";
import { resolveOptions } from "../config/options.js";
import { didYouMean, UsageError } from "../errors.js";
import { type AdapterOptions, adaptEnvironment, type EnvironmentLike } from "./adapter.js";
import type { Environment, VectorEnvironment } from "./contracts.js";

type Options = Record<string, unknown>;

/** What the registry keeps of a kind of environment. The adapter's options apply to gym-like environments. */
export interface EnvironmentSpec extends Omit<AdapterOptions, "id"> {
  id: string;
  /** One line for listings. */
  summary?: string;
  /** What a listing shows of an environment with the default options; without it, the environment is made for that. */
  listing?: EnvironmentListing;
  /** The options that `make` takes, with their defaults. Without a schema, options reach `make` unchecked. */
  options?: z.ZodObject;
  /** Anything with `reset` and `step`: see {@link adaptEnvironment}. */
  make(options: Options): EnvironmentLike | Promise<EnvironmentLike>;
  /**
   * URL of a module that registers this environment when it is imported, so that a worker thread can make it too:
   * `import.meta.url` in the file that calls `register`. A module that only exports it by default serves as well.
   */
  module?: string;
  /**
   * A vector form of its own, where it is faster than stepping single environments. Environment i must do what the
   * single one does, which worker threads and the other modes of autoreset use.
   */
  makeVector?(count: number, options: Options): VectorEnvironment | Promise<VectorEnvironment>;
}

/** The spaces, as `describeSpace` prints them, and the steps after which an episode is truncated. */
export interface EnvironmentListing {
  observations: string;
  actions: string;
  limit?: number;
}

/**
 * How to get environments: a registered id, an id with options, or a function (or class) that makes a new one at
 * each call.
 */
export type EnvironmentSource =
  | string
  | { id: string; options?: Options }
  | (() => EnvironmentLike | Promise<EnvironmentLike>)
  | (new () => EnvironmentLike);

const specs = new Map<string, EnvironmentSpec>();

/**
 * Adds an environment to the registry.
 *
 * @throws {UsageError} when the id is taken (unless `replace`), empty, or `make` is not a function.
 */
export function register(spec: EnvironmentSpec, { replace = false } = {}): void {
  if (typeof spec?.id !== "string" || spec.id === "") {
    throw new UsageError(`register() needs an id, such as { id: "MyEnv-v0", make: () => new MyEnv() }`);
  }
  if (typeof spec.make !== "function") {
    throw new UsageError(`${spec.id}: make must be a function that returns an environment`);
  }
  if (specs.has(spec.id) && !replace) {
    throw new UsageError(`${spec.id} is already registered; choose another id or pass { replace: true }`);
  }
  specs.set(spec.id, spec);
}

/** Every registered id, sorted. */
export const envIds = (): string[] => [...specs.keys()].sort();

/** @throws {UsageError} for an id that is not registered, with the nearest one that is. */
export function envSpec(id: string): EnvironmentSpec {
  const spec = specs.get(id);
  if (spec) return spec;
  const hint = specs.size > 0 ? didYouMean(id, envIds()) : `; import "understudy/envs" to register ours`;
  throw new UsageError(`unknown environment "${id}"${hint}`);
}

/**
 * A new environment of a registered kind.
 *
 * @throws {UsageError} for an unknown id or option, or an option of the wrong type.
 */
export async function make(id: string, options?: Options): Promise<Environment> {
  const spec = envSpec(id);
  return adaptEnvironment(await spec.make(resolved(spec, options)), spec);
}

const resolved = (spec: EnvironmentSpec, options: Options = {}): Options =>
  spec.options ? resolveOptions(spec.id, spec.options, options) : options;

/** A new environment from any source. `options` add to those of the source, and need an id. */
export async function open(source: EnvironmentSource, options?: Options): Promise<Environment> {
  const named = namedSource(source, options);
  if (named) return make(named.id, named.options);
  if (typeof source === "function") {
    if (options && Object.keys(options).length > 0) {
      throw new UsageError("environment options need an environment id: a function makes its own choices");
    }
    return adaptEnvironment(await construct(source));
  }
  const isEnvironment = typeof (source as Partial<EnvironmentLike> | null)?.step === "function";
  throw new UsageError(
    isEnvironment
      ? "give a function that makes a new environment, such as () => new MyEnv(), not an environment: a run needs several"
      : `an environment is given by its id, such as "CartPole-v1", or by a function that makes one, not by ${source}`,
  );
}

function construct(source: Exclude<EnvironmentSource, string | { id: string }>) {
  const isClass = typeof source.prototype?.step === "function";
  return isClass ? new (source as new () => EnvironmentLike)() : (source as () => EnvironmentLike)();
}

/**
 * What is to be registered for a module whose default export is a class or a function that makes environments.
 *
 * @throws {UsageError} when it exports something else.
 */
export function moduleSpec(id: string, module: string, exported: unknown): EnvironmentSpec {
  if (typeof exported !== "function") {
    throw new UsageError(
      `${id} must have a default export: a class, or a function that makes an environment`,
    );
  }
  return { id, module, make: () => construct(exported as () => EnvironmentLike) };
}

/** All that another thread needs to make an environment itself: plain data. */
export interface EnvironmentAddress {
  id: string;
  module: string;
  options: Options;
}

/** @throws {UsageError} when the environment cannot be made elsewhere, because it is known here only as code. */
export function addressOf(source: EnvironmentSource, options?: Options): EnvironmentAddress {
  const named = namedSource(source, options);
  const register = "register({ id, make, module: import.meta.url })";
  if (!named) {
    throw new UsageError(
      "a function cannot be sent to worker threads: put the environment in a module of its own, " +
        `call ${register} there, and give its id`,
    );
  }
  const spec = envSpec(named.id);
  if (spec.module === undefined) {
    throw new UsageError(
      `${spec.id}: worker threads cannot make it without knowing its module: call ${register}, ` +
        "in a module of its own",
    );
  }
  return { id: spec.id, module: spec.module, options: named.options ?? {} };
}

/** The registered environment's own vector form, or `undefined` where it has none. */
export async function nativeVector(
  source: EnvironmentSource,
  count: number,
  options?: Options,
): Promise<VectorEnvironment | undefined> {
  const named = namedSource(source, options);
  if (!named) return undefined;
  const spec = envSpec(named.id);
  return spec.makeVector?.(count, resolved(spec, named.options));
}

function namedSource(
  source: EnvironmentSource,
  options?: Options,
): { id: string; options?: Options } | undefined {
  if (typeof source === "string") return { id: source, options };
  const isNamed = typeof source === "object" && typeof source?.id === "string" && !("step" in source);
  return isNamed ? { id: source.id, options: { ...source.options, ...options } } : undefined;
}
