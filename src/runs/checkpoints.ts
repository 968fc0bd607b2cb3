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
import { writeFileAtomic } from "../state/files.js";
import {
  checkpointName,
  decodeCheckpoint,
  encodeCheckpoint,
  type Found,
  isCheckpoint,
  noneOf,
  noteOf,
} from "./checkpoint-format.js";
import type { Checkpoint } from "./runner.js";

/** Name of the temporary file that a process leaves behind if it is killed while writing a checkpoint. */
const isHalf = (name: string): boolean => /^step-\d{12}\.checkpoint\.partial$/.test(name);

/**
 * Writes a checkpoint into a run folder, then removes all but the latest `keep`.
 *
 * @returns the path of the file
 * @throws Error when it cannot be written, for example on a full disk; earlier checkpoints stay as they are
 */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint, keep: number): Promise<string> {
  const path = join(folder, "checkpoints", checkpointName(checkpoint.steps));
  try {
    mkdirSync(join(folder, "checkpoints"), { recursive: true });
  } catch (cause) {
    throw new Error(`cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    await writeFileAtomic(path, encodeCheckpoint(checkpoint));
  } catch (cause) {
    const last = list(folder).at(-1) ?? "none";
    throw new Error(`${(cause as Error).message}; the last good checkpoint is ${last}`, { cause });
  }
  for (const old of list(folder).slice(0, -keep)) rmSync(old);
  for (const half of list(folder, isHalf)) rmSync(half);
  return path;
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
    const found = reason ?? decodeCheckpoint(readWhole(path), path);
    if (typeof found === "string") reasons.push(found);
    else return { checkpoint: found, path, note: noteOf(reasons, path) };
  }
  return noneOf(reasons);
}

const stepsOf = (path: string) => Number(/step-(\d{12})/.exec(path)![1]);

const missingRows = (path: string, rows: number) =>
  `${path} is passed over: metrics.jsonl ends at step ${rows}, so the rows up to step ${stepsOf(path)} are missing`;

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
