/** @file Reads and writes demonstrations on disk: folders of this project, and files of other programs. */

import * as z from "zod";
import { resolveOptions } from "../config/options.js";
import { withOrigin } from "../config/references.js";
import { open } from "../env/registry.js";
import { environmentConfig, environmentOption, environmentOptionsOption } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import type { Folder } from "../state/folder.js";
import type { Demonstrations } from "./demonstrations.js";
import * as folders from "./demonstrations-folder.js";
import {
  decodeDemonstrations,
  decodeParquets,
  FILE_FORMATS,
  MINARI_DATA,
  type ReadingOptions,
  type SourceFile,
  writeMinari,
} from "./formats/index.js";
import { requireCounts, sourceFiles } from "./source-files.js";

/**
 * Reads the demonstrations in a folder that `collect` wrote.
 *
 * @throws UsageError when there are none; FormatError with the file and the place when a file is damaged.
 */
export const loadDemonstrations = async (path: string): Promise<Demonstrations> =>
  withOrigin(await folders.loadDemonstrations(await onDisk(path)), { from: path });

/** A folder by its path. The modules of Node.js are imported on demand, because browsers lack them. */
export const onDisk = async (path: string) => (await import("../state/files.js")).diskFolder(path);

export const readSchema = z.strictObject({
  env: environmentOption()
    .optional()
    .describe(
      "environment of the demonstrations, whose spaces define how to read them; not needed for a folder written by `collect`",
    ),
  environmentOptions: environmentOptionsOption(),
  format: z.enum(FILE_FORMATS).optional().describe("file format; unset: recognised from the content"),
  clip: z
    .boolean()
    .default(false)
    .describe(
      "whether to clip actions to the bounds of the action space; false: an action outside is an error",
    ),
  observationColumn: z
    .string()
    .optional()
    .describe("LeRobot: column of observations; unset: observation.state, else observation"),
  provenance: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("origin of the demonstrations; unset `expertReturn`: their mean return"),
});

export type ReadDemonstrationsOptions = z.input<typeof readSchema>;

/**
 * Demonstrations from a file or folder by its path (Node.js), or from the bytes of a file: folders that `collect`
 * wrote, and the formats listed in docs/how-to/import-demonstrations.md. In a folder of Parquet files, those in `data/`
 * are read or, without that folder, all except those in `meta/`, in order of the numbers in their names. The numbers of
 * episodes and steps must be those in the metadata, if there are any.
 *
 * @throws UsageError when there is nothing to read, or the environment is unknown.
 * @throws FormatError with the file and the place when a file is damaged or does not fit the environment.
 */
export async function readDemonstrations(
  source: string | Uint8Array,
  given: ReadDemonstrationsOptions = {},
): Promise<Demonstrations> {
  const options = resolveOptions("readDemonstrations", readSchema, given);
  if (typeof source !== "string") return decodeAs(source, "the given bytes", options);
  const { format, clip, observationColumn, provenance } = options;
  const demonstrations = await readPath(source, options);
  // A run can read them again from the path and the options, but a custom provenance cannot be read again.
  return provenance !== undefined
    ? demonstrations
    : withOrigin(demonstrations, {
        from: source,
        ...(format !== undefined && { format }),
        ...(clip && { clip }),
        ...(observationColumn !== undefined && { observationColumn }),
      });
}

async function readPath(source: string, options: z.output<typeof readSchema>): Promise<Demonstrations> {
  const { filesUnder, readFileOrExplain } = await import("../state/files.js");
  const files = await filesUnder(source);
  if (files === undefined) return decodeAs(await readFileOrExplain(source), source, options);
  if (files.includes(folders.MANIFEST)) return loadDemonstrations(source);
  const { parts, metadata } = sourceFiles(source, files);
  if (parts.length === 0) {
    throw new UsageError(
      `no demonstrations in ${source}: it has no ${folders.MANIFEST}, no ${MINARI_DATA} and no .parquet file of episodes`,
    );
  }
  const read = (name: string) => readFileOrExplain(`${source}/${name}`);
  const all: SourceFile[] = [];
  for (const name of parts) all.push({ bytes: await read(name), source: `${source}/${name}` });
  const [first] = all;
  const demonstrations = first.source.endsWith(".parquet")
    ? await decodeParquets(all, await readingOptions(source, options), options.format)
    : await decodeAs(first.bytes, first.source, options);
  if (metadata) requireCounts(demonstrations, await read(metadata), `${source}/${metadata}`);
  return demonstrations;
}

async function decodeAs(
  bytes: Uint8Array,
  source: string,
  options: z.output<typeof readSchema>,
): Promise<Demonstrations> {
  return decodeDemonstrations(bytes, source, await readingOptions(source, options), options.format);
}

/** The options of the readers: the spaces are those of the environment. */
async function readingOptions(
  source: string,
  { env, environmentOptions, provenance, format, ...reading }: z.output<typeof readSchema>,
): Promise<ReadingOptions> {
  if (env === undefined) {
    throw new UsageError(
      `${source}: set env to the environment of the demonstrations, such as "CartPole-v1"`,
    );
  }
  const environment = await open(env, environmentOptions);
  const { id, observationSpace, actionSpace, maxEpisodeSteps } = environment;
  environment.close?.();
  const asked = Object.keys(environmentOptions).length > 0;
  const known = {
    ...(asked && { environmentOptions: environmentConfig(env, environmentOptions) }),
    ...provenance,
  } as ReadingOptions["provenance"];
  return { env: id, observationSpace, actionSpace, maxEpisodeSteps, ...reading, provenance: known };
}

export const writeSchema = z.strictObject({
  format: z
    .enum(["understudy", "minari"])
    .default("understudy")
    .describe(
      "understudy, or minari: a Minari data set (HDF5), which does not support subsampling and weights",
    ),
});

export type WriteDemonstrationsOptions = z.input<typeof writeSchema>;

/**
 * Writes demonstrations to an empty folder, given by its path (Node.js) or as a {@link Folder}.
 *
 * @throws UsageError when the folder already contains demonstrations, or the format does not support them.
 */
export async function writeDemonstrations(
  demonstrations: Demonstrations,
  folder: string | Folder,
  given: WriteDemonstrationsOptions = {},
): Promise<void> {
  const { format } = resolveOptions("writeDemonstrations", writeSchema, given);
  const place = typeof folder === "string" ? await onDisk(folder) : folder;
  if (format === "minari") await writeMinari(place, demonstrations);
  else await folders.saveDemonstrations(place, demonstrations);
}
