/** @file Every link of the documents has a target, and every page that the source names exists. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, sources } from "../architecture/sources.js";
import { documents } from "./examples.js";
import { linksOf } from "./links.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");

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

/** What is wrong with the links of a page. Those to files in the repository have the address of what is there. */
function brokenLinks(path: string): string[] {
  return linksOf(path).flatMap(({ target, file, anchor, repository }) => {
    if (file === undefined) return [];
    if (!existsSync(join(root, file))) return [`${target}: no such file`];
    if (repository && (repository === "tree") !== statSync(join(root, file)).isDirectory())
      return [`${target}: a folder has "tree" in its address, a file "blob"`];
    if (anchor === undefined || !file.endsWith(".md")) return [];
    return anchorsOf(file).has(anchor) ? [] : [`${target}: no such heading`];
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
      "https://github.com/understudy-rl/understudy/blob/main/nowhere.ts: no such file",
      'https://github.com/understudy-rl/understudy/blob/main/src: a folder has "tree" in its address, a file "blob"',
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
