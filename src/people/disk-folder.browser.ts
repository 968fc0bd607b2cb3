/** @file A folder of questions and answers in the storage of a browser. */

import { crc32c } from "../state/crc32c.js";
import { lockFolder } from "../state/lock.js";
import { listStored, readStored, removeStored, writeStored } from "../state/stored-files.js";
import type * as disk from "./disk-folder.js";

export const diskFolder: typeof disk.diskFolder = (path) => ({
  path,
  async list() {
    const names = await listStored(path);
    return Promise.all(
      names.map(async (name) => ({ name, stamp: String(crc32c((await readStored(`${path}/${name}`))!)) })),
    );
  },
  read: async (name) => new TextDecoder().decode(await readStored(`${path}/${name}`)),
  write: (name, text) => writeStored({ [`${path}/${name}`]: new TextEncoder().encode(text) }),
  remove: (name) => removeStored(`${path}/${name}`),
  lock: async () => (await lockFolder(path)).release,
});
