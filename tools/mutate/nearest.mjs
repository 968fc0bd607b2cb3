/**
 * @file The tests of a source file, nearest first: those of its name and of the algorithm that it belongs to, those of its
 * folder, then by distance of imports.
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";

/** Imports at run time: `import … from "x"`, `export … from "x"`, `import "x"` and `import("x")`, without types. */
const IMPORTS =
  /^(?:(?:import|export)(?!\s+type\b)\b[^"'`;]*?\bfrom\s*|import\s*)"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"/gm;

const isTest = (path) => path.endsWith(".test.ts");

/** The TypeScript files of a project by path, with the files that each imports. */
export function importsOf(root) {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && !/^(node_modules|dist|docs|runs|coverage|\..*)$/.test(entry.name),
    )
    .flatMap(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: "utf8" }).map((path) => `${name}/${path}`),
    );
  const paths = [...readdirSync(root), ...folders].filter((path) => path.endsWith(".ts"));
  return new Map(
    paths.map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      const imported = [...text.matchAll(IMPORTS)].map(([, fixed, dynamic]) =>
        normalize(join(dirname(path), fixed ?? dynamic)).replace(/\.js$/, ".ts"),
      );
      return [path, imported];
    }),
  );
}

/**
 * The tests that import a source file, at first hand or not, nearest first, and whether each has the name of the file or
 * of its algorithm. Left out are those that start the built command, because what is built has no mutant, and those of
 * `test/claims` and `test/package`, which take minutes.
 */
export function nearestTests(imports, file) {
  const importers = new Map();
  for (const [path, imported] of imports) {
    for (const other of imported) importers.set(other, [...(importers.get(other) ?? []), path]);
  }
  const distance = new Map([[file, 0]]);
  for (const path of distance.keys()) {
    for (const importer of importers.get(path) ?? []) {
      if (!distance.has(importer)) distance.set(importer, distance.get(path) + 1);
    }
  }
  const own = file.replace(/^src\//, "").replace(/\.ts$/, "");
  const folder = dirname(own);
  /** 0: of the file; 1: of the algorithm whose folder it is in; 2: of its folder; 3: others. */
  const kinship = (test) => {
    const name = test.replace(/^test\//, "");
    const named = join(dirname(name), basename(name).split(".")[0]);
    if (named === own) return 0;
    if (named === folder) return 1;
    return dirname(named) === folder ? 2 : 3;
  };
  const built = new Set(importers.get("test/support/built.ts"));
  return [...distance.keys()]
    .filter((path) => isTest(path) && !built.has(path) && !/^test\/(claims|package)\//.test(path))
    .map((path) => ({ path, rank: [kinship(path), distance.get(path)] }))
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || (a.path < b.path ? -1 : 1))
    .map(({ path, rank }) => ({ path, named: rank[0] <= 1 }));
}
