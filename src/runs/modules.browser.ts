/** @file A page imports its modules itself. Files are in the storage of the browser. */

import { needsNode } from "../errors.js";
import { checksumText } from "../state/checksum.js";
import { crc32c } from "../state/crc32c.js";
import { filesUnder, readFileOrExplain } from "../state/files.js";
import type * as disk from "./modules.js";

export const definitionIn: typeof disk.definitionIn = needsNode(
  "an algorithm is loaded by the path of a module",
);

export const checksumAt: typeof disk.checksumAt = async (path) => {
  const names = await filesUnder(path);
  if (names === undefined) return checksumText(crc32c(await readFileOrExplain(path)));
  let sum = 0;
  for (const name of names.sort()) {
    sum = crc32c(new TextEncoder().encode(name), sum);
    sum = crc32c(await readFileOrExplain(`${path}/${name}`), sum);
  }
  return checksumText(sum);
};
