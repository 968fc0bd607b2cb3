/** @file The project's sources compiled to JavaScript, for worker threads, which cannot load TypeScript. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
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

function newFolder(): string {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, "built-"));
}

/** Every module by itself, as `tsc` writes them, in a new folder. */
export async function built(): Promise<Built> {
  const folder = newFolder();
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

/** A program and its worker threads, side by side in a new folder and in few files: it starts sooner. */
export async function bundled(program: string): Promise<{ path: string; remove(): void }> {
  const folder = newFolder();
  await build({
    // Threads import the environments, and may not import the program.
    entryPoints: [program, "envs/index.ts", "src/env/workers/supervisor.ts", "src/env/workers/worker.ts"].map(
      (source) => join(root, source),
    ),
    entryNames: "[name]",
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: "external",
    external: ["#*"],
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return {
    path: join(folder, basename(program).replace(/\.ts$/, ".js")),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
