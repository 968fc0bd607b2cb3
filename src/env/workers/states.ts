/** @file Snapshots of vectors, cut into those of their parts and put together again. */

import { isTypedArray, type Tree, type TypedArray } from "../../state/snapshot.js";
import type { Part } from "./shared-memory.js";

type Node = { [key: string]: Tree };

/** How many environments a snapshot is of, which its first plain array tells; `undefined` where there is none. */
export function countOf(state: Tree): number | undefined {
  if (Array.isArray(state)) return state.length;
  if (typeof state !== "object" || state === null || isTypedArray(state)) return undefined;
  for (const child of Object.values(state)) {
    const count = countOf(child);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** The rows of a part, of the snapshot of `count` environments. */
export function partOf(state: Tree, part: Part, count: number): Tree {
  const { first } = part;
  const last = first + part.count;
  if (isTypedArray(state)) {
    const width = state.length / count;
    // A copy, not a view: what is sent to a thread is the whole buffer.
    return state.slice(first * width, last * width);
  }
  if (Array.isArray(state)) return state.slice(first, last);
  if (typeof state !== "object" || state === null) return state;
  return Object.fromEntries(Object.entries(state).map(([key, child]) => [key, partOf(child, part, count)]));
}

/** The snapshot of a vector, from those of its parts in order. What is no array is the same in all of them. */
export function joined(states: readonly Tree[]): Tree {
  const [first] = states;
  if (isTypedArray(first)) return concatenated(states as TypedArray[]);
  if (Array.isArray(first)) return (states as Tree[][]).flat(1);
  if (typeof first !== "object" || first === null) return first;
  return Object.fromEntries(
    Object.keys(first).map((key) => [key, joined((states as Node[]).map((s) => s[key]))]),
  );
}

function concatenated(arrays: readonly TypedArray[]): TypedArray {
  const kind = arrays[0].constructor as new (length: number) => TypedArray;
  const whole = new kind(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}
