/** @file The examples in the project's documents: fenced blocks with their location. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The pages of `docs`, without those of packages installed there and the generated API. */
const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .map((name) => `docs/${name.replaceAll("\\", "/")}`)
  .filter((name) => name.endsWith(".md") && !/^docs\/(node_modules|reference\/api)\//.test(name));

/** Every document, by its path in the project. */
export const documents = ["README.md", "CONTRIBUTING.md", ...pages.sort()];

export interface Example {
  document: string;
  /** Document and line, for titles. */
  where: string;
  language: string;
  code: string;
}

/** The fenced blocks of a document, by its path in the project. */
export function examplesIn(document: string): Example[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: code, index }) => ({
    document,
    where: `${document}:${text.slice(0, index).split("\n").length}`,
    language,
    code,
  }));
}

/** A program of a document has the name in its first line, as in `// walk.mjs`, or one after its place. */
export const fileOf = ({ code, where }: Example) =>
  /^\/\/ ([\w-]+\.m?js)\b/.exec(code)?.[1] ?? `${where.replace(/\W/g, "-")}.js`;
