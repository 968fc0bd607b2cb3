/** @file Finds out whether environments of a source have action masks in `info`, and shows these in observations. */

import { maskNameIn } from "../spaces/index.js";
import { isNative } from "./array-environments.js";
import type { Environment } from "./contracts.js";

/** What is known, by the source's function or registry entry, and by the options of its environments as JSON. */
const known = new WeakMap<object, Map<string, boolean>>();

/**
 * The environment with the action masks of its `info` in its observations, if it has some. The first environment of a
 * source is reset to see. Environments of this project, and those with an exact model of their observations, are not
 * changed: theirs is a part of observations or an option.
 */
export async function showMask(
  environment: Environment,
  source: object,
  options: Record<string, unknown> = {},
): Promise<Environment> {
  if (isNative(environment) || environment.model) return environment;
  const byOptions = known.get(source) ?? new Map<string, boolean>();
  known.set(source, byOptions);
  const key = JSON.stringify(options);
  if (!byOptions.has(key)) byOptions.set(key, hasMask(environment));
  if (!byOptions.get(key)) return environment;
  // Few pages have masks; the first training of the others loads less.
  const { maskedObservation } = await import("./wrappers/action-mask.js");
  return maskedObservation(environment);
}

function hasMask(environment: Environment): boolean {
  try {
    return maskNameIn(environment.reset().info) !== undefined;
  } catch {
    // A reset that fails will do so again, where the message says which run it belongs to.
    return false;
  }
}
