/** @file The tarball of `npm pack` in another project: its files, its imports, and its programs. */

import { readFileSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { examplesIn } from "../readme/examples.js";
import { linksOf } from "../readme/links.js";
import { emptyProject, manifest, pack, root, run, unpack } from "./install.js";

const folder = emptyProject();
let packed: Awaited<ReturnType<typeof pack>>;

beforeAll(async () => {
  packed = await pack(folder);
  await unpack(folder, packed.tarball);
});

describe("the tarball", () => {
  it("contains the built package, its licence and its documents, and no development files", () => {
    for (const name of [
      "dist/index.js",
      "dist/index.d.ts",
      "README.md",
      "LICENSE",
      "docs/architecture.md",
      "experts/index.json",
      "experts/CartPole-v1.json",
      "experts/CartPole-v1.safetensors",
    ]) {
      expect(packed.files).toContain(name);
    }
    expect(
      packed.files.filter((name) => /^(dist\/)?(test|bench|experiments|node_modules|runs)\//.test(name)),
    ).toEqual([]);
  });

  it("contains the licences of the packages that are bundled", () => {
    const licences = readFileSync(
      join(folder, "node_modules/understudy-rl/dist/bundled-licences.txt"),
      "utf8",
    );
    const each = licences.split(`\n${"-".repeat(80)}\n\n`);
    expect(each.map((text) => text.split(" ")[0])).toEqual(
      expect.arrayContaining([
        "@mujoco/mujoco",
        "cliui",
        "onnxruntime-web",
        "seedrandom",
        "yargs",
        "yargs-parser",
        "zod",
      ]),
    );
    expect(each.filter((text) => !/copyright/i.test(text) || !/warrant/i.test(text))).toEqual([]);
    expect(licences).toMatch(/Copyright \(C\) 2010 by Johannes Baagøe/);
  });

  it("has pages whose links lead to its own files, or to the repository by its address", () => {
    const holds = (path: string) => packed.files.some((name) => name === path || name.startsWith(`${path}/`));
    const pages = packed.files.filter((name) => name.endsWith(".md"));
    const lost = pages.flatMap((page) =>
      linksOf(page)
        .filter(({ file, repository }) => file !== undefined && !repository && !holds(file))
        .map(({ target }) => `${page}: ${target}`),
    );
    expect(pages.length).toBeGreaterThan(50);
    expect(lost).toEqual([]);
  });

  it("runs the README's program", async () => {
    const [{ code }] = examplesIn("README.md").filter(({ language }) => language === "js");
    writeFileSync(join(folder, "readme.js"), code);
    expect(await run(folder, process.execPath, "readme.js")).toMatch(/mean return is \d/);
  }, 120_000);

  it("has three entry points", async () => {
    const code = `
      import * as main from "understudy-rl";
      import * as envs from "understudy-rl/envs";
      import * as algorithms from "understudy-rl/algorithms";
      console.log(JSON.stringify([main, envs, algorithms].map((entry) => Object.keys(entry))));`;
    writeFileSync(join(folder, "entries.js"), code);
    const [main, envs, algorithms] = JSON.parse(await run(folder, process.execPath, "entries.js"));
    expect(main).toEqual(expect.arrayContaining(["train", "collect", "evaluate", "compare"]));
    expect(envs).toEqual(expect.arrayContaining(["make", "envIds", "register"]));
    expect(algorithms).toEqual(expect.arrayContaining(["ppo", "bc", "dagger"]));
  });

  it("has a command that runs", async () => {
    const { bin } = JSON.parse(readFileSync(join(folder, "node_modules/understudy-rl/package.json"), "utf8"));
    const script = join(folder, "node_modules/understudy-rl", bin["understudy-rl"]);
    expect(readFileSync(script, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(await run(folder, process.execPath, script, "envs")).toMatch(/CartPole-v1/);
  });

  it("imports nothing that its package.json does not declare", async () => {
    const { metafile } = await build({
      entryPoints: [
        "dist/index.js",
        "dist/envs/index.js",
        "dist/algorithms/index.js",
        "dist/web/index.js",
        "dist/cli/main.js",
      ],
      absWorkingDir: root,
      outdir: "unused",
      bundle: true,
      splitting: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      packages: "external",
      logLevel: "silent",
    });
    const known = new Set([
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.optionalDependencies),
      ...Object.keys(manifest.peerDependencies),
      ...builtinModules.flatMap((name) => [name, `node:${name}`]),
    ]);
    const nameOf = (specifier: string) => specifier.match(/^(@[^/]+\/)?[^/]+/)![0];
    // `#` is resolved by package.json, and `<runtime>` is esbuild's own.
    const undeclared = Object.values(metafile.inputs)
      .flatMap(({ imports }) => imports)
      .filter(
        ({ path, external }) =>
          external && !/^[#<]/.test(path) && !known.has(path) && !known.has(nameOf(path)),
      );
    expect(undeclared).toEqual([]);
  });
});
