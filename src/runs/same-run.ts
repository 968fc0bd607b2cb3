/** @file What makes two runs the same, so that one may go on in the folder of the other. */

import { isReference } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { RunConfig } from "./spec.js";

/**
 * Checks that a run may go on under another config. It may be given more steps and other checkpoints; all else would
 * make it a different run.
 *
 * @throws UsageError naming the first option that differs, with both values.
 */
export function requireSameRun(folder: string, before: RunConfig, now: RunConfig): void {
  const [a, b] = [decisive(before), decisive(now)];
  const differing = [...new Set([...a.keys(), ...b.keys()])].find((path) => a.get(path) !== b.get(path));
  if (differing === undefined) return;
  const show = (value: string | undefined) => value ?? "not set";
  throw new UsageError(
    `cannot resume ${folder}: its ${differing} is ${show(a.get(differing))}, but now ${show(b.get(differing))} is ` +
      "asked for; leave it as it was, or train into a new folder",
  );
}

/** The leaves that decide a run's numbers, as JSON by their dotted path. */
function decisive({ algorithm, options, env, environmentOptions, data, seed, evaluate }: RunConfig) {
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: string) => {
    if (isReference(value) && identityOf(value)) visit(identityOf(value), path);
    else if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
      for (const [key, child] of Object.entries(value)) visit(child, path === "" ? key : `${path}.${key}`);
    } else leaves.set(path, JSON.stringify(value));
  };
  const config = { algorithm, options, env, environmentOptions, data, seed, evaluate };
  visit(JSON.parse(JSON.stringify(config)), "");
  return leaves;
}

/** What a reference says of the content, which may lie elsewhere by now; nothing where it says only the place. */
function identityOf(reference: object): Record<string, unknown> | undefined {
  const { env, episodes, pairs, kind, checksum } = reference as Record<string, unknown>;
  return checksum === undefined && kind === undefined ? undefined : { env, episodes, pairs, kind, checksum };
}
