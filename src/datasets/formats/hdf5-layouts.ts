/** @file Recognises the layout of an HDF5 file from the names in it. */

import type { Refuse } from "./arrays.js";
import { D4RL_ARRAYS, isD4rlPath } from "./d4rl.js";
import type { ReadingOptions } from "./episodes.js";
import type { Outline, Wanted } from "./hdf5.js";
import { isManiskillPath } from "./maniskill.js";
import { isMinariPath } from "./minari.js";
import { isRobomimicPath, ROBOMIMIC_EPISODE } from "./robomimic.js";

/** The layouts of HDF5 files that are read, and the content that each of them reads. */
export const layouts = {
  minari: () => isMinariPath,
  d4rl: () => isD4rlPath,
  robomimic: isRobomimicPath,
  maniskill: isManiskillPath,
} satisfies Record<string, (options: ReadingOptions) => Wanted>;
export type Layout = keyof typeof layouts;

const WANTED =
  `Minari's (episode_0, episode_1, …), robomimic's (data/demo_0, …), ManiSkill's (traj_0, …) and D4RL's ` +
  `(${D4RL_ARRAYS.join(", ")})`;

const NAMES: Record<Layout, string> = {
  minari: "Minari",
  d4rl: "D4RL",
  robomimic: "robomimic",
  maniskill: "ManiSkill",
};

/** The number of names that messages list. */
const MOST_NAMES = 8;

/**
 * The layout of a file with these names.
 *
 * @throws FormatError with the names in the file and those that are needed.
 */
export function layoutOf(outline: Outline, asked: Layout | undefined, refuse: Refuse): Layout {
  const names = [...outline.keys()];
  const missing = D4RL_ARRAYS.filter((name) => !outline.has(name));
  const has: Record<Layout, boolean> = {
    minari: names.some(isMinariPath),
    d4rl: missing.length === 0,
    robomimic: outline.get("data")?.some((name) => ROBOMIMIC_EPISODE.test(name)) === true,
    maniskill: names.some(isManiskillPath({})),
  };
  const found = (Object.keys(has) as Layout[]).filter((layout) => has[layout]);
  if (asked ? has[asked] : found.length === 1) return asked ?? found[0];
  if (asked === undefined && found.length > 1) {
    return refuse(
      "",
      `it has the layouts of ${found.map((layout) => NAMES[layout]).join(" and of ")}: set the format`,
    );
  }
  const other = origin(outline);
  const content = `it has ${describe(outline)}${other && `, which is the layout of ${other}`}`;
  if (asked === "d4rl") return refuse("", `${content}; D4RL's layout needs ${missing.join(", ")} as well`);
  if (asked) {
    const needed = { minari: "episode_0", robomimic: "data/demo_0", maniskill: "traj_0" }[asked];
    return refuse("", `${content}; ${NAMES[asked]}'s layout needs a group ${needed}`);
  }
  const isClose = !other && missing.length <= 2;
  const lack = isClose ? `; for D4RL's, ${missing.join(" and ")} must be there` : "";
  return refuse("", `${content}; the layouts that are read are ${WANTED}${lack}`);
}

/** The program that writes files with these names; empty if unknown. */
function origin(outline: Outline): string {
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
