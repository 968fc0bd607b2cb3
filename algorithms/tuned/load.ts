/** @file Loads the tables of tuned settings that an algorithm needs: a page loads less. */

import type { TunedTable } from "./entry.js";
import type { TunedAlgorithm } from "./lookup.js";

export { describeTunedIn, tunedIn } from "./lookup.js";

const loaders: (() => Promise<TunedTable>)[] = [
  async () => (await import("./on-policy.js")).onPolicySettings,
  async () => (await import("./rl.js")).rlSettings,
  async () => (await import("./cloning.js")).cloningSettings,
  async () => (await import("./inverse.js")).inverseSettings,
  async () => (await import("./imitation.js")).imitationSettings,
  async () => (await import("./meta.js")).metaSettings,
];

/** The tables with the settings of an algorithm, and of the policy optimiser inside it. */
export async function loadTuned({ name, optimiser }: TunedAlgorithm): Promise<TunedTable> {
  const missing = new Set([name, ...(optimiser === undefined ? [] : [optimiser])]);
  const found: Record<string, TunedTable[string]> = {};
  for (const load of loaders) {
    if (missing.size === 0) break;
    const table = await load();
    for (const algorithm of missing) {
      if (!Object.hasOwn(table, algorithm)) continue;
      found[algorithm] = table[algorithm];
      missing.delete(algorithm);
    }
  }
  return found;
}
