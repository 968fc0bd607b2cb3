/**
 * @file Settings that suit an environment: for each algorithm and environment the options that are set, how long
 * to train, and where they come from.
 */

import type { Tuned, TunedTable } from "./entry.js";
import { imitationSettings } from "./imitation.js";
import { rlSettings } from "./rl.js";

export type { Tuned } from "./entry.js";

/** Imitation with a policy optimiser inside, and whose settings that one takes. */
const optimiserInside: Readonly<Record<string, string>> = {
  airl: "ppo",
  density: "ppo",
  distributionMatching: "ppo",
  gail: "ppo",
  sqil: "sac",
};

const entryOf = (table: TunedTable, algorithm: string, env: string): Tuned | undefined =>
  Object.hasOwn(table, algorithm) && Object.hasOwn(table[algorithm], env) ? table[algorithm][env] : undefined;

/**
 * The settings of an algorithm for an environment, where there are some. Imitation with a policy optimiser inside has
 * those of the optimiser, unless it has its own.
 */
export function tuned(algorithm: string, env: string): Tuned | undefined {
  const own = entryOf(imitationSettings, algorithm, env) ?? entryOf(rlSettings, algorithm, env);
  if (own || !Object.hasOwn(optimiserInside, algorithm)) return own;
  const inside = optimiserInside[algorithm];
  const entry = entryOf(rlSettings, inside, env);
  return (
    entry && {
      ...entry,
      options: { optimiser: { algorithm: inside, ...entry.options } },
      source: `those of ${inside}: ${entry.source}`,
    }
  );
}

/** What of a tuned value is still in use: of options within options, those that are. */
function stillTuned(used: unknown, entry: unknown): unknown {
  const isOptions = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isOptions(used) || !isOptions(entry)) {
    return JSON.stringify(used) === JSON.stringify(entry) ? entry : undefined;
  }
  // What another algorithm happens to share was not tuned for it.
  if (used.algorithm !== entry.algorithm) return undefined;
  const kept = Object.entries(entry)
    .map(([name, value]) => [name, stillTuned(used[name], value)])
    .filter(([, value]) => value !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/**
 * Which settings are in use and where they come from, in one line; of those that were tuned only the ones that are
 * still as they were.
 *
 * @param options What the algorithm runs with, defaults filled in.
 */
export function describeTuned(algorithm: string, env: string, options: Record<string, unknown>): string {
  const entry = tuned(algorithm, env);
  if (entry === undefined) return `settings: the defaults of ${algorithm}; none are tuned for ${env}`;
  if (Object.keys(entry.options).length === 0) return `settings for ${env}: the defaults (${entry.source})`;
  const kept = Object.entries((stillTuned(options, entry.options) ?? {}) as Record<string, unknown>);
  if (kept.length === 0) return `settings for ${env}: none of the tuned ones`;
  const shown = kept.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
  return `settings for ${env}: ${shown} (${entry.source})`;
}
