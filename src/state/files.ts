/** @file Files on disk (Node.js only): whole-file reads that explain themselves, and writes that happen or do not. */

import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../errors.js";
import type { Folder } from "./folder.js";

/** The part of `node:fs/promises` that is used here: a test gives one whose disk is full. */
export interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  open(path: string, flags: "w"): Promise<FileHandle>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

interface FileHandle {
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const nodeFileSystem: FileSystem = { mkdir, open, readFile, rename, rm };

/** What the usual failures of a file system mean to whoever has to act on them. */
const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full: free some space and try again",
  EDQUOT: "the disk quota is used up: free some space and try again",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  ENOENT: "there is no such file or folder",
};

const errorCode = (error: unknown) => (error as { code?: string }).code ?? "";
const reason = (error: unknown) => REASONS[errorCode(error)] ?? (error as Error).message;

/**
 * Writes a whole file so that a reader, a crash or a full disk never meets half of one: the bytes go beside it, to
 * disk, and only then take its name. On failure what was there before is still there.
 *
 * @throws Error naming the path and why, with the file system's error as its cause.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  files: FileSystem = nodeFileSystem,
): Promise<void> {
  const beside = `${path}.partial`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    const handle = await files.open(beside, "w");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(beside, path);
  } catch (error) {
    await files.rm(beside, { force: true }).catch(() => {}); // the first failure is the one to tell
    throw new Error(`cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

/**
 * The bytes of a file that the user named.
 *
 * @throws UsageError when it does not exist or cannot be read, saying why.
 */
export async function readFileOrExplain(
  path: string,
  files: FileSystem = nodeFileSystem,
): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, length } = await files.readFile(path);
    return new Uint8Array(buffer, byteOffset, length); // a Buffer's slice would not be a copy
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

/**
 * The files in a folder and its folders, relative to it and with forward slashes, or nothing when it is a file.
 *
 * @throws UsageError when there is nothing at that path, or it cannot be read.
 */
export async function filesUnder(path: string): Promise<string[] | undefined> {
  try {
    const names = await readdir(path, { recursive: true });
    return names.map((name) => name.replaceAll("\\", "/"));
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw new UsageError(`cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

/** A folder on disk, created by the first write into it. */
export function diskFolder(path: string, files: FileSystem = nodeFileSystem): Folder {
  return {
    path,
    read: (name) =>
      readFileOrExplain(join(path, name), files).catch((error: Error) => {
        if (errorCode(error.cause) === "ENOENT") return undefined;
        throw error;
      }),
    async write(name, bytes) {
      const parent = dirname(join(path, name));
      await files.mkdir(parent, { recursive: true }).catch((error) => {
        throw new Error(`cannot create the folder ${parent}: ${reason(error)}`, { cause: error });
      });
      await writeFileAtomic(join(path, name), bytes, files);
    },
  };
}
