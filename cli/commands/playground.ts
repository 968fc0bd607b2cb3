/** @file `understudy-rl playground`: serves the page in which environments, algorithms and policies are tried. */

import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import * as z from "zod";
import { type Command, print } from "../command.js";
import { port } from "../fields.js";
import { packageRoot } from "../package-root.js";
import { serve } from "../server.js";

const schema = z.strictObject({ port });

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export const playgroundCommand: Command<typeof schema> = {
  name: "playground",
  schema,
  examples: ["playground", "playground --port 8080"],

  async run({ port }) {
    const { url } = await serve(async (request, response) => {
      const path = fileOf(new URL(request.url ?? "/", "http://127.0.0.1").pathname);
      const bytes = path && (await readFile(path).catch(() => undefined));
      if (!bytes) return void response.writeHead(404).end();
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(bytes);
    }, port);
    print(`${url}  is the playground; Ctrl-C ends it`);
  },
};

/** The file at an address: the page, what is beside it, or an expert. */
function fileOf(pathname: string): string | undefined {
  const found = /^\/(experts\/)?([\w.-]*)$/.exec(pathname);
  if (!found) return undefined;
  const [, experts, name] = found;
  return join(packageRoot(), experts ? "experts" : "dist/browser", name || "playground.html");
}
