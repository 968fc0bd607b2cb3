/** @file Tests mirror the tree: the test of a source file is found by the file's name. */

import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, sources } from "./sources.js";

/** Folders of tests about the whole project, which no single file or folder answers for. */
const aboutTheWhole = [
  "architecture",
  "bench",
  "claims",
  "data-files",
  "docs",
  "package",
  "properties",
  "readme",
  "support",
];

/** Where a file is looked for under test/: `src/env/problem.ts` as `env/problem.ts`, `cli/cli.ts` as it is. */
const mirrored = (path: string) => path.replace(/^src\//, "");

const files = new Set(
  sources
    .map(({ path }) => path)
    .filter((path) => !path.startsWith("test/"))
    .map((path) => mirrored(path).replace(/\.tsx?$/, "")),
);
const folders = new Set(
  [...files].flatMap((file) => {
    const above: string[] = [];
    for (let folder = dirname(file); folder !== "."; folder = dirname(folder)) above.push(folder);
    return above;
  }),
);

/**
 * Whether a test is named after a source file, `policies/save.test.ts` or with an aspect `runs/train.kill.test.ts`, or
 * after a folder, beside it or in it: `nn/networks.test.ts`, `envs/bandits/bandits.test.ts`.
 */
function isFound(test: string): boolean {
  const folder = dirname(test);
  const [name] = basename(test).split(".");
  const named = join(folder, name);
  return files.has(named) || folders.has(named) || (folders.has(folder) && basename(folder) === name);
}

const tests = readdirSync(join(root, "test"), { recursive: true })
  .map((path) => String(path).replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".test.ts") && !aboutTheWhole.includes(path.split("/")[0]));

describe("every test file", () => {
  it("has the name of a source file or of a folder", () => {
    expect(tests.filter((test) => !isFound(test))).toEqual([]);
  });

  it("is refused if no source file or folder has its name", () => {
    expect(isFound("policies/save.test.ts")).toBe(true);
    expect(isFound("runs/train.kill.test.ts")).toBe(true);
    expect(isFound("envs/bandits/bandits.test.ts")).toBe(true);
    expect(isFound("nn/networks.test.ts")).toBe(true);
    expect(isFound("policies/saving.test.ts")).toBe(false);
    expect(isFound("envs/bandits/points.test.ts")).toBe(false);
    expect(isFound("save.test.ts")).toBe(false);
  });
});
