/** @file Options and text picture that the tabular problems share. */

import * as z from "zod";

/** Option `seed`: the seed of the random problem, not of its episodes. */
export const instance = () =>
  z
    .union([z.int(), z.string()])
    .default(0)
    .describe("seed of the random problem; episodes have their own seed");

/** `n` states in a row as text, with `@` for the occupied one. */
export const inARow = (n: number, occupied: number): string =>
  Array.from({ length: n }, (_, state) => (state === occupied ? "@" : ".")).join("");
