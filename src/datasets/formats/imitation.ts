/**
 * @file Reads trajectories of the imitation library (github.com/HumanCompatibleAI/imitation): `.npz` files up to
 * version 0.3, and Hugging Face data sets of later versions as Parquet (`src/imitation/data/{types,serialize,
 * huggingface_utils}.py`).
 *
 * Observations have T + 1 rows. `terminal` marks the end of an episode, by termination or by its time limit; the two
 * are distinguished by the number of steps. `infos` are pickles or jsonpickles and are ignored.
 */

import type { Demonstrations } from "../demonstrations.js";
import { type ArrayTree, column, flagColumn, type Refuse, rowCount, sliceRows } from "./arrays.js";
import { demonstrationsFrom, endOf, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { decodeNpy } from "./npy.js";
import { type Columns, cellTree } from "./table.js";
import { unzip } from "./zip.js";

const FIELDS = ["obs", "acts", "terminal", "indices", "rews"];

/** @throws FormatError with the member of the archive or the episode, and the expected content. */
export async function decodeImitationNpz(
  bytes: Uint8Array,
  options: ReadingOptions,
  refuse: Refuse,
): Promise<Demonstrations> {
  const files = await unzip(bytes, refuse, (name) => FIELDS.includes(name.replace(/\.npy$/, "")));
  const array = (field: string) => {
    const name = `${field}.npy`;
    const content = files.get(name);
    return content && decodeNpy(content, name, refuse);
  };
  const terminal = flagColumn(array("terminal"), "terminal.npy", refuse);
  const count = terminal.length;
  if (count === 0) refuse("terminal.npy", "it contains no episode");
  const cuts = column(array("indices"), "indices.npy", refuse, count - 1).data;
  const [obs, acts, rews] = [array("obs"), array("acts"), array("rews")];
  const total = rowCount(acts, "acts.npy", refuse);
  if (rowCount(obs, "obs.npy", refuse) !== total + count) {
    refuse(
      "obs.npy",
      `${total} actions in ${count} episodes need ${total + count} observations, not ${rowCount(obs, "obs.npy", refuse)}`,
    );
  }
  if (rews) column(rews, "rews.npy", refuse, total);
  const starts = [0, ...Array.from(cuts), total];
  const episodes = Array.from({ length: count }, (_, i): RawEpisode => {
    const [from, to] = [starts[i], starts[i + 1]];
    if (!Number.isInteger(to) || to <= from || to > total) {
      refuse(
        "indices.npy",
        `episode ${i} has the steps ${from} to ${to}: the limits must ascend and be below ${total}`,
      );
    }
    return {
      place: `episode ${i}`,
      steps: to - from,
      observations: sliceRows(obs!, from + i, to + i + 1),
      actions: sliceRows(acts!, from, to),
      rewards: rews && column(sliceRows(rews, from, to), "rews.npy", refuse),
      ...endOf(terminal[i] === 1, to - from, options),
    };
  });
  return demonstrationsFrom("imitation .npz", episodes, options, refuse);
}

/** The columns to read of the Hugging Face form, which has one row per episode. */
export function imitationColumns(columns: readonly string[], refuse: Refuse): string[] {
  const needed = ["obs", "acts", "terminal"];
  const missing = needed.find((name) => !columns.includes(name));
  if (missing) refuse("", `it has no column "${missing}", only ${columns.join(", ")}`);
  return columns.includes("rews") ? [...needed, "rews"] : needed;
}

/** @throws FormatError with the row and the expected content. */
export function imitationFromColumns(
  columns: Columns,
  options: ReadingOptions,
  refuse: Refuse,
): Demonstrations {
  const [terminal, rews] = [columns.get("terminal")!, columns.get("rews")];
  const episodes = Array.from(terminal.values, (ended, i): RawEpisode => {
    const part = (name: string): ArrayTree => cellTree(columns.get(name)!, i, `row ${i}/${name}`, refuse);
    const actions = part("acts");
    const steps = rowCount(actions, `row ${i}/acts`, refuse);
    if (ended !== true && ended !== false && ended !== 0 && ended !== 1) {
      refuse(`row ${i}/terminal`, "it must be true or false");
    }
    return {
      place: `row ${i}`,
      steps,
      observations: part("obs"),
      actions,
      rewards: rews?.values[i] == null ? undefined : column(part("rews"), `row ${i}/rews`, refuse, steps),
      ...endOf(Boolean(ended), steps, options),
    };
  });
  return demonstrationsFrom("imitation, Hugging Face", episodes, options, refuse);
}
