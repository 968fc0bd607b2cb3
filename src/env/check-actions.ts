/** @file The check of a box of actions: bounds from which policies learn badly, or that are probably not meant. */

import { type Box, isBound, type Space } from "../spaces/index.js";

/** A kind of unusual bounds, with its meaning and what to do. */
interface Unusual {
  is(low: number, high: number): boolean;
  what: string;
  fix: string;
}

/** A range above this is huge: a placeholder, or a unit in which actions are hard to read. */
const HUGE = 1e6;

/** The first kind that fits an entry is reported. */
const kinds: readonly Unusual[] = [
  {
    is: (low, high) => low === high,
    what: "has one value only",
    fix: "leave the entry out of the action: nothing can be chosen",
  },
  {
    is: (low, high) => !isBound(low) || !isBound(high),
    what: "lacks a bound",
    fix:
      "give finite bounds: without them actions cannot be normalised, policies start with actions within about 1 of " +
      "0 or of the only bound, and sac refuses the environment; bounds of 1e9 and more count as none",
  },
  {
    is: (low, high) => high - low > HUGE,
    what: "has a huge range",
    fix: "policies start with actions over the whole range; give the bounds that are used, or choose a larger unit",
  },
  {
    is: (low, high) => Math.abs(low + high) > 1.5 * (high - low) || high - low > 200 || high - low < 0.02,
    what: "is far from ±1",
    fix:
      "check that the bounds are meant; policies of this package normalise actions by them, and for those of other " +
      "programs there is rescaleAction",
  },
];

/** Reports the entries of a box of actions whose bounds are unusual. */
export function checkActions(
  id: string,
  space: Space,
  report: (severity: "warning", what: string, fix: string) => void,
): void {
  if (space.kind !== "box") return;
  const kindOf = (i: number) => kinds.findIndex(({ is }) => is(space.low[i], space.high[i]));
  const found = space.low.map((_, i) => kindOf(i));
  for (const [k, { what, fix }] of kinds.entries()) {
    const entries = [...found.keys()].filter((i) => found[i] === k);
    if (entries.length > 0) report("warning", `${id}: ${describe(space, entries)} ${what}`, fix);
  }
}

/** The first of some entries with its bounds, and the number of the others. */
function describe({ low, high }: Box, [first, ...others]: number[]): string {
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return `entry ${first} of the action${more}, in [${low[first]}, ${high[first]}],`;
}
