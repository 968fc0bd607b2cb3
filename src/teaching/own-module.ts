/** @file An environment of the user's own, for the page: its module, and the modules that this one imports. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServedFile } from "./app.js";

/** What the import map of the page leads to. */
const PACKAGE = /^understudy-rl(\/(envs|algorithms|active|crowds))?$/;

const IMPORTS = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

export interface OwnModule {
  /** The address of the module in the page. */
  address: string;
  /** It and what it imports, by address. */
  files: ReadonlyMap<string, ServedFile>;
}

/**
 * The module at a URL, as it is now.
 *
 * @returns or why a page cannot have it
 */
export function ownModule(url: string): OwnModule | string {
  const first = fileURLToPath(url);
  const texts = new Map<string, Uint8Array>();
  const waiting = [first];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (texts.has(path)) continue;
    if (!/\.m?js$/.test(path)) return `${path} is not JavaScript, which is all that a page runs`;
    const bytes = readFileSync(path);
    texts.set(path, bytes);
    for (const [, name] of bytes.toString("utf8").matchAll(IMPORTS)) {
      if (PACKAGE.test(name)) continue;
      if (!/^\.{1,2}\//.test(name)) return `${path} imports ${name}, which a page does not have`;
      const next = resolve(dirname(path), name);
      if (existsSync(next)) waiting.push(next);
    }
  }
  const folder = commonFolder([...texts.keys()]);
  const addressOf = (path: string) => `/own/${relative(folder, path).split(sep).join("/")}`;
  const files = [...texts].map(([path, bytes]): [string, ServedFile] => [
    addressOf(path),
    { type: "text/javascript; charset=utf-8", bytes: () => bytes },
  ]);
  return { address: addressOf(first), files: new Map(files) };
}

/** The deepest folder that has all files. */
function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]);
  while (!paths.every((path) => path.startsWith(folder + (folder.endsWith(sep) ? "" : sep)))) {
    folder = dirname(folder);
  }
  return folder;
}
