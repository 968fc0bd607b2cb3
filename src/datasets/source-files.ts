/** @file The files of a data set in a folder, in order, and what their metadata say about them. */

import { FormatError, UsageError } from "../errors.js";
import { parseJson } from "../state/json.js";
import type { Demonstrations } from "./demonstrations.js";
import { MINARI_DATA } from "./formats/index.js";

/** The files to read, and the metadata that count their content, if there are any. */
export interface SourceFiles {
  /** Whether each part is an episode in a table, as Minari's Arrow and Parquet storages have them. */
  isEpisodes?: boolean;
  parts: string[];
  metadata?: string;
}

/** In order of the numbers in them: `part-2` before `part-10`. */
const { compare } = new Intl.Collator("en", { numeric: true });

/**
 * The files of episodes among the files of a folder: Minari's, or Parquet or Arrow files. LeRobot's `meta/` has Parquet
 * files without episodes.
 *
 * @throws FormatError when one of several parts is missing; UsageError for several splits of a data set.
 */
export function sourceFiles(folder: string, files: readonly string[]): SourceFiles {
  const minari = [MINARI_DATA, "main_data.hdf5"].find((name) => files.includes(name));
  if (minari) {
    const metadata = minari.replace("main_data.hdf5", "metadata.json");
    return { parts: [minari], ...(files.includes(metadata) && { metadata }) };
  }
  const tables = files.filter((name) => MINARI_EPISODE.test(name)).sort(compare);
  const own = ["data/metadata.json", "metadata.json"].find((name) => files.includes(name));
  if (own && tables.length > 0) return { isEpisodes: true, parts: tables, metadata: own };
  const arrow = files.filter((name) => name.endsWith(".arrow")).sort(compare);
  if (arrow.length > 0) return { parts: partsOfSplit(folder, arrow) };
  const all = files.filter((name) => name.endsWith(".parquet")).sort(compare);
  const data = all.filter((name) => name.startsWith("data/"));
  const parts = data.length > 0 ? data : all.filter((name) => !name.startsWith("meta/"));
  requireAllParts(folder, parts);
  const info = "meta/info.json";
  return { parts, ...(files.includes(info) && { metadata: info }) };
}

/** The file of an episode in Minari's Arrow or Parquet storage, in a folder with its number. */
const MINARI_EPISODE = /^(data\/)?\d+\/[^/]+\.(arrow|parquet)$/;

/** Hugging Face's `save_to_disk` writes a folder for each split. */
function partsOfSplit(folder: string, parts: string[]): string[] {
  const splits = [...new Set(parts.map((name) => name.replace(/[^/]+$/, "")))];
  if (splits.length > 1) {
    throw new UsageError(
      `${folder} has several data sets: give one of ${splits.map((name) => `${folder}/${name}`).join(", ")}`,
    );
  }
  requireAllParts(folder, parts);
  return parts;
}

/** Names of parts give their number: `train-00000-of-00002.parquet`. */
function requireAllParts(folder: string, parts: readonly string[]): void {
  for (const name of parts) {
    const [, start, part, count] = name.match(/^(.*)-(\d+)-of-(\d+)(?=\.(parquet|arrow)$)/) ?? [];
    const ending = name.replace(/^.*\./, ".");
    for (let i = 0; i < Number(count ?? 0); i++) {
      const other = `${start}-${String(i).padStart(part.length, "0")}-of-${count}${ending}`;
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
