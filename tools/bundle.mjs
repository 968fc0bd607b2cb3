/**
 * @file Bundles what `tsc` wrote to `dist`, so that a program that imports the package and the command load few files
 * and share their modules: one registry of environments, one `UsageError`. The declarations stay as they are.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundledForBrowsers, copyFiles } from "./bundle-browser.mjs";
import { bundledPage } from "./bundle-teach.mjs";
import { withConstants } from "./constants.mjs";
import { lighterZod } from "./lighter-zod.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = join(root, "dist");

/**
 * Dependencies that are bundled although they are installed too, because the types name them. What is no dependency is
 * bundled; the other packages are loaded when they are used.
 */
const BUNDLED = ["zod"];

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const external = [
  ...Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).filter(
    (name) => !BUNDLED.includes(name),
  ),
  // Of benchmarks, which are not packed.
  "playwright-core",
];

/** What `package.json` names. */
const PACKAGE = [
  "index",
  "envs/index",
  "algorithms/index",
  "src/python/index",
  "src/crowds/index",
  "algorithms/active/index",
  "cli/main",
  "envs/mujoco/physics/no-koffi",
  "web/index",
];

/** Programs of threads and processes. They are started by their address beside the chunk that starts them. */
const WORKERS = [
  "src/env/workers/supervisor",
  "src/env/workers/worker",
  "src/runs/seeds-worker",
  "src/crowds/threads-worker",
];

const lighter = {
  name: "lighter dependencies",
  setup({ onLoad, onResolve }) {
    for (const [name, file] of [
      ["string-width", "string-width.js"],
      ["wrap-ansi", "wrap.js"],
    ]) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: join(dist, "cli", file) }));
    }
    // yargs looks for a version in the folders above; the command gives it.
    onResolve({ filter: /^escalade\/sync$/ }, ({ path }) => ({ path, namespace: "absent" }));
    onLoad({ filter: /./, namespace: "absent" }, ({ path }) => ({
      contents: `export default () => { throw new Error("there is no ${path}"); };`,
    }));
  },
};

/** Bundles programs of `dist`, whose shared code goes to a folder of chunks. Returns the files by path in `dist`. */
async function bundled(programs, chunks) {
  const { outputFiles, metafile } = await build({
    entryPoints: Object.fromEntries([
      ...programs.map((name) => [name, join(dist, `${name}.js`)]),
      ...WORKERS.map((name) => [join(chunks, name.replace(/.*\//, "")), join(dist, `${name}.js`)]),
    ]),
    absWorkingDir: root,
    outdir: dist,
    chunkNames: `${chunks}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["#*", ...external],
    legalComments: "none",
    minifySyntax: true,
    plugins: [lighter, lighterZod],
    logLevel: "warning",
  });
  const files = new Map(outputFiles.map(({ path, text }) => [relative(dist, path), text]));
  return { files, inputs: Object.keys(metafile.inputs) };
}

/** The licences of the packages that files were bundled from. */
function licencesOf(inputs) {
  const folderOf = (path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0];
  return [...new Set(inputs.map(folderOf).filter(Boolean))]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const found = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
      // Packages that come without the text of their licence.
      const kept = join(root, "tools/licences", `${name}.txt`);
      const file = found ? join(root, folder, found) : existsSync(kept) ? kept : undefined;
      const text = file
        ? readFileSync(file, "utf8").trim()
        : [
            `Licence: ${license}`,
            ...noticesIn(
              folder,
              inputs.filter((path) => folderOf(path) === folder),
            ),
          ].join("\n\n");
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The notices of a package that has no file of its licence: in its README, and at the head of the bundled files. */
function noticesIn(folder, bundled) {
  const section = readFileSync(join(root, folder, "README.md"), "utf8").match(/^#* *licen[cs]e\b.*/ims);
  const heads = bundled.map(
    (path) => readFileSync(join(root, path), "utf8").match(/^(\/\/.*\n|\n)+/)?.[0] ?? "",
  );
  return [section?.[0], ...heads.filter((head) => /copyright/i.test(head))]
    .map((text) => text?.trim())
    .filter(Boolean);
}

const scripts = (folder) =>
  readdirSync(join(dist, folder))
    .filter((name) => name.endsWith(".js"))
    .map((name) => join(folder, name.slice(0, -3)));

const forUsers = await bundled(PACKAGE, "chunks");
// Experiments and benchmarks reach into the sources: their modules are their own.
const forUs = await bundled(
  [...scripts("experiments"), "experiments/teaching/person", ...scripts("bench")],
  "bench/chunks",
);

const forBrowsers = await bundledForBrowsers(root);
const forPage = await bundledPage(root);

for (const name of readdirSync(dist, { recursive: true })) {
  if (name.endsWith(".js") && !name.startsWith("test")) rmSync(join(dist, name));
}
for (const [name, text] of [...forUsers.files, ...forUs.files, ...forBrowsers.files, ...forPage.files]) {
  mkdirSync(dirname(join(dist, name)), { recursive: true });
  writeFileSync(join(dist, name), name.endsWith(".js") ? withConstants(text) : text);
}
writeFileSync(
  join(dist, "bundled-licences.txt"),
  licencesOf([
    ...forUsers.inputs,
    ...[forBrowsers, forPage].flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  ]),
);
copyFiles(root);
