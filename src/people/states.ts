/** @file The state of one environment of a vector, for drawing the picture of a question. */

import { partOf } from "../env/workers/states.js";
import type { Tree } from "../state/snapshot.js";

/**
 * The snapshot of environment i of `count`, cut from the snapshot of their vector, which starts a new episode in the step
 * that ends one. A single environment restores it, and goes on with the episode.
 */
export function stateOf(vector: Tree, i: number, count: number): Tree {
  const part = partOf(vector, { first: i, count: 1 }, count) as Record<string, Tree> & {
    environments?: Tree[];
  };
  if (part.environments) return part.environments[0];
  // The ends are those of the episode before.
  const ends = ["terminated", "truncated"].filter((name) => name in part);
  return { ...part, ...Object.fromEntries(ends.map((name) => [name, new Uint8Array(1)])) };
}
