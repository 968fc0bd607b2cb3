/** @file A folder in memory, and one with a full disk. */

import type { Folder } from "../../src/state/folder.js";

export function memoryFolder(
  files = new Map<string, Uint8Array>(),
): Folder & { files: Map<string, Uint8Array> } {
  return {
    path: "memory",
    files,
    read: async (name) => files.get(name),
    write: async (name, bytes) => void files.set(name, bytes),
    append: async (name, bytes) => {
      files.set(name, Uint8Array.from([...(files.get(name) ?? []), ...bytes]));
    },
  };
}
