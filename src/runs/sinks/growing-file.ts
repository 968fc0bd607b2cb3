/** @file A file to which rows are appended. */

import { appendFileSync, closeSync, fsyncSync, openSync } from "node:fs";

export interface GrowingFile {
  /**
   * Appends data synchronously, so that a kill loses at most the end of the last row.
   *
   * @throws Error naming the file, for example when the disk is full
   */
  append(data: string | Uint8Array): void;
  /** Returns when what was appended is on the disk. */
  sync(): void;
  close(): void;
}

/** A file that is opened at the first append: to extend it (`"a"`) or to overwrite it (`"w"`). */
export function growingFile(path: string, flag: "a" | "w"): GrowingFile {
  let descriptor: number | undefined;
  return {
    append(data) {
      try {
        descriptor ??= openSync(path, flag);
        appendFileSync(descriptor, data);
      } catch (cause) {
        throw new Error(`cannot write ${path}: ${(cause as Error).message}`, { cause });
      }
    },
    sync() {
      if (descriptor !== undefined) fsyncSync(descriptor);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
