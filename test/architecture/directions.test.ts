/** @file Who may import whom: docs/architecture.md draws the picture that this test holds. */

import { describe, expect, it } from "vitest";
import { sources } from "./sources.js";

/** What files under `from` may import within the project; the first rule whose `from` matches a file applies. */
const rules: { from: RegExp; mayImport: RegExp }[] = [
  { from: /^src\/cli\//, mayImport: /^(index\.ts$|src\/|envs\/|algorithms\/)/ },
  { from: /^src\//, mayImport: /^src\/(?!cli\/)/ },
  { from: /^envs\//, mayImport: /^(src\/(?!cli\/|experiment\/)|envs\/)/ },
  { from: /^algorithms\//, mayImport: /^(src\/(?!cli\/|experiment\/)|algorithms\/)/ },
  { from: /^index\.ts$/, mayImport: /^(src\/(?!cli\/)|envs\/|algorithms\/)/ },
  { from: /^(experiments|bench)\//, mayImport: /^(?!test\/)/ },
  { from: /^(test\/|vitest\.config\.ts$)/, mayImport: /./ },
];

const isOfProject = (specifier: string) => /^[\w-]+(\/[^:]*)?\.(ts|json)$/.test(specifier);

function violations(): string[] {
  return sources.flatMap(({ path, imports }) => {
    const rule = rules.find(({ from }) => from.test(path));
    if (rule === undefined) return [`${path}: no rule says what it may import`];
    return imports
      .filter((target) => isOfProject(target) && !rule.mayImport.test(target))
      .map((target) => `${path} imports ${target}`);
  });
}

describe("import directions", () => {
  it("finds the project's files and their imports", () => {
    const contracts = sources.find(({ path }) => path === "src/rollout/contracts.ts");
    expect(contracts?.imports).toContain("src/random/rng.ts");
  });

  it("run from envs and algorithms to src, and from src to neither", () => {
    expect(violations()).toEqual([]);
  });

  it("do not go through the package's own name, outside tests and the README", () => {
    const named = sources.filter(
      ({ path, imports }) =>
        !path.startsWith("test/") && imports.some((i) => i === "understudy" || i.startsWith("understudy/")),
    );
    expect(named.map(({ path }) => path)).toEqual([]);
  });
});
