/** @file A project with this package installed from its tarball. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";

/** The root of the checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

/** Runs a program in a folder and gives what it printed and its messages. Rejects with both when it fails. */
export function hear(folder: string, program: string, ...words: string[]) {
  const options = { cwd: folder, maxBuffer: 1 << 26, shell: process.platform === "win32" };
  return promisify(execFile)(program, words, options);
}

/** Runs a program in a folder and gives what it printed. Rejects with its messages when it fails. */
export const run = async (folder: string, program: string, ...words: string[]): Promise<string> =>
  (await hear(folder, program, ...words)).stdout;

/** An empty project of a user, removed after the tests of the file. */
export function emptyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "understudy-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  return folder;
}

/** Packs the package as it was built and gives the tarball's path and the names of the files in it. */
export async function pack(folder: string): Promise<{ tarball: string; files: string[] }> {
  const printed = await run(root, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder);
  const [{ filename, files }] = JSON.parse(printed) as [{ filename: string; files: { path: string }[] }];
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

/**
 * Unpacks the tarball where npm would install it, beside links to the packages it declares and to no others: whatever
 * else it imports is not found. `optional: false` leaves its optional dependencies out.
 */
export async function unpack(folder: string, tarball: string, { optional = true } = {}): Promise<void> {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "understudy-rl"), { recursive: true });
  await run(folder, "tar", "-xzf", tarball, "-C", join(modules, "understudy-rl"), "--strip-components=1");
  const declared = { ...manifest.dependencies, ...(optional && manifest.optionalDependencies) };
  for (const name of Object.keys(declared)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
  }
}
