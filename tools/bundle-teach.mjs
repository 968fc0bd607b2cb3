/** @file Bundles the page where people teach, into `dist/teach`: one script, one style sheet, and the document. */

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

/** Bundles the page. Returns the files by path in `dist`, and what went into them. */
export async function bundledPage(root) {
  const dist = join(root, "dist");
  const source = join(root, "web/teach");
  const { outputFiles, metafile } = await build({
    entryPoints: { page: join(source, "main.tsx"), style: join(source, "style.css") },
    absWorkingDir: root,
    outdir: join(dist, "teach"),
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    minify: true,
    charset: "utf8",
    logLevel: "warning",
  });
  const files = new Map(outputFiles.map(({ path, text }) => [relative(dist, path), text]));
  for (const name of ["index.html", "icon.svg"]) {
    files.set(`teach/${name}`, readFileSync(join(source, name), "utf8"));
  }
  return { files, metafile };
}
