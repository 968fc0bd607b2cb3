/** @file The project's source files, and their imports. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Folders of source code; one that does not exist yet is passed over. */
const folders = ["src", "cli", "web", "envs", "algorithms", "experiments", "bench", "test"].filter((folder) =>
  existsSync(join(root, folder)),
);

export interface Source {
  /** Relative to the root, with forward slashes. */
  path: string;
  text: string;
  /** The text without its comments. */
  code: string;
  /** Project files (by path) and packages (by specifier) that it imports, types included. */
  imports: string[];
}

/** `import … from "x"`, `export … from "x"` and `import "x"` at the start of a line, and `import("x")` anywhere. */
const specifiers = /^(?:(?:import|export)\b[^"'`;]*?\bfrom\s*|import\s*)"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** Comments removed, lines kept. A `//` inside a string survives because it follows a colon. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

function parse(path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  const code = withoutComments(text);
  const imports = [...code.matchAll(specifiers)]
    .map(([, atStart, dynamic]) => atStart ?? dynamic)
    .map((specifier) =>
      specifier.startsWith(".")
        ? normalize(join(dirname(path), specifier))
            .replaceAll("\\", "/")
            .replace(/\.js$/, ".ts")
        : specifier,
    );
  return { path, text, code, imports };
}

const inFolder = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`);

/** Every TypeScript file of the project. */
export const sources: Source[] = [...readdirSync(root), ...folders.flatMap(inFolder)]
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => parse(path.replaceAll("\\", "/")));
