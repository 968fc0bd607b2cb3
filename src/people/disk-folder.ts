/** @file A folder of questions and answers on disk (Node.js only). */

import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../state/files.js";
import { lockFolder } from "../state/lock.js";
import type { DropFolder } from "./question-folder.js";

/** Size of the largest file that is read (bytes), so that a stray file does not fill the memory. */
const LARGEST = 2 ** 28;

const NEWLINE = "\n".charCodeAt(0);

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/** The folder at `path`. The first write creates it. */
export function diskFolder(path: string): DropFolder {
  return {
    path,
    async list() {
      const names = await readdir(path).catch((error) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const files = names.map(async (name) => {
        try {
          const { mtimeMs, size, ino } = await stat(join(path, name));
          return [{ name, stamp: `${mtimeMs} ${size} ${ino}` }];
        } catch {
          return []; // gone again
        }
      });
      return (await Promise.all(files)).flat();
    },
    async read(name) {
      const file = await stat(join(path, name));
      const { size } = file;
      // A pipe would block, and a device has no end.
      if (!file.isFile()) throw new Error("it is not a file");
      if (size > LARGEST) throw new Error(`it has ${size} bytes, more than ${LARGEST}`);
      return readFile(join(path, name), "utf8");
    },
    async write(name, text) {
      await mkdir(path, { recursive: true });
      await writeFileAtomic(join(path, name), text);
    },
    remove: (name) => rm(join(path, name), { force: true }),
    async append(name, text) {
      await mkdir(path, { recursive: true });
      const file = await open(join(path, name), "a+");
      try {
        await dropTornLine(file);
        await file.appendFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    async lock() {
      await mkdir(path, { recursive: true });
      return (await lockFolder(path)).release;
    },
  };
}

/** Removes what a kill left of a line: nobody was told that it is kept. */
async function dropTornLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const [last] = size > 0 ? (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer : [NEWLINE];
  if (last === NEWLINE) return;
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, 0);
  await file.truncate(bytes.lastIndexOf(NEWLINE) + 1);
}
