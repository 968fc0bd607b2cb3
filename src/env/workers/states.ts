/** @file Splits snapshots of vectors into snapshots of parts, and joins them. */

import { concatenated } from "../../state/concatenated.js";
import { isTypedArray, type Tree, type TypedArray } from "../../state/snapshot.js";
import type { Part } from "./shared-memory.js";

type Node = { [key: string]: Tree };

/** The number of environments of a snapshot, read from its first plain array; `undefined` if it has none. */
export function countOf(state: Tree): number | undefined {
  if (Array.isArray(state)) return state.length;
  if (typeof state !== "object" || state === null || isTypedArray(state)) return undefined;
  for (const child of Object.values(state)) {
    const count = countOf(child);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** The rows of a part in the snapshot of `count` environments. */
export function partOf(state: Tree, part: Part, count: number): Tree {
  const { first } = part;
  const last = first + part.count;
  if (isTypedArray(state)) {
    const width = state.length / count;
    // A copy, not a view, because messages transfer the whole buffer of a view.
    return state.slice(first * width, last * width);
  }
  if (Array.isArray(state)) return state.slice(first, last);
  if (typeof state !== "object" || state === null) return state;
  return Object.fromEntries(Object.entries(state).map(([key, child]) => [key, partOf(child, part, count)]));
}

/** The snapshot of a vector, joined from its parts in order. Values other than arrays are equal in all parts. */
export function joined(states: readonly Tree[]): Tree {
  const [first] = states;
  if (isTypedArray(first)) {
    return concatenated(first.constructor as new (length: number) => TypedArray, states as TypedArray[]);
  }
  if (Array.isArray(first)) return (states as Tree[][]).flat(1);
  if (typeof first !== "object" || first === null) return first;
  return Object.fromEntries(
    Object.keys(first).map((key) => [key, joined((states as Node[]).map((s) => s[key]))]),
  );
}
