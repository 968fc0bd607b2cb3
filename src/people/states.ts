/** @file The state of one environment of a vector: what a picture of a query is drawn from. */

import { partOf } from "../env/workers/states.js";
import type { Tree } from "../state/snapshot.js";

/** The snapshot of environment i as its single form restores it, from that of a vector of `count`. */
export function stateOf(vector: Tree, i: number, count: number): Tree {
  const part = partOf(vector, { first: i, count: 1 }, count) as { environments?: Tree[] };
  return part.environments ? part.environments[0] : (part as Tree);
}
