/** @file The files of checkpoints: their names and bytes, and what is said of damaged ones. */

import { FormatError } from "../errors.js";
import { decodeTree, encodeTree } from "../state/checkpoint.js";
import { packageVersion } from "./package-version.js";
import type { Checkpoint } from "./runner.js";

/** Version of the checkpoint format; increase it when the fields of a checkpoint change. */
const FORMAT = 1;

type Stored = Checkpoint & { format: number; understudy: string };

/** Zero-padded, so that names sort by step. */
export const checkpointName = (steps: number): string => `step-${String(steps).padStart(12, "0")}.checkpoint`;

export const isCheckpoint = (name: string): boolean => /^step-\d{12}\.checkpoint$/.test(name);

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const stored: Stored = { format: FORMAT, understudy: packageVersion(), ...checkpoint };
  return encodeTree({ ...stored });
}

/** The checkpoint, or why it is damaged. @throws FormatError when another version wrote it */
export function decodeCheckpoint(bytes: Uint8Array, path: string): Checkpoint | string {
  let stored: Stored;
  try {
    stored = decodeTree(bytes, path) as unknown as Stored;
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
  return checkpoint;
}

/** A checkpoint, its path, and why later ones were passed over. */
export interface Found {
  checkpoint: Checkpoint;
  path: string;
  note?: string;
}

export const noteOf = (reasons: readonly string[], path: string): string | undefined =>
  reasons.length > 0 ? `${reasons.join("; ")}; the run goes on from ${path}` : undefined;

/** Without a checkpoint that can be resumed from: nothing without reasons. @throws FormatError with them */
export function noneOf(reasons: readonly string[]): undefined {
  if (reasons.length === 0) return undefined;
  throw new FormatError(`${reasons.join("; ")}; there is no earlier checkpoint: train into a new folder`);
}
