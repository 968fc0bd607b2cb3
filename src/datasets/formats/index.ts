/** @file Reads demonstrations in the file formats of other programs, recognised by their content. */

import { UsageError } from "../../errors.js";
import type { Demonstrations } from "../demonstrations.js";
import type { Provenance } from "../provenance.js";
import { type Refuse, refuseIn } from "./arrays.js";
import { ARROW_FILE, ARROW_STREAM, openArrow, startsWith } from "./arrow.js";
import { decodeCsv, isCsvHead } from "./csv.js";
import { d4rlFromTree } from "./d4rl.js";
import type { ReadingOptions } from "./episodes.js";
import { readHdf5 } from "./hdf5.js";
import { type Layout, layoutOf, layouts } from "./hdf5-layouts.js";
import { decodeImitationNpz, imitationColumns, imitationFromColumns } from "./imitation.js";
import { lerobotColumns, lerobotFromShards, type Shard } from "./lerobot.js";
import { maniskillFromTree } from "./maniskill.js";
import { minariFromTree } from "./minari.js";
import { type EpisodeTable, minariColumns, minariFromTables } from "./minari-tables.js";
import { openParquet } from "./parquet.js";
import { robomimicFromTree } from "./robomimic.js";
import type { Column, Columns, TableFile } from "./table.js";

export type { ReadingOptions } from "./episodes.js";
export { encodeMinari, MINARI_DATA, writeMinari } from "./minari.js";
export { LEROBOT_SPACES, writeLerobot } from "./write-lerobot.js";

/** The formats of single files. */
export const FILE_FORMATS = [
  "minari",
  "d4rl",
  "robomimic",
  "maniskill",
  "imitation-npz",
  "imitation-parquet",
  "imitation-arrow",
  "lerobot",
  "csv",
] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

type Container = "hdf5" | "zip" | "parquet" | "arrow" | "csv";

const PICKLE =
  "a Python pickle, which may contain code and is not read: save the arrays as .npz with the program that wrote it";

const signatures: [string, Container | string][] = [
  ["\x89HDF\r\n\x1a\n", "hdf5"],
  ["PK\x03\x04", "zip"],
  ["PAR1", "parquet"],
  ["\x93NUMPY", "a single numpy array: save the trajectories as one .npz, as the imitation library did"],
  ...["\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"].map((start): [string, string] => [start, PICKLE]),
  [
    "version https://git-lfs",
    "a git-lfs pointer instead of the file: fetch the file itself with `git lfs pull`",
  ],
  [ARROW_FILE, "arrow"],
  [ARROW_STREAM, "arrow"],
];

const KNOWN =
  "HDF5 (Minari, D4RL, robomimic, ManiSkill), .npz (imitation), Parquet or Arrow (LeRobot, imitation, Minari) or CSV";

/**
 * Decodes the demonstrations in the bytes of a file. Without `format`, the format is recognised from the content.
 *
 * @param source the name of the bytes in messages, usually their path.
 * @throws FormatError with the file, the place in it and the expected content.
 */
export async function decodeDemonstrations(
  bytes: Uint8Array,
  source: string,
  options: ReadingOptions,
  format?: FileFormat,
): Promise<Demonstrations> {
  if (format !== undefined && !FILE_FORMATS.includes(format)) {
    throw new UsageError(`unknown format "${format}" of demonstrations: ${FILE_FORMATS.join(", ")}`);
  }
  const refuse = refuseIn(source);
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  const [, known] = signatures.find(([signature]) => start.startsWith(signature)) ?? [];
  const isText =
    known === undefined && (format === "csv" || source.endsWith(".csv") || isCsvHead(decodeHead(bytes)));
  const kind = isText ? "csv" : known;
  const is = (container: Container, formats: FileFormat[]) =>
    kind === container && (format === undefined || formats.includes(format));

  if (is("hdf5", Object.keys(layouts) as Layout[])) {
    let layout: Layout = "minari";
    const root = await readHdf5(bytes, refuse, (outline) => {
      layout = layoutOf(outline, format as Layout | undefined, refuse);
      return layouts[layout](options);
    });
    const decode = {
      minari: minariFromTree,
      d4rl: d4rlFromTree,
      robomimic: robomimicFromTree,
      maniskill: maniskillFromTree,
    }[layout];
    return decode(root, options, refuse);
  }
  if (is("zip", ["imitation-npz"])) return decodeImitationNpz(bytes, options, refuse);
  if (is("parquet", ["imitation-parquet", "lerobot"]) || is("arrow", ["imitation-arrow", "lerobot"])) {
    return decodeTables([{ bytes, source }], options, format);
  }
  if (is("csv", ["csv"])) return decodeCsv(bytes, options, refuse);
  const why = kind === undefined ? `its first bytes are not those of ${KNOWN}` : `it is ${kind}`;
  return refuse("", format === undefined || kind === undefined ? why : `${why}, not of format ${format}`);
}

