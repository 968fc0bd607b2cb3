/** @file Keys and doors of a gridworld. The keys taken and doors opened are part of the state. */

import { UsageError } from "../../src/errors.js";
import { doorOf, keyOf } from "./layout.js";

/** A key that can be taken, or a door whose opening must be part of the state. */
export interface Item {
  kind: "key" | "door";
  /** A key opens the doors of the same letter; 0 is `a`. */
  letter: number;
  cell: number;
}

/** Sets of items are bit masks: bit i is 1 if key i has been taken or door i is open. */
export interface Items {
  readonly items: readonly Item[];
  /** The number of keys of a letter that the agent holds. */
  held(set: number, letter: number): number;
  /** The item of a cell, or −1. */
  at(cell: number): number;
}

/** Largest number of items. Each item doubles the number of sets, and each set repeats all cells as states. */
const MOST_ITEMS = 12;

/**
 * The items of a map, keys first. Doors are items only with `rememberDoors`: if a key is used up by its door, or if
 * doors are opened by a separate action. Otherwise a door is passable if and only if its key is held.
 *
 * @throws {UsageError} for more than 12 keys and doors.
 */
export function itemsOf(
  id: string,
  symbols: readonly string[],
  { keysBreak, rememberDoors }: { keysBreak: boolean; rememberDoors: boolean },
): Items {
  const find = (kind: Item["kind"], letterOf: (symbol: string) => number): Item[] =>
    symbols.flatMap((symbol, cell) =>
      letterOf(symbol) < 0 ? [] : [{ kind, letter: letterOf(symbol), cell }],
    );
  const items = [...find("key", keyOf), ...(rememberDoors ? find("door", doorOf) : [])];
  if (items.length > MOST_ITEMS) {
    throw new UsageError(
      `${id}: the layout has ${items.length} keys and doors; at most ${MOST_ITEMS} are supported`,
    );
  }
  const index = new Map(items.map(({ cell }, i) => [cell, i]));
  return {
    items,
    held(set, letter) {
      let count = 0;
      for (const [i, item] of items.entries()) {
        if (item.letter !== letter || !((set >> i) & 1)) continue;
        if (item.kind === "key") count++;
        else if (keysBreak) count--;
      }
      return count;
    },
    at: (cell) => index.get(cell) ?? -1,
  };
}
