/** @file The files of a page: what `files.ts` does on disk, in the storage of the browser. */

import { UsageError } from "../errors.js";
import type * as disk from "./files.js";
import { listStored, readStored, writeStored } from "./stored-files.js";

/** Paths start from the site. */
export const placeOf: typeof disk.placeOf = () => "";

export const writeFileAtomic = (path: string, content: Uint8Array | string): Promise<void> =>
  writeStored({ [path]: typeof content === "string" ? new TextEncoder().encode(content) : content });

export const writeFileAt: typeof disk.writeFileAt = (path, content) => writeStored({ [path]: content });

/** @throws UsageError when there is no such file */
export async function readFileOrExplain(path: string): Promise<Uint8Array> {
  const bytes = await readStored(path);
  if (bytes !== undefined) return bytes;
  throw new UsageError(`cannot read ${path}: there is no such file in the storage of this site`);
}

export async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  yield await readFileOrExplain(path);
}

/** @throws UsageError when there is nothing at the path */
export async function filesUnder(path: string): Promise<string[] | undefined> {
  const names = await listStored(path);
  if (names.length > 0) return names;
  await readFileOrExplain(path);
  return undefined;
}

export const diskFolder: typeof disk.diskFolder = (path) => ({
  path,
  read: (name) => readStored(`${path}/${name}`),
  write: (name, bytes) => writeStored({ [`${path}/${name}`]: bytes }),
  async append(name, bytes) {
    const before = (await readStored(`${path}/${name}`)) ?? new Uint8Array(0);
    const all = new Uint8Array(before.length + bytes.length);
    all.set(before);
    all.set(bytes, before.length);
    await writeStored({ [`${path}/${name}`]: all });
  },
});
