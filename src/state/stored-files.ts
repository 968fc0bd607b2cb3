/** @file Files in the storage of a browser (IndexedDB), by paths that start from the site. */

import { UsageError } from "../errors.js";

const DATABASE = "understudy-rl";
const FILES = "files";

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= open().catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

function open(): Promise<IDBDatabase> {
  if (globalThis.indexedDB === undefined) {
    return Promise.reject(new UsageError("files need IndexedDB, which this page does not have"));
  }
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(FILES);
  return settled(request).then((found) => {
    found.onversionchange = found.onclose = () => {
      found.close();
      opened = undefined;
    };
    return found;
  });
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** A path without `.`, `..` and empty parts: what a file is stored under. */
export function keyOf(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** The keys of everything in a folder: `/` is followed by `0`. */
const within = (folder: string) => {
  const key = keyOf(folder);
  return key === "" ? undefined : IDBKeyRange.bound(`${key}/`, `${key}0`, false, true);
};

const reading = async () => (await database()).transaction(FILES).objectStore(FILES);

/** The bytes of a file; undefined where there is none. */
export const readStored = async (path: string): Promise<Uint8Array | undefined> =>
  settled((await reading()).get(keyOf(path)));

/** The paths of all files in a folder and the folders in it, relative to it. */
export async function listStored(folder: string): Promise<string[]> {
  const keys = (await settled((await reading()).getAllKeys(within(folder)))) as string[];
  const start = keyOf(folder) === "" ? 0 : keyOf(folder).length + 1;
  return keys.map((key) => key.slice(start));
}

/**
 * Writes files and removes others: all of it, or nothing.
 *
 * @throws Error when the storage is full
 */
export async function writeStored(
  files: Readonly<Record<string, Uint8Array>>,
  removed: readonly string[] = [],
): Promise<void> {
  const transaction = (await database()).transaction(FILES, "readwrite");
  const store = transaction.objectStore(FILES);
  for (const [path, bytes] of Object.entries(files)) store.put(bytes, keyOf(path));
  for (const path of removed) store.delete(keyOf(path));
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () =>
      reject(unwritten(Object.keys(files), transaction.error));
  });
}

function unwritten(paths: readonly string[], cause: DOMException | null): Error {
  const isFull = cause?.name === "QuotaExceededError";
  const why = isFull ? "the storage of this site is full: remove files and try again" : cause?.message;
  return new Error(`cannot write ${paths.join(", ")}: ${why}`, { cause });
}

/** Removes a file, or a folder with all that is in it. */
export async function removeStored(path: string): Promise<void> {
  const names = await listStored(path);
  await writeStored({}, [path, ...names.map((name) => `${path}/${name}`)]);
}
