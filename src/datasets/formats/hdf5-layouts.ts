/** @file Recognises the layout of an HDF5 file from the names in it. */

import type { Refuse } from "./arrays.js";
import { D4RL_ARRAYS, isD4rlPath } from "./d4rl.js";
import type { Outline, Wanted } from "./hdf5.js";
import { isMinariPath } from "./minari.js";

/** The layouts of HDF5 files that are read, and the content that each of them reads. */
export const layouts = { minari: isMinariPath, d4rl: isD4rlPath } satisfies Record<string, Wanted>;
export type Layout = keyof typeof layouts;

const WANTED = `Minari's (episode_0, episode_1, …) and D4RL's (${D4RL_ARRAYS.join(", ")})`;

/** The number of names that messages list. */
const MOST_NAMES = 8;

/**
 * The layout of a file with these names.
 *
 * @throws FormatError with the names in the file and those that are needed.
 */
export function layoutOf(outline: Outline, asked: Layout | undefined, refuse: Refuse): Layout {
  const names = [...outline.keys()];
  const isMinari = names.some(isMinariPath);
  const missing = D4RL_ARRAYS.filter((name) => !outline.has(name));
  const isD4rl = missing.length === 0;
  if (asked ? (asked === "minari" ? isMinari : isD4rl) : isMinari !== isD4rl) {
    return asked ?? (isMinari ? "minari" : "d4rl");
  }
  if (isMinari && isD4rl) return refuse("", "it has the layouts of Minari and of D4RL: set the format");
  const other = origin(outline);
  const found = `it has ${describe(outline)}${other && `, which is the layout of ${other}`}`;
  if (asked === "d4rl") return refuse("", `${found}; D4RL's layout needs ${missing.join(", ")} as well`);
  if (asked === "minari") return refuse("", `${found}; Minari's layout needs a group episode_0`);
  const isClose = !other && missing.length <= 2;
  const lack = isClose ? `; for D4RL's, ${missing.join(" and ")} must be there` : "";
  return refuse("", `${found}; the layouts that are read are ${WANTED}${lack}`);
}

/** The program that writes files with these names; empty if unknown. */
function origin(outline: Outline): string {
  if (outline.get("data")?.some((name) => /^demo_\d+$/.test(name))) return "robomimic";
  if (outline.has("action") && outline.get("observations")) return "ALOHA and ACT";
  if (outline.has("columns") && outline.has("total_size")) return "d3rlpy";
  return "";
}

/** The names at the root and in its groups, such as `data (demo_0, demo_1), mask`. */
function describe(outline: Outline): string {
  const entries = [...outline].map(([name, inner]) => (inner ? `${name} (${list(inner)})` : name));
  return entries.length === 0 ? "no content" : list(entries);
}

function list(names: readonly string[]): string {
  if (names.length === 0) return "empty";
  const more = names.length > MOST_NAMES ? [`… (${names.length} in all)`] : [];
  return [...names.slice(0, MOST_NAMES), ...more].join(", ");
}
