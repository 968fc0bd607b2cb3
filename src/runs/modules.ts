/** @file User modules (Node.js only): environments and algorithms by the path of a file. */

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ModuleReference, requireSameContent, withOrigin } from "../config/references.js";
import { moduleSpec, register } from "../env/registry.js";
import { UsageError } from "../errors.js";
import type { AlgorithmDefinition } from "../learning/define.js";
import type { Policy } from "../policies/contract.js";
import type { Actor, Controller } from "../policies/controller.js";
import { checksumText } from "../state/checksum.js";
import { crc32c } from "../state/crc32c.js";
import { filesUnder, placeOf, readFileOrExplain } from "../state/files.js";
import { GYMNASIUM, isTrusted, modulesIn, requireTrusted, type Trust } from "./trust.js";

interface Loaded {
  /** The default export. */
  exported: unknown;
  url: string;
  /** The reference, with the checksum of the file's current content. */
  reference: ModuleReference;
}

/**
 * Loads a module.
 *
 * @param what the kind of module in messages, such as "environment"
 * @throws UsageError when it does not exist, is not trusted, cannot be loaded, or has changed since it was recorded
 */
async function load(
  what: string,
  { module: path, checksum: recorded }: ModuleReference,
  trust: Trust,
): Promise<Loaded> {
  requireTrusted(what, path, trust);
  if (!existsSync(path)) throw new UsageError(`no ${what} module at ${path}${placeOf(path)}`);
  const checksum = checksumText(crc32c(await readFileOrExplain(path)));
  requireSameContent(path, recorded, checksum);
  const url = pathToFileURL(resolve(path)).href;
  try {
    return { exported: (await import(url)).default, url, reference: { module: path, checksum } };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`cannot load the ${what} module ${path}: ${reason}`, { cause });
  }
}

/**
 * Loads the modules among references to algorithms and environments, so that the kinds of policies and the networks
 * that they define are known. A module that is not there or not trusted is passed over, because not every policy needs
 * it. Returns why, for those.
 *
 * @throws UsageError when a module cannot be loaded
 */
export async function loadModules(references: readonly unknown[], trust: Trust): Promise<string[]> {
  const reasons: string[] = [];
  for (const path of new Set(modulesIn(references))) {
    if (path.startsWith(GYMNASIUM)) continue;
    if (!existsSync(path)) reasons.push(`there is no module at ${path}`);
    else if (isTrusted(path, trust)) await load("algorithm or environment", { module: path }, trust);
    else reasons.push(`the module ${path} of its run was not loaded: give --trust if you trust it`);
  }
  return reasons;
}

/** The modules that the user has imported first, as URLs. */
const first: string[] = [];

/**
 * Imports modules that the user named, for what they define, such as a kind of policy. The processes of seeds import them
 * too.
 *
 * @throws UsageError when one does not exist or cannot be loaded
 */
export async function importFirst(paths: readonly string[]): Promise<void> {
  for (const path of paths) first.push((await load("imported", { module: path }, [path])).url);
}

/** The modules that were imported first, as URLs. */
export const importedFirst = (): readonly string[] => first;

/**
 * The checksum of a file, or of the names and contents of all files in a folder.
 *
 * @throws UsageError when there is nothing at the path
 */
export async function checksumAt(path: string): Promise<string> {
  const names = await filesUnder(path);
  if (names === undefined) return checksumText(crc32c(await readFileOrExplain(path)));
  let sum = 0;
  for (const name of names.sort()) {
    if (statSync(join(path, name)).isDirectory()) continue;
    sum = crc32c(new TextEncoder().encode(name), sum);
    sum = crc32c(await readFileOrExplain(join(path, name)), sum);
  }
  return checksumText(sum);
}

/**
 * Registers the environment of a module under its path. The default export is a class or a factory function.
 *
 * @throws UsageError when the module is not trusted, cannot be loaded or exports something else
 */
export async function registerModule(reference: ModuleReference, trust: Trust): Promise<ModuleReference> {
  const { exported, url, reference: present } = await load("environment", reference, trust);
  register(moduleSpec(reference.module, url, exported), { replace: true });
  return present;
}

/**
 * The controller in a module that the user named: its default export, which is a function from an observation to an action, an object with
 * such a method `act`, or a class of such objects.
 *
 * @throws UsageError when the module cannot be loaded or exports something else
 */
export async function controllerIn(path: string): Promise<Actor> {
  const { exported, reference } = await load("controller", { module: path }, [path]);
  const isClass = typeof exported === "function" && typeof exported.prototype?.act === "function";
  const actor = isClass ? new (exported as new () => { act: Controller })() : exported;
  const acts = typeof actor === "function" || typeof (actor as Partial<Policy> | null)?.act === "function";
  if (acts) return withOrigin(actor as Actor, reference);
  throw new UsageError(
    `the default export of ${path} must be a function from an observation to an action, or an object ` +
      "with such a method act",
  );
}

/**
 * The algorithm definition in a module, whose default export is the result of `defineAlgorithm`.
 *
 * @throws UsageError when the module is not trusted, cannot be loaded or exports something else
 */
export async function definitionIn(
  reference: ModuleReference,
  trust: Trust,
): Promise<{ definition: AlgorithmDefinition; reference: ModuleReference }> {
  const { exported, reference: present } = await load("algorithm", reference, trust);
  const { definition } = (exported ?? {}) as { definition?: AlgorithmDefinition };
  if (typeof definition?.name !== "string" || typeof definition.create !== "function") {
    throw new UsageError(
      `the default export of ${reference.module} must be the result of defineAlgorithm({ name, summary, schema, create })`,
    );
  }
  return { definition, reference: present };
}
