/** @file Option hovers in an editor: the language service's quick info has the schema's text. */

import { join } from "node:path";
import ts from "typescript-5";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import * as algorithms from "../../algorithms/index.js";
import * as envs from "../../envs/index.js";
import { describeOptions } from "../../src/config/describe-options.js";
import { readSchema, writeSchema } from "../../src/datasets/read-demonstrations.js";
import { collectSchema } from "../../src/measure/collect.js";
import { compareSchema } from "../../src/measure/compare.js";
import { distanceSchema } from "../../src/measure/distance.js";
import { evaluateSchema } from "../../src/measure/evaluate.js";
import { seedsSchema } from "../../src/runs/seeds.js";
import { trainSchema } from "../../src/runs/train.js";
import { expertsSchema } from "../../src/zoo/experts.js";
import { root } from "./install.js";

/** The types of the options that public functions take, as a program writes them, each with its schema. */
const optionTypes: [type: string, schema: z.ZodObject][] = [
  ["main.TrainByNameOptions", trainSchema],
  ["main.EvaluateOptions", evaluateSchema],
  ["main.CollectOptions", collectSchema],
  ["main.CompareOptions", compareSchema],
  ["main.DistanceOptions", distanceSchema],
  ["main.ReadDemonstrationsOptions", readSchema],
  ["main.WriteDemonstrationsOptions", writeSchema],
  ["main.ExpertOptions", expertsSchema],
  ["main.SeedsOptions", seedsSchema],
  ...algorithms.catalogue.map(({ name, schema }): [string, z.ZodObject] => [
    `Parameters<typeof algorithms.${name}>[0]`,
    schema,
  ]),
  ...Object.entries(envs).flatMap(([name, exported]): [string, z.ZodObject][] => {
    const spec = envs
      .envIds()
      .map(envs.envSpec)
      .find(({ make }) => make === exported);
    return spec?.options ? [[`Parameters<typeof envs.${name}>[0]`, spec.options]] : [];
  }),
];

/** A line for each option: its name at the end is where the cursor goes. */
function programOf(options: { type: string; path: string }[]): string {
  const valueAt = (type: string, path: string[]) => {
    const inner = path.slice(0, -1).reduce((outer, part) => {
      const key = part.replace("[]", "");
      return `NonNullable<Having<${outer}, "${key}">["${key}"]>${part.endsWith("[]") ? "[number]" : ""}`;
    }, `NonNullable<${type}>`);
    return `Having<${inner}, "${path.at(-1)}">`;
  };
  return [
    'import type * as main from "understudy-rl";',
    'import type * as algorithms from "understudy-rl/algorithms";',
    'import type * as envs from "understudy-rl/envs";',
    "type Having<T, K> = T extends unknown ? (K extends keyof T ? T : never) : never;",
    ...options.map(({ type, path }, i) => {
      const names = path.split(".");
      return `declare const o${i}: ${valueAt(type, names)}; o${i}.${names.at(-1)}`;
    }),
  ].join("\n");
}

const HEAD = 4;

/**
 * The language service of TypeScript 5.9, which most editors have. That of TypeScript 7.0 shows the comment of no
 * property of a mapped type, such as `z.input`.
 */
function languageService(file: string, program: string): ts.LanguageService {
  const settings: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    types: [],
  };
  const read = (path: string) => (path === file ? program : ts.sys.readFile(path));
  return ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => settings,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: read,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}

describe("the hover of an option", () => {
  const options = optionTypes.flatMap(([type, schema]) =>
    describeOptions(schema).map(({ path, meaning, default: value }) => ({ type, path, meaning, value })),
  );

  it("has the text and the default of its schema, for every option of every public function", () => {
    const file = join(root, "dist", "hovers.mts");
    const program = programOf(options);
    const service = languageService(file, program);
    expect(service.getSyntacticDiagnostics(file)).toEqual([]);
    const lines = program.split("\n");
    const ends = lines.map((_, i) => lines.slice(0, i + 1).join("\n").length);
    const silent = options.flatMap(({ type, path, meaning, value }, i) => {
      const hover = service.getQuickInfoAtPosition(file, ends[HEAD + i] - 1);
      const text = ts.displayPartsToString(hover?.documentation);
      const hasDefault = hover?.tags?.some(({ name }) => name === "defaultValue") ?? false;
      const isWhole = meaning !== "" && text.startsWith(meaning) && hasDefault === (value !== undefined);
      return isWhole ? [] : [`${type} ${path}: ${ts.displayPartsToString(hover?.displayParts)} ${text}`];
    });
    expect(options.length).toBeGreaterThan(400);
    expect(silent).toEqual([]);
  });
});
