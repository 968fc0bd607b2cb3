/** @file Checks whether a run may resume in a folder: its config must equal the recorded one. */

import { isModulePath, isReference } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { RunConfig } from "./spec.js";

/**
 * Checks that a run may resume with a config. Steps and checkpoints may change; every other option must be equal.
 *
 * @throws UsageError naming the first option that differs, with both values
 */
export function requireSameRun(folder: string, before: RunConfig, now: RunConfig): void {
  const [a, b] = [decisive(before), decisive(now)];
  const differing = [...new Set([...a.keys(), ...b.keys()])].find((path) => a.get(path) !== b.get(path));
  if (differing === undefined) return;
  const show = (value: string | undefined) => value ?? "not set";
  throw new UsageError(
    `cannot resume ${folder}: its ${differing} is ${show(a.get(differing))}, but ${show(b.get(differing))} was ` +
      "requested; leave it unchanged, or train into a new folder",
  );
}

/** The leaves of a config that determine a run's numbers, as JSON by dotted path. */
function decisive(run: RunConfig) {
  const { algorithm, options, env, environmentOptions, data, learntReward } = run;
  const { seed, evaluate, maxEpisodeSteps } = run;
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: string) => {
    if (isReference(value) && identityOf(value)) visit(identityOf(value), path);
    else if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
      for (const [key, child] of Object.entries(value)) visit(child, path === "" ? key : `${path}.${key}`);
    } else leaves.set(path, JSON.stringify(value));
  };
  const config = {
    ...{ algorithm, options, env, environmentOptions, data, learntReward },
    ...{ seed, evaluate, maxEpisodeSteps },
  };
  visit(JSON.parse(JSON.stringify(config)), "");
  return leaves;
}

/** A reference without its paths, which may have changed; undefined if it holds only a path. */
function identityOf(reference: object): Record<string, unknown> | undefined {
  const { env: of, episodes, pairs, kind, checksum } = reference as Record<string, unknown>;
  const env = typeof of === "string" && isModulePath(of) ? undefined : of;
  return checksum === undefined && kind === undefined ? undefined : { env, episodes, pairs, kind, checksum };
}
