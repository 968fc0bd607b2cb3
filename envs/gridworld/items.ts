/** @file Keys and doors: which have been taken and opened is part of a gridworld's state. */

import { UsageError } from "../../src/errors.js";
import { doorOf, keyOf } from "./layout.js";

/** A key that can be taken, or a door whose being open has to be remembered. */
export interface Item {
  kind: "key" | "door";
  /** Which keys open which doors: those of the same number. */
  letter: number;
  cell: number;
}

/** Sets of items are bit masks: bit i of a set says that item i has been taken, or is open. */
export interface Items {
  readonly items: readonly Item[];
  /** How many keys of a letter are in the agent's hands. */
  held(set: number, letter: number): number;
  /** The item of a cell, or −1. */
  at(cell: number): number;
}

/** Each item doubles the sets, and each set is a copy of the map. */
const MOST_ITEMS = 12;

/**
 * The items of a map, keys first. A door is one where its being open is more than having its key: where keys break in
 * their door, or where doors are opened by an action of its own.
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
      `${id}: the layout has ${items.length} keys and doors; at most ${MOST_ITEMS} can be remembered`,
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
