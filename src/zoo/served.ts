/** @file Experts that are fetched over HTTP. */

import { UsageError } from "../errors.js";
import type { Folder } from "../state/folder.js";

/** A folder of experts. */
export type Zoo = Pick<Folder, "path" | "read">;

/** A folder that is served over HTTP. */
export function served(what: string, url: string | URL): Zoo {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  const path = String(url).replace(/\/*$/, "/");
  if (!URL.canParse(path, page))
    throw new UsageError(`${what}: option "url" is "${url}": it must be an address`);
  const base = new URL(path, page);
  return {
    path: base.href,
    async read(name) {
      const address = new URL(name, base);
      const failed = (why: string, cause?: unknown) =>
        new Error(
          `cannot fetch ${address}: ${why}; set option url to the address that serves the experts, or useAssets to a folder that npx understudy-rl assets wrote`,
          {
            cause,
          },
        );
      const response = await fetch(address).catch((cause: Error) => {
        throw failed(cause.message, cause);
      });
      if (response.status === 404) return undefined;
      if (!response.ok) throw failed(`${response.status} ${response.statusText}`.trim());
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
