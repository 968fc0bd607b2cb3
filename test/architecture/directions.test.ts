/** @file Which folder may import from which: the floors of docs/architecture.md, held exactly. */

import { describe, expect, it } from "vitest";
import { sources } from "./sources.js";

/** From the lowest to the highest. A folder may import from itself and from lower floors, types included. */
const floors: readonly (readonly string[])[] = [
  ["src/tensor", "src/random", "src/errors.ts"],
  ["src/config", "src/nn", "src/spaces", "src/state"],
  ["src/env"],
  ["src/mdp", "src/python"],
  ["src/policies"],
  ["envs", "src/rollout", "src/people"],
  ["src/datasets", "src/diagnostics", "src/learning"],
  ["algorithms", "src/measure", "src/report", "src/zoo"],
  ["src/runs"],
  ["cli", "web", "index.ts"],
  ["experiments", "bench"],
];

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

describe("import directions", () => {
  it("are read from the sources, types included", () => {
    const contracts = sources.find(({ path }) => path === "src/env/contracts.ts");
    expect(contracts?.imports).toContain("src/random/rng.ts");
  });

  it("lead to lower floors only, so that no folders import each other in a circle", () => {
    expect(violations()).toEqual([]);
  });

  it("do not go through the package's own name, outside tests and the README", () => {
    const named = checked.filter(({ imports }) =>
      imports.some((i) => i === "understudy" || i.startsWith("understudy/")),
    );
    expect(named.map(({ path }) => path)).toEqual([]);
  });
});
