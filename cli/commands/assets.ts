/** @file `understudy-rl assets <folder>`: copies what a page fetches: scripts, WebAssembly and experts. */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { type Command, print } from "../command.js";
import { packageRoot } from "../package-root.js";

const schema = z.strictObject({
  folder: z.string().min(1).describe("folder to write, which the server of the page serves"),
});

export const assetsCommand: Command<typeof schema> = {
  name: "assets",
  schema,
  positionals: ["folder"],
  examples: ["assets public/understudy"],

  async run({ folder }) {
    const root = packageRoot();
    await cp(join(root, "dist/browser"), folder, { recursive: true });
    await cp(join(root, "experts"), join(folder, "experts"), { recursive: true });
    print(`${folder}: give its address to useAssets; playground.html in it is a page to try`);
  },
};
