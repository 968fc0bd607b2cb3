/** @file `understudy-rl playground`: serves the page in which environments, algorithms and policies are tried. */

import { join } from "node:path";
import * as z from "zod";
import { type Command, print } from "../command.js";
import { port } from "../fields.js";
import { packageRoot } from "../package-root.js";
import { serve } from "../server.js";
import { files } from "../static-files.js";

const schema = z.strictObject({ port });

export const playgroundCommand: Command<typeof schema> = {
  name: "playground",
  schema,
  examples: ["playground", "playground --port 8080"],

  async run({ port }) {
    const { url } = await serve(files(fileOf), port);
    print(`${url}  is the playground; Ctrl-C ends it`);
  },
};

/** The page, what is beside it, or an expert. */
function fileOf(pathname: string): string | undefined {
  const found = /^\/(experts\/)?([\w.-]*)$/.exec(pathname);
  if (!found) return undefined;
  const [, experts, name] = found;
  return join(packageRoot(), experts ? "experts" : "dist/browser", name || "playground.html");
}
