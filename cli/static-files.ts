/** @file Answers requests with files. */

import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { extname } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * @param fileOf the path of the file at the path of an address; undefined: there is none
 */
export function files(fileOf: (pathname: string) => string | undefined): RequestListener {
  return async ({ url = "/" }, response) => {
    const path = fileOf(new URL(url, "http://127.0.0.1").pathname);
    const bytes = path && (await readFile(path).catch(() => undefined));
    if (!bytes) return void response.writeHead(404).end();
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(bytes);
  };
}
