/** @file Looks tuned settings up in a table, and describes them. */

import type { AlgorithmDefinition } from "../../src/learning/define.js";
import type { Tuned, TunedTable } from "./entry.js";

/** The fields of a definition that decide its tuned settings. */
export type TunedAlgorithm = Pick<AlgorithmDefinition, "name" | "optimiser">;

const entryOf = (table: TunedTable, algorithm: string, env: string): Tuned | undefined =>
  Object.hasOwn(table, algorithm) && Object.hasOwn(table[algorithm], env) ? table[algorithm][env] : undefined;

/**
 * The tuned settings of an algorithm for an environment, if there are any. An imitation algorithm with a policy optimiser
 * inside uses the settings of the optimiser, unless it has its own.
 */
export function tunedIn(
  table: TunedTable,
  { name, optimiser: inside }: TunedAlgorithm,
  env: string,
): Tuned | undefined {
  const own = entryOf(table, name, env);
  if (own || inside === undefined) return own;
  const entry = entryOf(table, inside, env);
  return (
    entry && {
      ...entry,
      options: { optimiser: { algorithm: inside, ...entry.options } },
      source: `those of ${inside}: ${entry.source}`,
    }
  );
}

/** The part of a tuned value that is still in use. Nested options are compared one by one. */
function stillTuned(used: unknown, entry: unknown): unknown {
  const isOptions = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isOptions(used) || !isOptions(entry)) {
    return JSON.stringify(used) === JSON.stringify(entry) ? entry : undefined;
  }
  // Options of another algorithm may have equal values by chance, but they were not tuned for it.
  if (used.algorithm !== entry.algorithm) return undefined;
  const kept = Object.entries(entry)
    .map(([name, value]) => [name, stillTuned(used[name], value)])
    .filter(([, value]) => value !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/**
 * One line with the tuned settings in use and their source. Settings that the user has changed are left out.
 *
 * @param options The options of the algorithm, with defaults filled in.
 */
export function describeTunedIn(
  table: TunedTable,
  algorithm: TunedAlgorithm,
  env: string,
  options: Record<string, unknown>,
): string {
  const entry = tunedIn(table, algorithm, env);
  if (entry === undefined) return `settings: the defaults of ${algorithm.name}; none are tuned for ${env}`;
  if (Object.keys(entry.options).length === 0) return `settings for ${env}: the defaults (${entry.source})`;
  const kept = Object.entries((stillTuned(options, entry.options) ?? {}) as Record<string, unknown>);
  if (kept.length === 0) return `settings for ${env}: none of the tuned ones`;
  const listed = kept.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
  return `settings for ${env}: ${listed} (${entry.source})`;
}
