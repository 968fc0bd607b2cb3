/** @file The conventions of CONTRIBUTING.md that the linter does not check. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, sources } from "./sources.js";

const read = (name: string) => readFileSync(join(root, name), "utf8");

const pathsWhere = (holds: (source: (typeof sources)[number]) => boolean) =>
  sources.filter(holds).map(({ path }) => path);

describe("every file", () => {
  it("states its purpose in its first lines, if it is source code", () => {
    const header = /^(#!.*\n)?\/\*\*\s+(\* )?@file \S/;
    expect(pathsWhere(({ path, text }) => !path.startsWith("test/") && !header.test(text))).toEqual([]);
  });

  it("takes random numbers from a named stream", () => {
    // Split, so that this file does not find itself.
    const unseeded = `Math.${"random"}`;
    expect(pathsWhere(({ code }) => code.includes(unseeded))).toEqual([]);
  });

  it("imports zod as a namespace, of which bundlers keep what is used", () => {
    const named = new RegExp(`^import (type )?\\{.*\\} from "${"zod"}"`, "m");
    expect(pathsWhere(({ code }) => named.test(code))).toEqual([]);
  });

  it("suppresses no compiler error", () => {
    const silencer = new RegExp(`@ts-(${["ignore", "nocheck", "expect-error"].join("|")})`);
    expect(pathsWhere(({ text }) => silencer.test(text))).toEqual([]);
  });

  it("has no comment that marks open work", () => {
    const marker = new RegExp(`\\b(${["TO", "FIX"].map((m, i) => m + ["DO", "ME"][i]).join("|")})\\b`);
    expect(pathsWhere(({ text }) => marker.test(text))).toEqual([]);
  });
});

describe("a file of claims", () => {
  // Those of `lacking` are runs under seeds too; the values of test/claims/counter.test.ts are known, and it needs none.
  it("has its controls under the seeds, the budget and the settings of what is claimed", () => {
    const trains = /\btrain(\.run)?\(|\bcarriedOver\(/;
    const alone = pathsWhere(
      ({ path, code }) =>
        path.startsWith("test/claims/") && trains.test(code) && !/\b(underSeeds|lacking)\(/.test(code),
    );
    expect(alone).toEqual([]);
  });
});

describe("docs/dependencies.md", () => {
  it("has a line for every dependency and for no other package", () => {
    const declared = ["package.json", "docs/package.json"].flatMap((path) => {
      const manifest = JSON.parse(read(path)) as Record<string, Record<string, string> | undefined>;
      const kinds = ["dependencies", "optionalDependencies", "devDependencies", "peerDependencies"];
      return [...new Set(kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {})))];
    });
    const documented = [...read("docs/dependencies.md").matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, name]) => name,
    );
    expect(documented.sort()).toEqual(declared.sort());
  });
});
