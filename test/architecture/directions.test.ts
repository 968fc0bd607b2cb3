/** @file Which folder may import from which: the table of floors in docs/architecture.md. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, sources } from "./sources.js";

/**
 * The folders and files of each floor, from the lowest to the highest, as the page has them: `| 1 | \`src/tensor\`, … |`.
 * A folder may import from itself and from lower floors, types included.
 */
const floors: readonly (readonly string[])[] = [
  ...readFileSync(join(root, "docs/architecture.md"), "utf8").matchAll(/^\| \d+ \| ([^|]+) \|/gm),
].map(([, folders]) => [...folders.matchAll(/`([^`]+?)\/?`/g)].map(([, folder]) => folder));

const floorOf = new Map(
  floors.flatMap((folders, floor) => folders.map((folder) => [folder, floor] as const)),
);

/** The folder of the table that a file belongs to. */
const folderOf = (path: string): string | undefined =>
  [...floorOf.keys()].find((folder) => path === folder || path.startsWith(`${folder}/`));

const isOfProject = (specifier: string) => /^[\w-]+(\/[^:]*)?\.(ts|json)$/.test(specifier);

const checked = sources.filter(({ path }) => !path.startsWith("test/") && path !== "vitest.config.ts");

function violations(): string[] {
  return checked.flatMap(({ path, imports }) => {
    const from = folderOf(path);
    if (from === undefined) return [`${path}: it is in no folder of the table`];
    return imports.filter(isOfProject).flatMap((target) => {
      const to = folderOf(target);
      if (to === undefined) return [`${path} imports ${target}, which is in no folder of the table`];
      const isBelow = from === to || floorOf.get(to)! < floorOf.get(from)!;
      return isBelow ? [] : [`${path} imports ${target}, which is not on a lower floor`];
    });
  });
}

describe("the table of floors", () => {
  it("is read from the page, from the lowest floor to the highest", () => {
    expect(floors).toHaveLength(13);
    expect(floors[1]).toEqual(["src/tensor", "src/random", "src/errors.ts"]);
    expect(floors.at(-1)).toEqual(["experiments", "bench"]);
    expect(floorOf.size).toBe(floors.flat().length);
  });

  it("has no folder without a source file", () => {
    const isEmpty = (folder: string) => !checked.some(({ path }) => folderOf(path) === folder);
    expect(floors.flat().filter(isEmpty)).toEqual([]);
  });
});

describe("import directions", () => {
  it("are read from the sources, types included", () => {
    const contracts = sources.find(({ path }) => path === "src/env/contracts.ts");
    expect(contracts?.imports).toContain("src/random/rng.ts");
  });

  it("lead to lower floors only, so that there is no import cycle between folders", () => {
    expect(violations()).toEqual([]);
  });

  it("do not go through the package's own name, outside tests and the README", () => {
    const named = checked.filter(({ imports }) =>
      imports.some((i) => i === "understudy-rl" || i.startsWith("understudy-rl/")),
    );
    expect(named.map(({ path }) => path)).toEqual([]);
  });
});
