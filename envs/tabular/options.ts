/** @file Options that the tabular problems share, and the picture of states in a row. */

import { z } from "zod";

/** Which of the random problems of the given size it is: not the seed of the episodes. */
export const instance = () =>
  z
    .union([z.int(), z.string()])
    .default(0)
    .describe("seed of the random problem; episodes have their own seed");

/** `n` states in a row, with `@` in the place of the one that is occupied. */
export const inARow = (n: number, occupied: number): string =>
  Array.from({ length: n }, (_, state) => (state === occupied ? "@" : ".")).join("");
