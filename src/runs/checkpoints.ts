/** @file The checkpoints of a run folder. They are written atomically, and only the latest are kept. */

import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { FormatError } from "../errors.js";
import { decodeTree, encodeTree } from "../state/checkpoint.js";
import { writeFileAtomic } from "../state/files.js";
import { packageVersion } from "./package-version.js";
import type { Checkpoint } from "./runner.js";

/** Version of the checkpoint format; increase it when the fields of a checkpoint change. */
const FORMAT = 1;

type Stored = Checkpoint & { format: number; understudy: string };

/** Zero-padded, so that names sort by step. */
const fileName = (steps: number): string => `step-${String(steps).padStart(12, "0")}.checkpoint`;
const isCheckpoint = (name: string): boolean => /^step-\d{12}\.checkpoint$/.test(name);
/** Name of the temporary file that a process leaves behind if it is killed while writing a checkpoint. */
const isHalf = (name: string): boolean => /^step-\d{12}\.checkpoint\.partial$/.test(name);

/**
 * Writes a checkpoint into a run folder, then removes all but the latest `keep`.
 *
 * @returns the path of the file
 * @throws Error when it cannot be written, for example on a full disk; earlier checkpoints stay as they are
 */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint, keep: number): Promise<string> {
  const path = join(folder, "checkpoints", fileName(checkpoint.steps));
  const stored: Stored = { format: FORMAT, understudy: packageVersion(), ...checkpoint };
  try {
    mkdirSync(join(folder, "checkpoints"), { recursive: true });
  } catch (cause) {
    throw new Error(`cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    await writeFileAtomic(path, encodeTree({ ...stored }));
  } catch (cause) {
    const last = list(folder).at(-1) ?? "none";
    throw new Error(`${(cause as Error).message}; the last good checkpoint is ${last}`, { cause });
  }
  for (const old of list(folder).slice(0, -keep)) rmSync(old);
  for (const half of list(folder, isHalf)) rmSync(half);
  return path;
}

/** A checkpoint, its path, and why later ones were passed over. */
interface Found {
  checkpoint: Checkpoint;
  path: string;
  note?: string;
}

/**
 * The latest checkpoint of a run folder that can be resumed from; undefined without checkpoints. A damaged checkpoint,
 * or one after the last row of metrics, is passed over for the one before.
 *
 * @param rows the step of the last row of metrics
 * @throws FormatError when all are damaged, or one was written by another version
 */
export function latestCheckpoint(folder: string, rows = Number.POSITIVE_INFINITY): Found | undefined {
  const reasons: string[] = [];
  for (const path of list(folder).reverse()) {
    const reason = stepsOf(path) > rows ? missingRows(path, rows) : undefined;
    const found = reason ?? readCheckpoint(path);
    if (typeof found === "string") reasons.push(found);
    else return { ...found, note: noteOf(reasons, path) };
  }
  if (reasons.length === 0) return undefined;
  throw new FormatError(`${reasons.join("; ")}; there is no earlier checkpoint: train into a new folder`);
}

const noteOf = (reasons: readonly string[], path: string) =>
  reasons.length > 0 ? `${reasons.join("; ")}; the run goes on from ${path}` : undefined;

const stepsOf = (path: string) => Number(/step-(\d{12})/.exec(path)![1]);

const missingRows = (path: string, rows: number) =>
  `${path} is passed over: metrics.jsonl ends at step ${rows}, so the rows up to step ${stepsOf(path)} are missing`;

/** The checkpoint, or why it is damaged. @throws FormatError when another version wrote it */
function readCheckpoint(path: string): Found | string {
  let stored: Stored;
  try {
    stored = decodeTree(readWhole(path), path) as unknown as Stored;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  const { format, understudy, ...checkpoint } = stored;
  const release = (version: string) => String(version).split(".").slice(0, 2).join(".");
  if (format !== FORMAT || release(understudy) !== release(packageVersion())) {
    throw new FormatError(
      `${path} was written by understudy ${understudy} (checkpoint format ${format}), and this is ` +
        `${packageVersion()} (format ${FORMAT}): resume it with that version, or train into a new folder`,
    );
  }
  return { checkpoint, path };
}

/** Bytes to read at once. Node.js reads at most 2 GiB in one call, and a replay of a large robot is larger. */
const PIECE = 2 ** 30;

/** The bytes of a file of any size, read in pieces. */
export function readWhole(path: string, piece = PIECE): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(fstatSync(file).size);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, Math.min(piece, bytes.length - at), at);
      if (read === 0) throw new FormatError(`${path} became shorter while it was being read`);
      at += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** The paths of the checkpoints, oldest first. */
function list(folder: string, isWanted = isCheckpoint): string[] {
  const path = join(folder, "checkpoints");
  const names = existsSync(path) ? readdirSync(path) : [];
  return names
    .filter(isWanted)
    .sort()
    .map((name) => join(path, name));
}
