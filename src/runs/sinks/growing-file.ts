/** @file A file that grows row by row. */

import { appendFileSync, closeSync, openSync } from "node:fs";

export interface GrowingFile {
  /**
   * Hands the data to the operating system before it returns, so that a kill loses at most the end of the last row.
   *
   * @throws Error naming the file, for example when the disk is full.
   */
  append(data: string | Uint8Array): void;
  close(): void;
}

/** Opened at the first append: after what is there (`"a"`), or afresh (`"w"`). */
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
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
