/**
 * @file Preferences in a folder: `preferences.json`, shards of segments as demonstrations have them, and the log of
 * comparisons, to which answers are appended one by one.
 */

import * as z from "zod";
import { FormatError, UsageError } from "../errors.js";
import { decodeTree, encodeTree } from "../state/checkpoint.js";
import { crc32c } from "../state/crc32c.js";
import type { Folder } from "../state/folder.js";
import { encodeJson } from "../state/json.js";
import type { Tree } from "../state/snapshot.js";
import {
  decodeManifestAs,
  decodeShard,
  encodeShard,
  headerFields,
  noArrays,
  type Shard,
  shardName,
  shardSchema,
} from "./demonstrations-format.js";
import {
  type NewPreferences,
  type PreferenceSegment,
  type Preferences,
  type PreferencesHeader,
  segmentFault,
  segmentSteps,
} from "./preferences.js";
import {
  type AskedPair,
  type ComparisonEvent,
  ComparisonLog,
  eventLine,
  eventsIn,
} from "./preferences-events.js";
import { onDisk } from "./read-demonstrations.js";

/** The file that marks a folder of preferences. */
export const PREFERENCES = "preferences.json";
/** The log of answers in it. */
export const COMPARISONS = "comparisons.jsonl";

interface SegmentShard extends Shard {
  /** Whether its segments have no rewards. */
  unrewarded?: boolean;
  /** The file of the snapshots and origins of its segments, if they have any. */
  origins?: { bytes: number; checksum: number };
}

interface Manifest extends PreferencesHeader {
  readonly shards: readonly SegmentShard[];
}

const FORMAT = {
  format: "understudy.preferences",
  versions: [1],
  what: "preferences",
  schema: z.object({
    ...headerFields,
    provenance: z.looseObject({}),
    shards: z.array(
      shardSchema.extend({
        unrewarded: z.boolean().optional(),
        origins: z.object({ bytes: z.int(), checksum: z.int() }).optional(),
      }),
    ),
  }),
};

const originsName = (index: number) => `origins-${String(index).padStart(5, "0")}.safetensors`;
const WAY_OUT = "copy it again from its source";

/** Writes preferences as they arise. If it is interrupted, the folder has all that was written before. */
export interface PreferencesWriter {
  /** The highest number of a question so far. */
  readonly asked: number;
  /** Questions that this annotator has not answered, by number. */
  open(annotator?: string): AskedPair[];
  /** Adds segments, which comparisons may name afterwards. @returns the index of the first */
  addSegments(segments: readonly PreferenceSegment[]): Promise<number>;
  /** Appends events; they are stored when the promise resolves. @throws UsageError for one that is not valid */
  record(...events: readonly ComparisonEvent[]): Promise<void>;
}

/**
 * Starts preferences in a folder without any, or with `append` goes on with those that are there. One process at a time
 * may write: lock the folder.
 *
 * @throws UsageError when the folder already holds preferences, or with `append` those of another environment
 */
export async function writePreferences(
  folder: Folder,
  { env, observationSpace, actionSpace, provenance = {} }: NewPreferences,
  { append = false } = {},
): Promise<PreferencesWriter> {
  const present = await folder.read(PREFERENCES);
  if (present && !append) {
    throw new UsageError(`${folder.path} already contains preferences: remove them or choose another folder`);
  }
  let manifest: Manifest = { env, observationSpace, actionSpace, provenance, shards: [] };
  const log = new ComparisonLog(0);
  if (present) {
    const before = decodeManifestAs<Manifest>(FORMAT, present, `${folder.path}/${PREFERENCES}`);
    for (const name of ["env", "observationSpace", "actionSpace"] as const) {
      const [a, b] = [before, manifest].map((of) => encodeJson(of[name] as unknown as Tree, String));
      if (a === b) continue;
      throw new UsageError(
        `${folder.path} has preferences whose ${name} is ${a}, not ${b}: choose another folder`,
      );
    }
    manifest = before;
    log.segments = countOf(before);
    await replay(folder, log, { bytes: await folder.read(COMPARISONS), repair: true });
  }
  const save = () => {
    const content = { format: FORMAT.format, version: FORMAT.versions[0], ...manifest } as unknown as Tree;
    return folder.write(PREFERENCES, new TextEncoder().encode(`${encodeJson(content, noArrays, 2)}\n`));
  };
  if (!present) await save();
  return {
    get asked() {
      return log.asked;
    },
    open: (annotator) => log.open(annotator),
    async addSegments(segments) {
      for (const [i, segment] of segments.entries()) {
        const fault = segmentFault(segment, manifest);
        if (fault) throw new UsageError(`preferences of ${env}: segment ${log.segments + i}: ${fault}`);
      }
      const first = log.segments;
      if (segments.length === 0) return first;
      const index = manifest.shards.length;
      const shard = await writeShard(folder, segments, manifest, index);
      manifest = { ...manifest, shards: [...manifest.shards, shard] };
      await save();
      log.segments += segments.length;
      return first;
    },
    async record(...events) {
      for (const event of events) {
        const fault = log.add(event);
        if (fault) throw new UsageError(`preferences of ${env}: ${fault}`);
      }
      const lines = events.map(eventLine).join("");
      if (lines !== "") await folder.append(COMPARISONS, new TextEncoder().encode(lines));
    },
  };
}

const countOf = ({ shards }: Manifest) => shards.reduce((sum, { episodes }) => sum + episodes, 0);

