/** @file The module of the user's own environment, as the page gets it. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { type OwnModule, ownModule } from "../../src/teaching/own-module.js";
import { temporary } from "./room-parts.js";

/** Writes files into a folder, and takes the module of one of them. */
function moduleOf(files: Record<string, string>, first: string): OwnModule | string {
  const folder = temporary();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return ownModule(pathToFileURL(join(folder, first)).href);
}

describe("a module of the user's own", () => {
  it("comes with what it imports, under addresses as the files lie, and nothing else of the folder", async () => {
    const made = moduleOf(
      {
        "worlds/walk.mjs": `import { STEP } from "../parts/step.js"; export * from "./more/b.js"; await import('./c.js');`,
        "worlds/more/b.js": `import "understudy-rl/envs"; import { train } from "understudy-rl";`,
        "worlds/c.js": `import { STEP } from "../parts/step.js"; // from "./missing.js"`,
        "parts/step.js": "export const STEP = 2;",
        "worlds/secret.js": "export const key = 1;",
        "worlds/notes.txt": "",
      },
      "worlds/walk.mjs",
    ) as OwnModule;
    expect(made.address).toBe("/own/worlds/walk.mjs");
    expect([...made.files.keys()].sort()).toEqual([
      "/own/parts/step.js",
      "/own/worlds/c.js",
      "/own/worlds/more/b.js",
      "/own/worlds/walk.mjs",
    ]);
    const step = made.files.get("/own/parts/step.js")!;
    expect(Buffer.from(await step.bytes()).toString()).toBe("export const STEP = 2;");
    expect(step.type).toMatch(/^text\/javascript/);
  });

  it.each([
    [
      "a program of Node.js",
      { "a.mjs": 'import fs from "node:fs";' },
      "a.mjs",
      /a\.mjs imports node:fs, which/,
    ],
    [
      "a package",
      { "a.mjs": 'import "./b.js";', "b.js": 'import x from "lodash";' },
      "a.mjs",
      /b\.js imports lodash/,
    ],
    [
      "a part without a page",
      { "a.mjs": 'import "understudy-rl/python";' },
      "a.mjs",
      /imports understudy-rl\/python/,
    ],
    ["TypeScript", { "a.ts": "export default class {}" }, "a.ts", /a\.ts is not JavaScript/],
  ])("is refused where it is or imports %s, with the reason", (_, files, first, reason) => {
    expect(moduleOf(files as unknown as Record<string, string>, first)).toMatch(reason);
  });
});
