/**
 * @file Reads the Arrow and Parquet storages of Minari (github.com/Farama-Foundation/Minari,
 * `minari/dataset/_storages/arrow_storage.py`): a file per episode in `data/N/`, with T + 1 rows, of which the last one
 * has the final observation, and zeros for the action, the reward and the flags.
 */

import type { Space } from "../../spaces/index.js";
import type { Demonstrations } from "../demonstrations.js";
import { type ArrayTree, flagColumn, type NumberArray, type Refuse, rowCount, sliceRows } from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { type Columns, columnTree } from "./table.js";

const COLUMNS = ["observations", "actions", "rewards", "terminations", "truncations"];

/** The columns to read, from those of the file of an episode. */
export function minariColumns(columns: readonly string[], refuse: Refuse): string[] {
  const missing = COLUMNS.find((name) => !columns.includes(name));
  if (missing) refuse("", `it has no column "${missing}", only ${columns.join(", ")}`);
  return COLUMNS;
}

/** The columns of the file of an episode. */
export interface EpisodeTable {
  readonly columns: Columns;
  /** Refuses with the name of the file. */
  readonly refuse: Refuse;
}

/** @throws FormatError with the file and the expected content */
export function minariFromTables(tables: readonly EpisodeTable[], options: ReadingOptions): Demonstrations {
  const episodes = tables.map(({ columns, refuse }): RawEpisode => {
    const tree = (name: string) => columnTree(columns.get(name), name, refuse);
    const observations = tree("observations");
    const rows = rowCount(observations, "observations", refuse);
    if (rows < 2) refuse("observations", `it has ${rows} rows, but an episode of one step has 2`);
    const steps = rows - 1;
    const flag = (name: string): boolean => {
      const flags = flagColumn(tree(name), name, refuse, rows);
      const early = Array.prototype.indexOf.call(flags, 1);
      if (early >= 0 && early !== steps - 1)
        refuse(name, `it is true at step ${early} of ${steps}, not at the last`);
      return early >= 0;
    };
    const acting = (name: string, node = tree(name)) => {
      if (rowCount(node, name, refuse) !== rows)
        refuse(name, `it must have ${rows} rows, as observations has`);
      return sliceRows(node, 0, steps);
    };
    return {
      place: "the episode",
      refuse,
      steps,
      observations: inTuples(observations, options.observationSpace),
      actions: acting("actions"),
      rewards: acting("rewards") as NumberArray,
      terminated: flag("terminations"),
      truncated: flag("truncations"),
    };
  });
  return demonstrationsFrom("Minari", episodes, options, tables[0].refuse);
}

/** The parts of tuples with the names of the HDF5 storage: `_index_0` instead of `0`. */
function inTuples(node: ArrayTree, space: Space | undefined): ArrayTree {
  if (node.kind !== "group" || (space?.kind !== "tuple" && space?.kind !== "dict")) return node;
  const parts = [...node.parts].map(([name, part]): [string, ArrayTree] => [
    space.kind === "tuple" ? `_index_${name}` : name,
    inTuples(part, (space.spaces as Record<string, Space>)[name]),
  ]);
  return { kind: "group", parts: new Map(parts) };
}
