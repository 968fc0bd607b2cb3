/** @file The generated pages of docs/reference agree with the code, and explain every option. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { algorithmCatalogue } from "../../algorithms/index.js";
import { explanationOf, otherPages, ownPage } from "../../experiments/reference/explanations.js";
import { optionTable, optionTypes, referencePages } from "../../experiments/reference/pages.js";
import { root } from "../architecture/sources.js";

let pages: Record<string, string>;
beforeAll(async () => {
  pages = await referencePages();
});

const names = ["algorithms.md", "environments.md", "library.md", "command-line.md"];

describe("docs/reference", () => {
  it.each(names)("has %s as written by npm run docs", (name) => {
    // Compared line by line, so that a failure shows what has changed.
    const committed = readFileSync(join(root, "docs/reference", name), "utf8").split("\n");
    expect(committed, "run `npm run docs` and commit the pages").toEqual(pages[name].split("\n"));
  });

  it("has no page that is neither generated nor listed", () => {
    expect(Object.keys(pages).sort()).toEqual([...names].sort());
  });

  it("gives every option's meaning and type", () => {
    const rows = names.flatMap((name) => pages[name].split("\n").filter((line) => line.startsWith("| `")));
    expect(rows.length).toBeGreaterThan(800);
    expect(rows.filter((row) => /\|\s*\|$/.test(row) || row.includes("| value |"))).toEqual([]);
  });

  it("has the help of every command", () => {
    for (const command of [
      "train",
      "collect",
      "convert",
      "evaluate",
      "compare",
      "report",
      "export",
      "envs",
    ]) {
      expect(pages["command-line.md"]).toContain(`\n## ${command}\n\n\`\`\`text\nunderstudy-rl ${command}`);
    }
  });

  it("links every algorithm to the page that explains it, by its heading", () => {
    const leads = (name: string, title: string, page: string) =>
      expect(explanationOf(name)).toEqual({ title, page });
    leads("gail", "GAIL", "gail.md");
    leads("maxEntIrl", "Maximum entropy inverse RL", "max-ent-irl.md");
    leads("sarsa", "Q-learning and SARSA", "q-learning-and-sarsa.md");
    for (const name of Object.keys(algorithmCatalogue)) {
      expect(pages["algorithms.md"]).toMatch(
        new RegExp(`^\\| \\[\`${name}\`\\].*\\]\\(\\.\\./explanation/`, "m"),
      );
    }
    expect(() => explanationOf("noSuchMethod")).toThrow("no-such-method.md");
  });

  it("names a page only for algorithms without a page of their own name", () => {
    for (const name of Object.keys(otherPages)) {
      expect(algorithmCatalogue).toHaveProperty(name);
      expect(existsSync(join(root, "docs/explanation", ownPage(name))), name).toBe(false);
    }
  });
});

describe("a table of options", () => {
  it("has name, type with bounds, default and meaning, with bars escaped in cells", () => {
    const schema = z.strictObject({
      rate: z.number().positive().default(0.1).describe("weight of π(a | s)"),
      inner: z.strictObject({ on: z.boolean().describe("a switch") }).optional(),
    });
    expect(optionTable(schema).split("\n").slice(2)).toEqual([
      "| `rate` | number > 0 | `0.1` | weight of π(a \\| s) |",
      "| `inner.on` | boolean | required | a switch |",
    ]);
  });

  it("exists for the options of every function and algorithm", () => {
    const types = optionTypes();
    expect(Object.keys(types)).toEqual(
      expect.arrayContaining(["GailOptions", "TrainOptions", "SeedsOptions"]),
    );
    expect(types.GailOptions).toContain("| `discriminator.hidden` |");
  });
});
