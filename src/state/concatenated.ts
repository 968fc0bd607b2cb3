/** @file Typed arrays, one after the other. */

import type { TypedArray } from "./snapshot.js";

/** @param Kind the type of the result, which the arrays have too: there may be none of them */
export function concatenated<T extends TypedArray>(Kind: new (length: number) => T, arrays: readonly T[]): T {
  const whole = new Kind(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array as never, at);
    at += array.length;
  }
  return whole;
}
