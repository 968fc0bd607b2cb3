/** @file The lock of a folder in a browser: of all pages and workers of a site, one writes into it. */

import { UsageError } from "../errors.js";
import type * as disk from "./lock.js";
import { keyOf } from "./stored-files.js";

/** Waits a short time for a page that is about to close. @throws UsageError when another page uses the folder */
export const lockFolder: typeof disk.lockFolder = (folder, patience = 2_000) =>
  new Promise((resolve, reject) => {
    // Locks exist in secure contexts only.
    if (globalThis.navigator?.locks === undefined) return resolve({ release() {} });
    const inUse = () =>
      new UsageError(`another page or worker uses ${folder}: close it, or choose another folder`);
    navigator.locks
      .request(
        `understudy-rl/${keyOf(folder)}`,
        { signal: AbortSignal.timeout(patience) },
        () => new Promise<void>((release) => resolve({ release })),
      )
      .catch((error: DOMException) => reject(error.name === "TimeoutError" ? inUse() : error));
  });
