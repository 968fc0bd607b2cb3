/** @file What a run is, with every default filled in: `config.json`, and what makes two runs the same. */

import { UsageError } from "../errors.js";

/** Plain data; all that decides the numbers of a run, and how they are kept. */
export interface RunConfig {
  algorithm: string;
  /** The algorithm's own options. */
  options: Record<string, unknown>;
  env: string;
  environmentOptions: Record<string, unknown>;
  seed: number | string;
  steps: number;
  /** What `steps` counts. */
  unit: string;
  evaluate?: { every: number; episodes: number };
  checkpoint: { every: number; seconds: number; keep: number };
}

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
function decisive({ steps: _, unit: __, checkpoint: ___, ...config }: RunConfig): Map<string, string> {
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: string) => {
    if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
      for (const [key, child] of Object.entries(value)) visit(child, path === "" ? key : `${path}.${key}`);
    } else leaves.set(path, JSON.stringify(value));
  };
  visit(JSON.parse(JSON.stringify(config)), "");
  return leaves;
}
