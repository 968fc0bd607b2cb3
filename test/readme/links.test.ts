/** @file Every link of the documents has a target, and every page that the source names exists. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { root, sources } from "../architecture/sources.js";
import { documents } from "./examples.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");

/** The text without its code, in which brackets and parentheses are no links. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");

/** The anchors of a page as GitHub makes them: of headings, and of `<a id>`. */
function anchorsOf(path: string): Set<string> {
  const text = read(path).replace(/^```[\s\S]*?^```$/gm, "");
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id));
  for (const [, heading] of text.matchAll(/^#+ +(.+)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with the links of a page. */
function brokenLinks(path: string): string[] {
  const targets = [...prose(read(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets.flatMap((target) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file, anchor] = target.split("#");
    const full = file === "" ? path : join(dirname(path), file);
    if (!existsSync(join(root, full))) return [`${target}: no such file`];
    if (anchor === undefined || !full.endsWith(".md")) return [];
    return anchorsOf(relative(".", full)).has(anchor) ? [] : [`${target}: no such heading`];
  });
}

describe("links", () => {
  it.each(documents)("have targets in %s", (path) => {
    expect(brokenLinks(path)).toEqual([]);
  });

  it("without a target are reported", () => {
    expect(brokenLinks("test/readme/broken.md")).toEqual([
      "nowhere.md: no such file",
      "#nothing: no such heading",
    ]);
  });
});

describe("a page that the source names", () => {
  it("exists", () => {
    const named = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w/.])docs\/[\w./-]*\.(?:md|svg|png)/g)].map(([page]) => ({ path, page })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ page }) => !existsSync(join(root, page)))).toEqual([]);
  });
});
