/** @file Reads and writes demonstrations on disk: folders of this project, and files of other programs. */

import * as z from "zod";
import { resolveOptions } from "../config/options.js";
import { withOrigin } from "../config/references.js";
import { dataId, isDataId } from "../env/data-set.js";
import { envIds, open } from "../env/registry.js";
import { environmentConfig, environmentOption, environmentOptionsOption } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import { type Space, spaceDifference, spaceOf } from "../spaces/index.js";
import type { Folder } from "../state/folder.js";
import type { Demonstrations } from "./demonstrations.js";
import * as folders from "./demonstrations-folder.js";
import {
  decodeDemonstrations,
  decodeMinariTables,
  decodeTables,
  FILE_FORMATS,
  LEROBOT_SPACES,
  MINARI_DATA,
  type ReadingOptions,
  type SourceFile,
  writeLerobot,
  writeMinari,
} from "./formats/index.js";
import { type Described, describedByLerobot, describedByMinari, jsonOf } from "./metadata.js";
import { requireCounts, type SourceFiles, sourceFiles } from "./source-files.js";

/**
 * Reads the demonstrations in a folder that `collect` wrote.
 *
 * @throws UsageError when there are none; FormatError with the file and the place when a file is damaged.
 */
export const loadDemonstrations = async (path: string): Promise<Demonstrations> =>
  withOrigin(await folders.loadDemonstrations(await onDisk(path)), { from: path });

/** A folder by its path. The modules of Node.js are imported on demand, because browsers lack them. */
export const onDisk = async (path: string) => (await import("../state/files.js")).diskFolder(path);

const spaceOption = (what: string) =>
  z
    .custom<string | Space>(
      (value) => typeof value === "string" || typeof (value as Partial<Space> | null)?.kind === "string",
      'it must be a space, such as "Discrete(4)", "Box(3, -1, 1)" or { kind: "discrete", n: 4 }',
    )
    .meta({ type: "space" })
    .optional()
    .describe(`space of the ${what}, in place of an environment; unset: by the metadata or the data`);

