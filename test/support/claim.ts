/** @file A claim of learning beside its controls, with the same budget, settings and seeds. */

/**
 * The results of what is claimed and of its controls, such as scores, one for each seed. The budget and the settings are
 * in `learn`, which all variants share: a control differs from the claim in its variant alone. A control needs a reason
 * to fail, such as demonstrations of a random policy; a reward of the wrong sign has none where the score is the length
 * of an episode.
 *
 * @param variants the claim's and at least one that is broken
 * @param learn the result of what a variant learns under a seed
 */
export async function underSeeds<K extends string, V, R>(
  seeds: readonly number[],
  variants: Record<K, V>,
  learn: (variant: V, seed: number) => Promise<R>,
): Promise<Record<K, R[]>> {
  const given = Object.entries(variants) as [K, V][];
  if (given.length < 2) throw new Error(`${given.map(([name]) => name).join()}: a claim needs a control`);
  const results = {} as Record<K, R[]>;
  for (const [name, variant] of given) {
    results[name] = [];
    for (const seed of seeds) results[name].push(await learn(variant, seed));
  }
  return results;
}
