/** @file Finds out whether environments of a source have action masks in `info`, and shows these in observations. */

import { maskNameIn } from "../spaces/index.js";
import type { Tree } from "../state/snapshot.js";
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

/** Whether the first `info` has a mask. Environments with snapshots are then as they were before the reset. */
function hasMask(environment: Environment): boolean {
  try {
    const before = stateBefore(environment);
    const found = maskNameIn(environment.reset().info) !== undefined;
    if (before !== undefined) environment.setState?.(before);
    return found;
  } catch {
    // A reset that fails will do so again, where the message says which run it belongs to.
    return false;
  }
}

/** The snapshot; undefined where there is none, or none before the first reset. */
function stateBefore(environment: Environment): Tree {
  try {
    return environment.getState?.();
  } catch {
    return undefined;
  }
}
