/** @file The project's sources compiled to JavaScript, for worker threads, which cannot load TypeScript. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Inside the package, so that its imports resolve; `dist/test` never goes into the tarball. */
const parent = join(root, "dist/test");

export interface Built {
  folder: string;
  /** Where a source file is as JavaScript. */
  url(source: string): string;
  remove(): void;
}

const sourcesUnder = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(root, folder, name));

/** Every module by itself, as `tsc` writes them, in a new folder. */
export async function built(): Promise<Built> {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "built-"));
  await build({
    entryPoints: ["src", "cli", "envs", "algorithms", "test/support"]
      .flatMap(sourcesUnder)
      .concat(join(root, "index.ts")),
    outbase: root,
    outdir: folder,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return {
    folder,
    url: (source) => pathToFileURL(join(folder, source.replace(/\.ts$/, ".js"))).href,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
