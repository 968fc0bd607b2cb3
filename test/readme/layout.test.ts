/** @file Layout of the pages: lines of at most 120 characters, and links to every page. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../architecture/sources.js";
import { documents } from "./examples.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Tables and links that stand alone cannot be wrapped, and code is not prose. */
const prose = (text: string) =>
  text
    .replace(/^```[\s\S]*?^```$/gm, "")
    .split("\n")
    .filter((line) => !/^\s*(\||!?\[[^\]]*\]\(\S+\)[.,:;]?$|<!--)/.test(line));

describe("a page", () => {
  it.each(documents)("%s has lines of at most 120 characters", (path) => {
    expect(prose(read(path)).filter((line) => [...line].length > 120)).toEqual([]);
  });

  it("can be reached from the README", () => {
    const reached = new Set(["README.md"]);
    for (const path of reached) {
      for (const [, target] of read(path).matchAll(/\]\(([^)\s#]+\.md)/g)) {
        if (!/^[a-z]+:/.test(target)) reached.add(join(dirname(path), target).replaceAll("\\", "/"));
      }
    }
    expect(documents.filter((path) => !reached.has(path))).toEqual([]);
  });
});
