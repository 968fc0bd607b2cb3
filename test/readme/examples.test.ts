/** @file Every example in the README and the docs works as it stands. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyProject, root, run } from "../package/install.js";
import { pythonWithGymnasium } from "../support/gymnasium.js";
import { documents, type Example, examplesIn } from "./examples.js";

const examples = documents.flatMap(examplesIn);
/** Programs that need a Python with Gymnasium run where there is one. */
const canRun = ({ code }: Example) =>
  pythonWithGymnasium !== undefined || !code.includes("understudy/python");

const written = (language: string) =>
  examples.filter((example) => example.language === language && example !== readmeProgram && canRun(example));

/** Its test is in test/package, where it runs as an installed package. */
const [readmeProgram] = examples.filter(({ language }) => language === "js");

/** Blocks in these languages are not programs. */
const others = ["", "json", "text", "console", "mermaid"];

/** The commands of a shell block: lines, of which those that end in a backslash go on. */
const commandsOf = ({ code }: Example) =>
  code
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));

/** Inside the package, so that its own name and `../src/` resolve as they do for a document; not in the tarball. */
const programs = join(root, "dist/test");
beforeAll(() => mkdirSync(programs, { recursive: true }));

/** The blocks of a document follow one another in one folder. */
const folders = new Map(documents.map((document) => [document, emptyProject()]));

describe("every example", () => {
  it("is in a language that is run, or is no program", () => {
    const stray = examples.filter(({ language }) => !["js", "sh", ...others].includes(language));
    expect(stray.map(({ where, language }) => `${where}: ${language}`)).toEqual([]);
  });

  it.each(written("js"))("of $where runs", async ({ document, where, code }) => {
    const file = join(programs, `${where.replace(/\W/g, "-")}.js`);
    writeFileSync(file, code);
    await run(folders.get(document)!, process.execPath, file);
  });

  it.each(written("sh"))("of $where runs", async (example) => {
    for (const command of commandsOf(example)) {
      const [program, name, ...words] = command.split(/\s+/);
      expect(`${program} ${name}`).toBe("npx understudy");
      await run(folders.get(example.document)!, process.execPath, join(root, "dist/cli/main.js"), ...words);
    }
  }, 240_000);
});
