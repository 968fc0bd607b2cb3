/** @file Every example in the README and the docs runs. */

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyProject, root, run } from "../package/install.js";
import { pythonWithGymnasium } from "../support/gymnasium.js";
import { documents, type Example, examplesIn, fileOf } from "./examples.js";

const examples = documents.flatMap(examplesIn);

/** Its test is in test/package, where it runs as an installed package. */
const [readmeProgram] = examples.filter(({ language }) => language === "js");

/** Blocks in these languages are not programs. */
const others = ["", "ts", "json", "html", "text", "console", "mermaid"];

/** Programs that need a Python with Gymnasium run where there is one. */
const canRun = ({ code }: Example) =>
  pythonWithGymnasium !== undefined || !code.includes("understudy-rl/python");

const programsOf = (document: string) =>
  examples.filter(
    (example) =>
      example.document === document &&
      ["js", "sh"].includes(example.language) &&
      example !== readmeProgram &&
      canRun(example),
  );

/** The commands of a shell block: lines, of which those that end in a backslash go on. */
const commandsOf = ({ code }: Example) =>
  code
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));

/** A reader's project, with this package installed. */
function readersProject(): string {
  const folder = emptyProject();
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(root, join(modules, "understudy-rl"), "junction");
  symlinkSync(join(root, "node_modules", "zod"), join(modules, "zod"), "junction");
  return folder;
}

async function runExample(folder: string, example: Example): Promise<void> {
  if (example.language === "js") {
    const file = fileOf(example);
    writeFileSync(join(folder, file), example.code);
    await run(folder, process.execPath, file);
    return;
  }
  for (const command of commandsOf(example)) {
    const [program, name, ...words] = command.split(/\s+/);
    if (`${program} ${name}` !== "npx understudy-rl") throw new Error(`cannot run "${command}"`);
    await run(folder, process.execPath, join(root, "dist/cli/main.js"), ...words);
  }
}

describe("every example", () => {
  it("is in a language that the tests run, or is not a program", () => {
    const stray = examples.filter(({ language }) => !["js", "sh", ...others].includes(language));
    expect(stray.map(({ where, language }) => `${where}: ${language}`)).toEqual([]);
  });

  // The blocks of a page follow one another in one project; pages run side by side.
  const pages = documents.filter((document) => programsOf(document).length > 0);
  const projects = new Map(pages.map((document) => [document, readersProject()]));
  it.concurrent.each(pages)("of %s runs", async (document) => {
    for (const example of programsOf(document)) {
      await runExample(projects.get(document)!, example).catch((error: Error) => {
        throw new Error(`${example.where}: ${error.message}`, { cause: error });
      });
    }
  }, 240_000);
});
