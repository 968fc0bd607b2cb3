/** @file Demonstrations in a folder: written as episodes arrive, read one shard at a time (docs/reference/demonstration-files.md). */

import { FormatError, UsageError } from "../errors.js";
import { trajectoryReturn } from "../rollout/trajectory.js";
import { crc32c } from "../state/crc32c.js";
import type { Folder } from "../state/folder.js";
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

/** What tells a folder of demonstrations from others. */
export const MANIFEST = "demonstrations.json";

/** A shard is written once it holds about so many steps. */
const SHARD_STEPS = 50_000;

/** Takes episodes one by one. Whatever stops it, the folder holds every shard it completed. */
export interface DemonstrationsWriter {
  /** @throws UsageError when the trajectory does not fit the spaces; Error when a full shard cannot be written. */
  append(trajectory: Demonstration): Promise<void>;
  /** Writes what is left. */
  close(): Promise<void>;
}

/**
 * Starts demonstrations in an empty folder. Where the provenance gives no `expertReturn`, it is the mean return of the
 * episodes written so far.
 *
 * @throws UsageError when the folder already holds demonstrations.
 */
export async function writeDemonstrations(
  folder: Folder,
  header: NewDemonstrations,
  { shardSteps = SHARD_STEPS } = {},
): Promise<DemonstrationsWriter> {
  if (await folder.read(MANIFEST)) {
    throw new UsageError(`${folder.path} already holds demonstrations: remove it or choose another place`);
  }
  let shards: Shard[] = [];
  let pending: Demonstration[] = [];
  let pendingSteps = 0;
  let written = 0;
  let totalReturn = 0;

  const manifest = (): Manifest => ({
    env: header.env,
    observationSpace: header.observationSpace,
    actionSpace: header.actionSpace,
    provenance: { expertReturn: totalReturn / written, ...header.provenance },
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
      if (pendingSteps >= shardSteps) await flush();
    },
    close: flush,
  };
}

/** Writes demonstrations into an empty folder. @throws as `writeDemonstrations` does. */
export async function saveDemonstrations(folder: Folder, demonstrations: Demonstrations): Promise<void> {
  const writer = await writeDemonstrations(folder, demonstrations);
  for (const trajectory of demonstrations.trajectories) await writer.append(trajectory);
  await writer.close();
}

/** Demonstrations on file, read as they are asked for. */
export interface StoredDemonstrations extends DemonstrationsHeader {
  readonly episodes: number;
  /** Every trajectory in order, from the start on each call; one shard is in memory at a time. */
  trajectories(): AsyncGenerator<Demonstration, void, void>;
}

/**
 * Opens the demonstrations in a folder.
 *
 * @throws UsageError when the folder holds none; FormatError naming the file and what is wrong in it, here or while
 * reading on.
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
 * All demonstrations in a folder.
 *
 * @throws as `openDemonstrations` does, and FormatError when the folder holds no complete episode.
 */
export async function loadDemonstrations(folder: Folder): Promise<Demonstrations> {
  const { env, observationSpace, actionSpace, provenance, ...stored } = await openDemonstrations(folder);
  const trajectories: Demonstration[] = [];
  for await (const trajectory of stored.trajectories()) trajectories.push(trajectory);
  if (trajectories.length === 0) {
    throw new FormatError(
      `${folder.path} holds no episode: its writer was stopped too soon; collect them again`,
    );
  }
  return { env, observationSpace, actionSpace, provenance, trajectories };
}