export const readSchema = z.strictObject({
  env: environmentOption()
    .optional()
    .describe(
      "environment of the demonstrations, whose spaces define how to read them; unset: by the metadata, or none",
    ),
  environmentOptions: environmentOptionsOption(),
  observationSpace: spaceOption("observations"),
  actionSpace: spaceOption("actions"),
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
    .describe(
      "LeRobot: column of observations; unset: observation.state, else observation. robomimic and ManiSkill: name of " +
        "the observation, such as agent/qpos, or several with commas between them; unset: all",
    ),
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
 * Without an environment, the spaces are those of the options, of the metadata, or else of the data: see
 * `provenance.inferred`. Then `env` is `data:NAME`.
 *
 * @throws UsageError when there is nothing to read, the environment is unknown, or a space is invalid.
 * @throws FormatError with the file and the place when a file is damaged or does not fit the environment.
 */
export async function readDemonstrations(
  source: string | Uint8Array,
  given: ReadDemonstrationsOptions = {},
): Promise<Demonstrations> {
  const options = resolveOptions("readDemonstrations", readSchema, given);
  if (typeof source !== "string") {
    const name = "the given bytes";
    return decodeDemonstrations(
      source,
      name,
      await readingOptions(name, options, { name: "bytes" }),
      options.format,
    );
  }
  const { format, clip, observationColumn, observationSpace, actionSpace, provenance } = options;
  const demonstrations = await readPath(source, options);
  // A run can read them again from the path and the options, but a custom provenance cannot be read again.
  return provenance !== undefined
    ? demonstrations
    : withOrigin(demonstrations, {
        from: source,
        ...(format !== undefined && { format }),
        ...(clip && { clip }),
        ...(observationColumn !== undefined && { observationColumn }),
        ...(observationSpace !== undefined && { observationSpace }),
        ...(actionSpace !== undefined && { actionSpace }),
      });
}

/** The files of a data set, and what its metadata say about it. */
interface FoundSource {
  /** Undefined for a single file. */
  files?: SourceFiles;
  described: Described;
}

async function find(
  source: string,
  all: readonly string[] | undefined,
  observationColumn?: string,
): Promise<FoundSource> {
  const { readFileOrExplain } = await import("../state/files.js");
  if (all === undefined) return { described: {} };
  const files = sourceFiles(source, all);
  const { metadata: counts } = files;
  const hasSpaces = all.includes(LEROBOT_SPACES) && observationColumn === undefined;
  const metadata = hasSpaces ? LEROBOT_SPACES : counts;
  if (metadata === undefined) return { files, described: {} };
  const place = `${source}/${metadata}`;
  const content = jsonOf(await readFileOrExplain(place), place);
  const described =
    metadata.startsWith("meta/") && !hasSpaces
      ? describedByLerobot(content, place, observationColumn)
      : describedByMinari(content, place);
  return { files, described };
}

/**
 * The id of the environment of a data set: that of its metadata, if there is a registered one with its spaces, and else
 * `data:NAME`.
 *
 * @throws UsageError when there is nothing to read; FormatError when its metadata are damaged.
 */
export async function environmentOfSource(source: string): Promise<string> {
  const { filesUnder } = await import("../state/files.js");
  const { described } = await find(source, await filesUnder(source));
  return idOf(source, described);
}

async function idOf(source: string, described: Described): Promise<string> {
  const { env, name = nameOfPath(source) } = described;
  if (env === undefined || !envIds().includes(env)) return dataId(name);
  const environment = await open(env);
  environment.close?.();
  const isSame = (["observationSpace", "actionSpace"] as const).every(
    (space) => described[space] && spaceDifference(described[space], environment[space]) === undefined,
  );
  return isSame ? env : dataId(name);
}

/** The last name in a path, without its ending. */
const nameOfPath = (path: string): string =>
  path
    .split(/[/\\]/)
    .filter((part) => part !== "" && part !== ".")
    .at(-1)
    ?.replace(/\.\w+$/, "") ?? "demonstrations";

async function readPath(source: string, options: z.output<typeof readSchema>): Promise<Demonstrations> {
  const { filesUnder, readFileOrExplain } = await import("../state/files.js");
  const all = await filesUnder(source);
  if (all?.includes(folders.MANIFEST)) return loadDemonstrations(source);
  const { files, described } = await find(source, all, options.observationColumn);
  const reading = await readingOptions(source, options, described);
  if (files === undefined) {
    return decodeDemonstrations(await readFileOrExplain(source), source, reading, options.format);
  }
  const { parts, metadata } = files;
  if (parts.length === 0) {
    throw new UsageError(
      `no demonstrations in ${source}: it has no ${folders.MANIFEST}, no ${MINARI_DATA} and no .parquet or .arrow file of episodes`,
    );
  }
  const read = (name: string) => readFileOrExplain(`${source}/${name}`);
  const opened: SourceFile[] = [];
  for (const name of parts) opened.push({ bytes: await read(name), source: `${source}/${name}` });
  const [first] = opened;
  const demonstrations = files.isEpisodes
    ? await decodeMinariTables(opened, reading)
    : /\.(parquet|arrow)$/.test(first.source)
      ? await decodeTables(opened, reading, options.format)
      : await decodeDemonstrations(first.bytes, first.source, reading, options.format);
  if (metadata) requireCounts(demonstrations, await read(metadata), `${source}/${metadata}`);
  return demonstrations;
}

/** The options of the readers. The spaces are those of the environment, or else of the options or the metadata. */
async function readingOptions(
  source: string,
  given: z.output<typeof readSchema>,
  described: Described = {},
): Promise<ReadingOptions> {
  const {
    env: asked,
    environmentOptions,
    observationSpace,
    actionSpace,
    provenance,
    format: _,
    ...reading
  } = given;
  const spaces = {
    observationSpace:
      observationSpace === undefined ? undefined : spaceOf(observationSpace, "observationSpace"),
    actionSpace: actionSpace === undefined ? undefined : spaceOf(actionSpace, "actionSpace"),
  };
  const isGiven = observationSpace !== undefined || actionSpace !== undefined;
  const env =
    asked ?? (isGiven ? dataId(described.name ?? nameOfPath(source)) : await idOf(source, described));
  if (isDataId(env)) {
    const { maxEpisodeSteps } = described;
    return {
      ...reading,
      env: env === "data" ? dataId(described.name ?? nameOfPath(source)) : env,
      observationSpace: spaces.observationSpace ?? described.observationSpace,
      actionSpace: spaces.actionSpace ?? described.actionSpace,
      maxEpisodeSteps,
      provenance: {
        ...(described.env !== undefined && { environment: described.env }),
        ...provenance,
      } as ReadingOptions["provenance"],
    };
  }
  if (isGiven) {
    throw new UsageError(
      `${source}: give either env, which has spaces, or observationSpace and actionSpace, and not both`,
    );
  }
  const environment = await open(env, environmentOptions);
  const { id, maxEpisodeSteps } = environment;
  environment.close?.();
  const played = Object.keys(environmentOptions).length > 0;
  const known = {
    ...(played && { environmentOptions: environmentConfig(env, environmentOptions) }),
    ...provenance,
  } as ReadingOptions["provenance"];
  return {
    ...reading,
    env: id,
    observationSpace: environment.observationSpace,
    actionSpace: environment.actionSpace,
    maxEpisodeSteps,
    provenance: known,
  };
}

export const writeSchema = z.strictObject({
  format: z
    .enum(["understudy", "minari", "lerobot"])
    .default("understudy")
    .describe(
      "understudy, or a data set of Minari (HDF5) or LeRobot (Parquet), which have no subsampling and no weights",
    ),
  fps: z
    .int()
    .positive()
    .default(30)
    .describe("LeRobot: frames per second, of which the time stamps are made"),
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
  const { format, fps } = resolveOptions("writeDemonstrations", writeSchema, given);
  const place = typeof folder === "string" ? await onDisk(folder) : folder;
  if (format === "minari") await writeMinari(place, demonstrations);
  else if (format === "lerobot") await writeLerobot(place, demonstrations, { fps });
  else await folders.saveDemonstrations(place, demonstrations);
}