/** The start of a text, in which the names of the columns of a CSV file are. */
const decodeHead = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 65_536));

/** The bytes of a file, and its name in messages. */
export interface SourceFile {
  bytes: Uint8Array;
  source: string;
}

/** The columns of a Parquet or an Arrow file. */
const openTable = async (bytes: Uint8Array, refuse: Refuse): Promise<TableFile> =>
  startsWith(bytes, ARROW_FILE) || startsWith(bytes, ARROW_STREAM)
    ? openArrow(bytes, refuse)
    : openParquet(bytes, refuse);

/**
 * Decodes the demonstrations in a folder of Minari with a Parquet or Arrow file an episode, in this order.
 *
 * @throws FormatError with the file, the place in it and the expected content.
 */
export async function decodeMinariTables(
  files: readonly SourceFile[],
  options: ReadingOptions,
): Promise<Demonstrations> {
  const tables: EpisodeTable[] = [];
  for (const { bytes, source } of files) {
    const refuse = refuseIn(source);
    const { columns, read } = await openTable(bytes, refuse);
    tables.push({ columns: await readAll(minariColumns(columns, refuse), read), refuse });
  }
  return minariFromTables(tables, options);
}

async function readAll(names: readonly string[], read: TableFile["read"]): Promise<Columns> {
  const columns = new Map<string, Column>();
  for (const name of names) columns.set(name, await read(name));
  return columns;
}

/**
 * Decodes the demonstrations in several Parquet or Arrow files, which are the parts of one data set.
 *
 * @throws FormatError with the file, the place in it and the expected content.
 */
export async function decodeTables(
  files: readonly SourceFile[],
  options: ReadingOptions,
  format?: FileFormat,
): Promise<Demonstrations> {
  const shards: Shard[] = [];
  const parts: Demonstrations[] = [];
  for (const { bytes, source } of files) {
    const refuse = refuseIn(source);
    const { columns, read } = await openTable(bytes, refuse);
    const isRowAnEpisode = format ? format !== "lerobot" : columns.includes("obs");
    const names = isRowAnEpisode
      ? imitationColumns(columns, refuse)
      : lerobotColumns(columns, options, refuse);
    const values = await readAll(names, read);
    if (isRowAnEpisode) parts.push(imitationFromColumns(values, options, refuse));
    else shards.push({ columns: values, refuse });
    if (parts.length > 0 && shards.length > 0) {
      refuse("", "it has another format than the files before it: a data set has files of one format");
    }
  }
  return shards.length > 0 ? lerobotFromShards(shards, options) : joined(parts, options.provenance);
}

/** Joins the demonstrations of several files; `expertReturn` is the mean over all episodes. */
function joined(all: readonly Demonstrations[], provenance: Partial<Provenance> = {}): Demonstrations {
  const [first] = all;
  if (all.length === 1) return first;
  const trajectories = all.flatMap((part) => part.trajectories);
  const total = all.reduce((sum, part) => sum + part.provenance.expertReturn * part.trajectories.length, 0);
  const expertReturn = total / trajectories.length;
  return { ...first, provenance: { ...first.provenance, expertReturn, ...provenance }, trajectories };
}
