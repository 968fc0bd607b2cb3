/** @file The state of one environment of a vector, for drawing the picture of a question. */

import { partOf } from "../env/workers/states.js";
import type { Tree } from "../state/snapshot.js";

/**
 * The snapshot of environment i of `count`, cut from the snapshot of their vector. A single environment restores it.
 */
export function stateOf(vector: Tree, i: number, count: number): Tree {
  const part = partOf(vector, { first: i, count: 1 }, count) as { environments?: Tree[] };
  return part.environments ? part.environments[0] : (part as Tree);
}
