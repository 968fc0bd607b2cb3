/** @file The files of a data set in a folder, in order, and what their metadata say about them. */

import { FormatError } from "../errors.js";
import { parseJson } from "../state/json.js";
import type { Demonstrations } from "./demonstrations.js";
import { MINARI_DATA } from "./formats/index.js";

/** The files to read, and the metadata that count their content, if there are any. */
export interface SourceFiles {
  parts: string[];
  metadata?: string;
}

/** In order of the numbers in them: `part-2` before `part-10`. */
const { compare } = new Intl.Collator("en", { numeric: true });

/**
 * The files of episodes among the files of a folder: Minari's, or Parquet files. LeRobot's `meta/` has Parquet files
 * without episodes.
 *
 * @throws FormatError when one of several parts is missing.
 */
export function sourceFiles(folder: string, files: readonly string[]): SourceFiles {
  const minari = [MINARI_DATA, "main_data.hdf5"].find((name) => files.includes(name));
  if (minari) {
    const metadata = minari.replace("main_data.hdf5", "metadata.json");
    return { parts: [minari], ...(files.includes(metadata) && { metadata }) };
  }
  const all = files.filter((name) => name.endsWith(".parquet")).sort(compare);
  const data = all.filter((name) => name.startsWith("data/"));
  const parts = data.length > 0 ? data : all.filter((name) => !name.startsWith("meta/"));
  requireAllParts(folder, parts);
  const info = "meta/info.json";
  return { parts, ...(files.includes(info) && { metadata: info }) };
}

/** Names of parts give their number: `train-00000-of-00002.parquet`. */
function requireAllParts(folder: string, parts: readonly string[]): void {
  for (const name of parts) {
    const [, start, part, count] = name.match(/^(.*)-(\d+)-of-(\d+)\.parquet$/) ?? [];
    for (let i = 0; i < Number(count ?? 0); i++) {
      const other = `${start}-${String(i).padStart(part.length, "0")}-of-${count}.parquet`;
      if (!parts.includes(other)) {
        throw new FormatError(`${folder}/${other} is missing, but ${name} is there: copy all parts`);
      }
    }
  }
}

/** The counts in Minari's metadata and in those of LeRobot. */
interface Counts {
  total_episodes?: unknown;
  total_steps?: unknown;
  total_frames?: unknown;
}

/**
 * Compares demonstrations with the numbers of episodes and rows in their metadata.
 *
 * @param bytes the metadata, as JSON.
 * @throws FormatError when they differ: parts of the data set are missing.
 */
export function requireCounts(demonstrations: Demonstrations, bytes: Uint8Array, source: string): void {
  let counts: Counts;
  try {
    counts = parseJson(bytes) ?? {};
  } catch (cause) {
    throw new FormatError(`${source}: it is not JSON: ${(cause as Error).message}`);
  }
  const { trajectories, provenance } = demonstrations;
  const omitted = (provenance.omitted ?? { episodes: 0, steps: 0 }) as { episodes: number; steps: number };
  const steps = trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
  const found = {
    total_episodes: trajectories.length + omitted.episodes,
    total_steps: steps + omitted.steps,
    total_frames: steps + omitted.steps,
  };
  for (const [name, count] of Object.entries(found)) {
    const declared = counts[name as keyof Counts];
    if (typeof declared === "number" && declared !== count) {
      throw new FormatError(
        `${source}: ${name} is ${declared}, but the files have ${count}: the data set is incomplete or damaged; copy it again from its source`,
      );
    }
  }
}
