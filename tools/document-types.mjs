/**
 * @file Puts the meaning, type, bounds and default of every option above it in the built declarations, as comments that
 * editors and TypeDoc show. The text comes from the zod schemas: see src/config/describe-options.ts.
 */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Folders of `dist` with schemas that types of the public entries are made from. */
const FOLDERS = ["algorithms", "envs", "src"];

const dist = new URL("../dist/", import.meta.url);
const { describeOptions, show, showType } = await import(new URL("src/config/describe-options.js", dist));

/** The option schemas that a module exports, by the names of the exports. */
async function schemasOf(declarations) {
  const module = await import(pathToFileURL(declarations.replace(/\.d\.ts$/, ".js")));
  const found = new Map();
  for (const [name, value] of Object.entries(module)) {
    const schema = value?.definition?.schema ?? value?.schema ?? value;
    if (schema?._zod?.def?.type === "object") found.set(name, schema);
  }
  return found;
}

const keysOf = (schema) => Object.keys(schema.shape).sort().join();

/** An option's comment, indented as the option is. */
function comment(option, indent) {
  const type = option.type === "object" ? "" : ` (${showType(option)})`;
  const lines = [`${option.meaning}${type}`];
  if (option.default !== undefined) lines.push("", `@defaultValue \`${show(option.default)}\``);
  const text = lines.map((line) => ` ${line}`.trimEnd().replaceAll("*/", "*\\/"));
  if (text.length === 1) return `${indent}/**${text[0]} */`;
  return [`${indent}/**`, ...text.map((line) => `${indent} *${line}`), `${indent} */`].join("\n");
}

/** The keys of the object type that opens on a line; their order may differ from the schema's. */
function keysBelow(lines, start) {
  const inner = `${lines[start].match(/^ */)[0]}    `;
  const keys = [];
  for (let i = start + 1; i < lines.length && !lines[i].startsWith(inner.slice(4).concat("}")); i++) {
    const key = lines[i].startsWith(inner) && lines[i].slice(inner.length).match(/^"?([\w$-]+)"?\??: /);
    if (key) keys.push(key[1]);
  }
  return keys.sort().join();
}

/** A declaration file with the comments put in. `schemas`: those of its module, by name. */
function documented(text, schemas) {
  const lines = text.split("\n");
  const result = [];
  /** What is open: the types of option objects, with the options by path and the path so far, and all else. */
  const open = [];
  lines.forEach((line, i) => {
    if (/^\s*\}/.test(line)) {
      const closed = open.pop();
      result.push(line);
      if (line.endsWith("{")) open.push({ ...closed, isObject: line.endsWith("ZodObject<{") });
      return;
    }
    const [, indent, name, rest] = line.match(/^(\s*)(?:[a-z ]* )?"?([\w$-]+)"?\??: (.*)$/) ?? [];
    const within = open.at(-1);
    const path = within?.isObject ? `${within.prefix}${name}` : undefined;
    const option = name && within?.options?.get(path);
    if (option?.meaning && !result.at(-1)?.endsWith("*/")) result.push(comment(option, indent));
    result.push(line);
    if (!line.endsWith("{")) return;
    const isObject = rest?.endsWith("ZodObject<{") ?? false;
    if (open.length > 0) {
      open.push({
        options: within.options,
        prefix: path === undefined ? "" : `${path}.`,
        isObject: isObject && path !== undefined,
      });
      return;
    }
    const keys = isObject ? keysBelow(lines, i) : "";
    const schema = schemas.get(name) ?? [...schemas.values()].find((one) => keysOf(one) === keys);
    const options =
      isObject && schema && keysOf(schema) === keys
        ? new Map(describeOptions(schema).map((one) => [one.path.replaceAll("[]", ""), one]))
        : undefined;
    open.push({ options, prefix: "", isObject });
  });
  return result.join("\n");
}

const files = (
  await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(new URL(folder, dist), { recursive: true })).map((name) => join(folder, name)),
    ),
  )
).flat();

for (const name of files.filter((file) => file.endsWith(".d.ts"))) {
  const path = fileURLToPath(new URL(name, dist));
  const text = await readFile(path, "utf8");
  if (!/^(export )?declare const .*ZodObject<\{$/m.test(text)) continue;
  await writeFile(path, documented(text, await schemasOf(path)));
}
