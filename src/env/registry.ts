/** @file The registry of environments: creates checked environments from ids or functions. */

import type * as z from "zod";
import { resolveOptions } from "../config/options.js";
import { didYouMean, UsageError } from "../errors.js";
import { type AdapterOptions, adaptEnvironment, type EnvironmentLike } from "./adapter.js";
import type { Environment, Names, VectorEnvironment } from "./contracts.js";
import { showMask } from "./mask-detection.js";

type Options = Record<string, unknown>;

/** The registry's entry for an environment. The adapter's options apply to environments in the style of Gym. */
export interface EnvironmentSpec extends Omit<AdapterOptions, "id"> {
  id: string;
  /** One line for listings. */
  summary?: string;
  /** The properties in listings, for default options. Without it, a listing creates the environment to read them. */
  listing?: EnvironmentListing;
  /** Shown to people who label actions. */
  names?: Names;
  /** The options of `make`, with their defaults. Without a schema, options are passed to `make` unchecked. */
  options?: z.ZodObject;
  /** Creates an environment: any object with `reset` and `step`, see {@link adaptEnvironment}. */
  make(options: Options): EnvironmentLike | Promise<EnvironmentLike>;
  /**
   * The URL of a module that registers this environment when imported, so that worker threads can create it too:
   * `import.meta.url` in the file that calls `register`. A module with the environment as its default export also
   * works.
   */
  module?: string;
  /**
   * Creates a native vector form, if it is faster than stepping single environments. Environment i must behave like the
   * single environment, which worker threads and the other autoreset modes use.
   */
  makeVector?(count: number, options: Options): VectorEnvironment | Promise<VectorEnvironment>;
}

/** The spaces, as printed by `describeSpace`, and the number of steps after which an episode is truncated. */
export interface EnvironmentListing {
  observations: string;
  actions: string;
  limit?: number;
}

/**
 * A source of environments: a registered id, an id with options, or a function (or class) that creates a new
 * environment at each call.
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
 * @throws UsageError when the id is already registered (unless `replace`), empty, or `make` is not a function.
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

/** Modules that register environments, by the ids of these. */
const later = new Map<string, () => Promise<void>>();

/** Announces environments that `load` registers when one of them is first made. */
export function registerLater(ids: readonly string[], load: () => Promise<void>): void {
  for (const id of ids) later.set(id, load);
}

/** Loads the module of an announced environment, unless it is registered already. */
async function loaded(id: string): Promise<void> {
  if (!specs.has(id)) await later.get(id)?.();
}

/** Every registered or announced id, sorted. */
export const envIds = (): string[] => [...new Set([...specs.keys(), ...later.keys()])].sort();

/** The entry of an id. Throws UsageError for an unregistered id, with the most similar registered one. */
export function envSpec(id: string): EnvironmentSpec {
  const spec = specs.get(id);
  if (spec) return spec;
  const hint =
    specs.size > 0
      ? didYouMean(id, envIds())
      : `; import "understudy-rl/envs" to register the built-in environments`;
  throw new UsageError(`unknown environment "${id}"${hint}`);
}

/**
 * Creates a registered environment.
 *
 * @throws UsageError for an unknown id or option, or an option of the wrong type.
 */
export async function make(id: string, options?: Options): Promise<Environment> {
  await loaded(id);
  const spec = envSpec(id);
  const asked = resolved(spec, options);
  const environment = adaptEnvironment(await spec.make(asked), spec);
  return spec.makeVector ? environment : showMask(environment, spec, asked);
}

const resolved = (spec: EnvironmentSpec, options: Options = {}): Options =>
  spec.options ? resolveOptions(spec.id, spec.options, options) : options;

/** Creates an environment from any source. `options` are merged with those of the source; they need an id. */
export async function open(source: EnvironmentSource, options?: Options): Promise<Environment> {
  const named = namedSource(source, options);
  if (named) return make(named.id, named.options);
  if (typeof source === "function") {
    if (options && Object.keys(options).length > 0) {
      throw new UsageError("environment options need an environment id: a function takes no options");
    }
    return showMask(adaptEnvironment(await construct(source)), source);
  }
  const isEnvironment = typeof (source as Partial<EnvironmentLike> | null)?.step === "function";
  throw new UsageError(
    isEnvironment
      ? "give a function that creates environments, such as () => new MyEnv(), not one environment: a run needs several"
      : `an environment is given by its id, such as "CartPole-v1", or by a function that makes one, not by ${source}`,
  );
}

type Factory = (...options: Options[]) => EnvironmentLike | Promise<EnvironmentLike>;

/** An environment of a class or of a function, which gets the options if there are any. */
export function construct(
  source: Exclude<EnvironmentSource, string | { id: string }>,
  options: Options = {},
): EnvironmentLike | Promise<EnvironmentLike> {
  const given = Object.keys(options).length > 0 ? [options] : [];
  // The methods of a class may be fields, which its prototype does not have.
  const isClass = typeof source.prototype?.step === "function" || /^class\b/.test(String(source));
  return isClass
    ? new (source as new (...given: Options[]) => EnvironmentLike)(...given)
    : (source as Factory)(...given);
}

/**
 * The registry entry for a module whose default export is a class, or a function that creates environments. The
 * options of the environment are the argument of the constructor or the function.
 *
 * @throws UsageError for another default export.
 */
export function moduleSpec(id: string, module: string, exported: unknown): EnvironmentSpec {
  if (typeof exported !== "function") {
    throw new UsageError(
      `${id} must have a default export: a class, or a function that makes an environment`,
    );
  }
  return { id, module, make: (options) => construct(exported as Factory, options) };
}

/** The data with which another thread can create the same environment. */
export interface EnvironmentAddress {
  id: string;
  module: string;
  options: Options;
}

/** The address of a source. Throws UsageError when worker threads cannot create the environment. */
export function addressOf(source: EnvironmentSource, options?: Options): EnvironmentAddress {
  const named = namedSource(source, options);
  const register = "register({ id, make, module: import.meta.url })";
  if (!named) {
    throw new UsageError(
      "a function cannot be sent to worker threads: put the environment into its own module, " +
        `call ${register} there, and pass its id`,
    );
  }
  const spec = envSpec(named.id);
  if (spec.module === undefined) {
    throw new UsageError(
      `${spec.id}: worker threads need its module to create it: call ${register}, in its own module`,
    );
  }
  return { id: spec.id, module: spec.module, options: named.options ?? {} };
}

/** The native vector form of a registered environment, or `undefined` if it has none. */
export async function nativeVector(
  source: EnvironmentSource,
  count: number,
  options?: Options,
): Promise<VectorEnvironment | undefined> {
  const named = namedSource(source, options);
  if (!named) return undefined;
  await loaded(named.id);
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
