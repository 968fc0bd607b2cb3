/**
 * @file Writes demonstrations to a folder as episodes arrive, and reads them shard by shard
 * (docs/reference/demonstration-files.md).
 */

import { FormatError, UsageError } from "../errors.js";
import { trajectoryReturn } from "../rollout/trajectory.js";
import { crc32c } from "../state/crc32c.js";
import type { Folder } from "../state/folder.js";
import { encodeJson } from "../state/json.js";
import type { Tree } from "../state/snapshot.js";
import {
  type Demonstration,
  type Demonstrations,
  type DemonstrationsHeader,
  type NewDemonstrations,
  trajectoryFault,
} from "./demonstrations.js";
import {
  decodeManifest,
  decodeShard,
  encodeManifest,
  encodeShard,
  isSelective,
  type Manifest,
  type Shard,
  shardName,
  WAY_OUT,
} from "./demonstrations-format.js";

/** The file that marks a folder of demonstrations. */
export const MANIFEST = "demonstrations.json";

/** The approximate number of steps of a shard. */
const SHARD_STEPS = 50_000;

/** Writes episodes one by one. If it is interrupted, the folder contains all completed shards. */
export interface DemonstrationsWriter {
  /** @throws UsageError when the trajectory does not fit the spaces; Error when a full shard cannot be written. */
  append(trajectory: Demonstration): Promise<void>;
  /** The number of episodes of the folder, with those before. */
  episodes(): number;
  /** Writes the last shard. */
  close(): Promise<void>;
}

/**
 * Starts demonstrations in a folder without episodes, or with `append` goes on with those that are there. Without
 * `expertReturn` in the provenance, it is the mean return of the episodes written so far.
 *
 * @throws UsageError when the folder already holds demonstrations, or with `append` others than those of the header.
 */
export async function writeDemonstrations(
  folder: Folder,
  header: NewDemonstrations,
  { shardSteps = SHARD_STEPS, append = false } = {},
): Promise<DemonstrationsWriter> {
  const present = await folder.read(MANIFEST);
  const found = present && decodeManifest(present, `${folder.path}/${MANIFEST}`);
  if (found && found.shards.length > 0 && !append) {
    throw new UsageError(
      `${folder.path} already contains demonstrations: remove them or choose another folder`,
    );
  }
  const before = append ? found : undefined;
  if (before) requireSameOrigin(folder.path, before, header);
  let shards: readonly Shard[] = before?.shards ?? [];
  let pending: Demonstration[] = [];
  let pendingSteps = 0;
  let written = shards.reduce((sum, { episodes }) => sum + episodes, 0);
  let totalReturn = before && written > 0 ? before.provenance.expertReturn * written : 0;
  let cut = Number(before?.provenance.truncatedByLimit ?? 0);

  const manifest = (): Manifest => ({
    env: header.env,
    observationSpace: header.observationSpace,
    actionSpace: header.actionSpace,
    provenance: {
      expertReturn: totalReturn / written,
      ...(cut > 0 && { truncatedByLimit: cut }),
      ...header.provenance,
    },
    shards,
  });
  const flush = async () => {
    if (pending.length === 0) return;
    const bytes = encodeShard(pending, header);
    const file = shardName(shards.length);
    await folder.write(file, bytes);
    const shard = {
      file,
      episodes: pending.length,
      steps: pendingSteps,
      bytes: bytes.length,
      checksum: crc32c(bytes),
      ...(pending.some(isSelective) && { selective: true }),
    };
    shards = [...shards, shard];
    await folder.write(MANIFEST, encodeManifest(manifest()));
    pending = [];
    pendingSteps = 0;
  };

  await folder.write(MANIFEST, encodeManifest(manifest()));
  return {
    async append(trajectory) {
      const fault = trajectoryFault(trajectory, header);
      if (fault) throw new UsageError(`demonstrations of ${header.env}: episode ${written}: ${fault}`);
      pending.push(trajectory);
      pendingSteps += trajectory.rewards.length;
      totalReturn += trajectoryReturn(trajectory);
      written++;
      if (trajectory.cutByLimit) cut++;
      if (pendingSteps >= shardSteps) await flush();
    },
    episodes: () => written,
    close: flush,
  };
}

/** @throws UsageError when demonstrations in a folder are not those that go on, naming what differs */
function requireSameOrigin(path: string, before: Manifest, header: NewDemonstrations): void {
  const { env, observationSpace, actionSpace, provenance } = header;
  const now = { env, observationSpace, actionSpace, ...provenance };
  const { provenance: recorded, ...rest } = before;
  const then: Record<string, unknown> = { ...recorded, ...rest };
  for (const [name, value] of Object.entries(now)) {
    const [a, b] = [then[name], value].map((one) => encodeJson((one ?? null) as Tree, String));
    if (a === b) continue;
    throw new UsageError(
      `${path} has demonstrations whose ${name} is ${a}, not ${b}: go on as they were begun, or choose another folder`,
    );
  }
}

/** Writes demonstrations into an empty folder. @throws as `writeDemonstrations` does. */
export async function saveDemonstrations(folder: Folder, demonstrations: Demonstrations): Promise<void> {
  const writer = await writeDemonstrations(folder, demonstrations);
  for (const trajectory of demonstrations.trajectories) await writer.append(trajectory);
  await writer.close();
}

/** Demonstrations in a folder, whose trajectories are read on demand. */
export interface StoredDemonstrations extends DemonstrationsHeader {
  readonly episodes: number;
  /** All trajectories in order, from the start at each call; only one shard is in memory at a time. */
  trajectories(): AsyncGenerator<Demonstration, void, void>;
}

/**
 * Opens the demonstrations in a folder.
 *
 * @throws UsageError when the folder has none; FormatError with the file and the fault, now or while reading
 *   trajectories.
 */
export async function openDemonstrations(folder: Folder): Promise<StoredDemonstrations> {
  const bytes = await folder.read(MANIFEST);
  if (!bytes) throw new UsageError(`no demonstrations in ${folder.path}: it has no ${MANIFEST}`);
  const { shards, ...header } = decodeManifest(bytes, `${folder.path}/${MANIFEST}`);
  return {
    ...header,
    episodes: shards.reduce((sum, { episodes }) => sum + episodes, 0),
    async *trajectories() {
      let episode = 0;
      for (const shard of shards) {
        const source = `${folder.path}/${shard.file}`;
        const content = await folder.read(shard.file);
        if (!content) throw new FormatError(`${source} is missing, but ${MANIFEST} lists it: ${WAY_OUT}`);
        yield* decodeShard(content, shard, header, source, episode);
        episode += shard.episodes;
      }
    },
  };
}

/**
 * Reads all demonstrations in a folder.
 *
 * @throws as `openDemonstrations` does, and FormatError when the folder has no complete episode.
 */
export async function loadDemonstrations(folder: Folder): Promise<Demonstrations> {
  const { env, observationSpace, actionSpace, provenance, ...stored } = await openDemonstrations(folder);
  const trajectories: Demonstration[] = [];
  for await (const trajectory of stored.trajectories()) trajectories.push(trajectory);
  if (trajectories.length === 0) {
    throw new FormatError(
      `${folder.path} has no episode: its writer was stopped before the first shard; collect them again`,
    );
  }
  return { env, observationSpace, actionSpace, provenance, trajectories };
}
