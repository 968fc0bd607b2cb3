/** @file Every work cited by the code or a page is in docs/bibliography.md. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, sources } from "../architecture/sources.js";
import { documents } from "./examples.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");

const PAGE = "docs/bibliography.md";

/** The keys of the table, as in `[key]`. */
const keys = [...read(PAGE).matchAll(/^\| ([^|]+?) \| /gm)]
  .map(([, key]) => key)
  .filter((key) => !["key", "---"].includes(key));

const name = "(?:van |de |von )?\\p{Lu}[\\p{L}’'-]+";
/** `Ho & Ermon 2016`, `Ross, Gordon & Bagnell 2011`, `Wang et al. 2016`, `Wolfe (1976)`. */
const citation = new RegExp(
  `(?<![\\p{L}-])(${name})((?:, ${name})*(?:,? (?:&|and) ${name})?| et al\\.) \\(?((?:19|20)\\d\\d[ab]?)\\b`,
  "gu",
);

/** Who wrote it first, and when: what a citation and a key have in common. */
const cited = (text: string) =>
  [...text.replace(/\n\s*\*?\s*/g, " ").matchAll(citation)].map(([, first, , year]) => `${first} ${year}`);

const known = new Set(keys.flatMap(cited));

/** Comments alone: code has no citations. */
const comments = (text: string) =>
  [...text.matchAll(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm)].map(([comment]) => comment).join("\n");

describe("the bibliography", () => {
  it("contains every work that the code cites", () => {
    const files = sources.filter(({ path }) => !path.startsWith("test/"));
    const missing = files.flatMap(({ path, text }) =>
      cited(comments(text))
        .filter(
          (work) => !known.has(work) && !known.has(work.replace(/\d+[ab]?$/, (year) => year.slice(0, 4))),
        )
        .map((work) => `${path}: ${work}`),
    );
    expect(missing).toEqual([]);
  });

  it("contains every work that the pages cite", () => {
    const pages = documents.filter((path) => path !== PAGE);
    const missing = pages.flatMap((path) =>
      cited(read(path))
        .filter((work) => !known.has(work))
        .map((work) => `${path}: ${work}`),
    );
    expect(missing).toEqual([]);
  });

  it("has unique keys in the form of citations", () => {
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
    expect(keys.filter((key) => key !== "N" && cited(key).length === 0)).toEqual([]);
  });

  it("reports citations of works without an entry", () => {
    expect(cited("as in [Nobody & Someone 1901, eq. 3] and (Nobody et al. 1902)")).toEqual([
      "Nobody 1901",
      "Nobody 1902",
    ]);
    expect(known.has("Nobody 1901")).toBe(false);
  });
});
