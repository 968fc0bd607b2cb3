/**
 * @file Which modules may run. A path in a file, such as the `config.json` of somebody else's run, is not imported unless
 * the user names it too: importing a module runs it as a program.
 */

import { isModulePath, type ModuleReference } from "../config/references.js";
import { UsageError } from "../errors.js";

/** All modules, or those that the user named: paths, and ids of Gymnasium with a Python module. */
export type Trust = true | readonly string[];

/** Prefix of ids of environments of the local Python installation. */
export const GYMNASIUM = "gymnasium:";

/**
 * The module that a reference names: the path of a JavaScript module, or an id such as `gymnasium:module:Env-v0`, for
 * which Gymnasium imports a Python module. Undefined for other ids and objects.
 */
export function moduleIn(reference: unknown): string | undefined {
  if (typeof reference !== "string") return (reference as Partial<ModuleReference> | undefined)?.module;
  if (reference.startsWith(GYMNASIUM)) {
    return reference.slice(GYMNASIUM.length).includes(":") ? reference : undefined;
  }
  return isModulePath(reference) ? reference : undefined;
}

/** The modules among references that the user gave. */
export const modulesIn = (references: readonly unknown[]): string[] =>
  references.map(moduleIn).filter((module) => module !== undefined);

/** Whether two words are the same id, or lead to the same file: `./walk.mjs`, `walk.mjs` and `a/../walk.mjs` do. */
export const isSamePath = (one: string, other: string): boolean =>
  one === other || ([one, other].some(isModulePath) && place(one) === place(other));

/** An absolute path without `.` and `..`. Browsers, which have no working folder, compare from an unknown one. */
function place(path: string): string {
  const slashed = path.replaceAll("\\", "/");
  const start = /^(\/|[A-Za-z]:)/.test(slashed)
    ? ""
    : (globalThis.process?.cwd?.() ?? "").replaceAll("\\", "/");
  const parts: string[] = [];
  for (const part of `${start}/${slashed}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/**
 * The words of a command that name the modules of a run again, with a space before them; empty without modules.
 *
 * @param isAlgorithmNamed whether the command names the algorithm anyway
 */
export function trustingWords(
  { algorithm, env }: { algorithm?: unknown; env?: unknown },
  isAlgorithmNamed = false,
): string {
  if (!isAlgorithmNamed && moduleIn(algorithm) !== undefined) return " --trust";
  const module = moduleIn(env);
  return module === undefined ? "" : ` --env ${module}`;
}

export const isTrusted = (module: string, trust: Trust): boolean =>
  trust === true || trust.some((named) => isSamePath(named, module));

/** @throws UsageError for a module that only a file names */
export function requireTrusted(what: string, module: string, trust: Trust): void {
  if (isTrusted(module, trust)) return;
  const again = what === "environment" ? `--env ${module}` : `train ${module}`;
  throw new UsageError(
    `the ${what} ${module} is a program that a file names, and it was not run: if you trust it, name it ` +
      `too, as in ${again}, or give --trust (in code, trust: true)`,
  );
}