async function writeShard(
  folder: Folder,
  segments: readonly PreferenceSegment[],
  spaces: Manifest,
  index: number,
): Promise<SegmentShard> {
  const unrewarded = segments.some(({ rewards }) => rewards === undefined);
  const trajectories = segments.map(({ observations, actions, rewards, terminated }) => {
    const steps = segmentSteps({ observations }, spaces);
    return {
      ...{ observations, actions, terminated, truncated: false },
      rewards: unrewarded ? new Float64Array(steps) : rewards!,
    };
  });
  const bytes = encodeShard(trajectories, spaces);
  await folder.write(shardName(index), bytes);
  const origins = segments.map(({ snapshot, from }) => ({
    ...(snapshot !== undefined && { snapshot }),
    ...(from && { from }),
  }));
  const tree = origins.some((origin) => Object.keys(origin).length > 0) && encodeTree(origins as Tree);
  if (tree) await folder.write(originsName(index), tree);
  return {
    file: shardName(index),
    episodes: segments.length,
    steps: trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0),
    bytes: bytes.length,
    checksum: crc32c(bytes),
    ...(unrewarded && { unrewarded }),
    ...(tree && { origins: { bytes: tree.length, checksum: crc32c(tree) } }),
  };
}

/** Takes the log of a folder in. With `repair` an incomplete last line is removed from the file. */
async function replay(
  folder: Folder,
  log: ComparisonLog,
  { bytes, repair = false }: { bytes: Uint8Array | undefined; repair?: boolean },
): Promise<void> {
  if (!bytes) return;
  const source = `${folder.path}/${COMPARISONS}`;
  const { events, length } = eventsIn(bytes, source);
  for (const [i, event] of events.entries()) {
    const fault = log.add(event);
    if (fault) throw new FormatError(`${source}, event ${i + 1}: ${fault}`);
  }
  if (repair && length < bytes.length) await folder.write(COMPARISONS, bytes.slice(0, length));
}

/** Writes preferences into an empty folder. @throws as `writePreferences` does */
export async function savePreferences(folder: Folder, preferences: Preferences): Promise<void> {
  const writer = await writePreferences(folder, preferences);
  await writer.addSegments(preferences.segments);
  await writer.record(
    ...preferences.comparisons.map((comparison) => ({ event: "answer" as const, ...comparison })),
  );
}

/**
 * Reads the preferences in a folder, also while they are written.
 *
 * @throws UsageError when the folder has none; FormatError naming the file and the fault
 */
export async function loadPreferences(folder: Folder): Promise<Preferences> {
  return (await readPreferences(folder)).preferences;
}

/** As {@link loadPreferences}, with the number of questions that nobody has answered or skipped. */
export async function readPreferences(
  folder: Folder,
): Promise<{ preferences: Preferences; unanswered: number }> {
  // Before the segments, so that all that it names are there while a writer adds to both.
  const bytes = await folder.read(COMPARISONS);
  const { shards, ...header } = await preferencesHeader(folder);
  const segments: PreferenceSegment[] = [];
  const read = async (file: string, { bytes, checksum }: Pick<Shard, "bytes" | "checksum">) => {
    const content = await folder.read(file);
    const why =
      content === undefined
        ? "it is missing"
        : content.length !== bytes || crc32c(content) !== checksum
          ? "it is damaged"
          : undefined;
    if (why) throw new FormatError(`${folder.path}/${file}: ${why}, but ${PREFERENCES} lists it: ${WAY_OUT}`);
    return content!;
  };
  for (const [i, shard] of shards.entries()) {
    const source = `${folder.path}/${shard.file}`;
    const found = decodeShard(await read(shard.file, shard), shard, header, source, segments.length);
    const file = originsName(i);
    const origins = (
      shard.origins ? decodeTree(await read(file, shard.origins), `${folder.path}/${file}`) : []
    ) as Pick<PreferenceSegment, "snapshot" | "from">[];
    for (const [k, { observations, actions, rewards, terminated }] of found.entries()) {
      const segment = { observations, actions, terminated, ...(!shard.unrewarded && { rewards }) };
      segments.push({ ...segment, ...origins[k] });
    }
  }
  const log = new ComparisonLog(segments.length);
  await replay(folder, log, { bytes });
  const comparisons = log.comparisons();
  const answered = new Set(comparisons.map(({ id }) => id));
  return {
    preferences: { ...header, segments, comparisons },
    unanswered: log.questionIds().filter((id) => !answered.has(id)).length,
  };
}

/** The folder of preferences in a run's folder. */
export const PREFERENCES_OF_RUN = "preferences";

/** The folder of preferences at a path: of its own, or in the folder of the run that collected them. */
export async function preferencesAt(path: string): Promise<Folder> {
  const folder = await onDisk(path);
  if ((await folder.read(PREFERENCES)) !== undefined) return folder;
  const ofRun = await onDisk(`${path}/${PREFERENCES_OF_RUN}`);
  return (await ofRun.read(PREFERENCES)) === undefined ? folder : ofRun;
}

/** The header of the preferences in a folder, and the list of their shards. @throws as `loadPreferences` does */
export async function preferencesHeader(folder: Folder): Promise<Manifest> {
  const bytes = await folder.read(PREFERENCES);
  if (!bytes) throw new UsageError(`no preferences in ${folder.path}: it has no ${PREFERENCES}`);
  return decodeManifestAs<Manifest>(FORMAT, bytes, `${folder.path}/${PREFERENCES}`);
}
