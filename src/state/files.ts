/** @file Files on disk (Node.js only): whole-file reads with explained errors, and atomic writes. */

import { createReadStream, existsSync, mkdirSync } from "node:fs";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { TOO_MANY_FILES, UsageError } from "../errors.js";
import type { Folder } from "./folder.js";

/**
 * The part of `node:fs/promises` that is used here. Tests pass a file system that fails, for example with a full disk.
 */
export interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  open(path: string, flags: "w" | "a"): Promise<FileHandle>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

interface FileHandle {
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const nodeFileSystem: FileSystem = {
  mkdir: async (path) => createFolder(path),
  open,
  readFile,
  rename,
  rm,
};

/** Explanations of common file system errors, by error code. */
const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full: free some space and try again",
  EDQUOT: "the disk quota is used up: free some space and try again",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  ENOENT: "there is no such file or folder",
};

const errorCode = (error: unknown) => (error as { code?: string }).code ?? "";
const reason = (error: unknown) => REASONS[errorCode(error)] ?? (error as Error).message;

/** The reason why a file cannot be read; for one that is missing, with the place where it was looked for. */
const readingReason = (path: string, error: unknown) =>
  errorCode(error) === "ENOENT" ? `${reason(error)}${placeOf(path)}` : reason(error);

/** Where a relative path leads, for messages about a missing file; empty for an absolute one. */
export const placeOf = (path: string): string => (isAbsolute(path) ? "" : ` (looked for ${resolve(path)})`);

/**
 * Creates a folder and those above it. `mkdirSync` with `recursive` does not end where a folder cannot be made
 * below one that exists, as in /proc.
 *
 * @throws Error of the file system
 */
export function createFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) createFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error; // another process was first
  }
}

/**
 * Writes a whole file atomically, so that neither readers nor crashes nor full disks leave a partial file. The bytes
 * are first written and synced to a temporary file in the same folder, which is then renamed. On failure the previous
 * file is unchanged.
 *
 * @throws Error with the path and the reason; its cause is the error of the file system.
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
    await files.rm(beside, { force: true }).catch(() => {}); // report the first failure
    throw new Error(`cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

/**
 * The bytes of a file whose path comes from the user.
 *
 * @throws UsageError with the reason when the file does not exist or cannot be read.
 */
export async function readFileOrExplain(
  path: string,
  files: FileSystem = nodeFileSystem,
): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, length } = await files.readFile(path);
    return new Uint8Array(buffer, byteOffset, length); // a Buffer's slice would not be a copy
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${readingReason(path, error)}`, { cause: error });
  }
}

/**
 * The paths of all files under a folder, relative to it and with forward slashes; undefined when `path` is a file.
 *
 * @throws UsageError when nothing exists at `path`, or it cannot be read.
 */
export async function filesUnder(path: string): Promise<string[] | undefined> {
  try {
    const names = await readdir(path, { recursive: true });
    return names.map((name) => name.replaceAll("\\", "/"));
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw new UsageError(`cannot read ${path}: ${readingReason(path, error)}`, { cause: error });
  }
}

/**
 * The bytes of a file, a piece at a time.
 *
 * @throws UsageError when nothing exists at `path`, or it cannot be read.
 */
export async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${readingReason(path, error)}`, { cause: error });
  }
}

/** A folder on disk, created by the first write into it. */
export function diskFolder(path: string, files: FileSystem = nodeFileSystem): Folder {
  const createParent = async (file: string) => {
    const parent = dirname(file);
    await files.mkdir(parent, { recursive: true }).catch((error) => {
      throw new Error(`cannot create the folder ${parent}: ${reason(error)}`, { cause: error });
    });
  };
  return {
    path,
    read: (name) =>
      readFileOrExplain(join(path, name), files).catch((error: Error) => {
        if (errorCode(error.cause) === "ENOENT") return undefined;
        throw error;
      }),
    async write(name, bytes) {
      await createParent(join(path, name));
      await writeFileAtomic(join(path, name), bytes, files);
    },
    async append(name, bytes) {
      await createParent(join(path, name));
      try {
        const handle = await files.open(join(path, name), "a");
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch (error) {
        throw new Error(`cannot write ${join(path, name)}: ${reason(error)}`, { cause: error });
      }
    },
  };
}

/** Writes a whole file atomically, as {@link writeFileAtomic} does, and creates the missing folders of its path. */
export const writeFileAt = (path: string, content: Uint8Array): Promise<void> =>
  diskFolder(dirname(path)).write(basename(path), content);
