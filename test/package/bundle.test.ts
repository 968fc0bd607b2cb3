/** @file The bundle in the tarball: what starts beside it or is given to it shares its modules, and it loads little. */

import { readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyProject, hear, pack, root, run, unpack } from "./install.js";

const folder = emptyProject();
const installed = join(folder, "node_modules/understudy-rl");
const understudy = (...words: string[]) =>
  run(folder, process.execPath, join(installed, "dist/cli/main.js"), ...words);

/** A module of the user: an environment that is registered, and an algorithm with options of the user's own zod. */
const MINE = `
  import { defineAlgorithm, TabularPolicy, UsageError } from "understudy-rl";
  import { make, register } from "understudy-rl/envs";
  import { z } from "zod";
  register({ id: "Mine-v0", make: ({ size }) => make("DeepSea-v0", { size }),
    options: z.strictObject({ size: z.int().positive().default(3).describe("number of rows of mine") }),
    module: import.meta.url });
  export default defineAlgorithm({
    name: "mine",
    summary: "the first action everywhere",
    environment: "Mine-v0",
    schema: z.strictObject({ colour: z.enum(["red", "blue"]).default("red").describe("colour of mine") }),
    create: ({ colour }) => {
      if (colour === "blue") throw new UsageError("mine is not blue");
      return {
        name: "mine",
        options: { colour },
        unit: "updates",
        defaultSteps: 2,
        init: async ({ observationSpace, actionSpace, vector }, rng) => {
          const v = await vector(2, rng.stream("environments"));
          v.close?.();
          return { steps: 0, n: observationSpace.n, m: actionSpace.n };
        },
        update: async (state) => ({ steps: ++state.steps }),
        policy({ n, m }) {
          return new TabularPolicy(n, Float64Array.from({ length: n * m }, (_, i) => Number(i % m === 0)));
        },
      };
    },
  });`;

beforeAll(async () => {
  const { tarball } = await pack(folder);
  await unpack(folder, tarball);
  writeFileSync(join(folder, "mine.mjs"), MINE);
});

describe("a module of the user", () => {
  it("registers environments for the command, which trains its algorithm in them", async () => {
    await understudy("train", "./mine.mjs", "--env", "Mine-v0", "--out", "runs/mine");
    const record = JSON.parse(readFileSync(join(folder, "runs/mine/config.json"), "utf8"));
    expect(record).toMatchObject({ env: "Mine-v0", options: { colour: "red" } });
  });

  it("describes and checks its options with its own copy of zod", async () => {
    expect(await understudy("train", "./mine.mjs", "--help")).toMatch(
      /--colour +colour of mine \(red, blue\) +\[default: red\]/,
    );
    await expect(understudy("train", "./mine.mjs", "--colour", "green")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/option "colour" is "green"/),
    });
    const size = JSON.stringify({ size: -1 });
    await expect(understudy("train", "./mine.mjs", "--environment-options", size)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/option "size" is -1/),
    });
  });

  it("throws a UsageError that the command knows", async () => {
    await expect(understudy("train", "./mine.mjs", "--colour", "blue")).rejects.toMatchObject({
      code: 2,
      stderr: "understudy-rl: mine is not blue\n",
    });
  });

  it("is loaded by worker threads and by the processes of seeds", async () => {
    await understudy("train", "./mine.mjs", "--workers", "2", "--out", "runs/threads");
    await understudy("train", "./mine.mjs", "--seeds", "2", "--jobs", "2", "--out", "runs/seeds");
    expect(readdirSync(join(folder, "runs/seeds")).length).toBeGreaterThan(2);
  }, 120_000);
});

describe("an environment of the package", () => {
  it("is stepped by worker threads", async () => {
    writeFileSync(
      join(folder, "threads.mjs"),
      `import { makeVector } from "understudy-rl/envs";
       const vector = await makeVector("CartPole-v1", 2, { workers: 2 });
       vector.reset({ seed: 1 });
       vector.step(Int32Array.of(0, 1));
       console.log(vector.rewards.join());
       vector.close();`,
    );
    expect(await run(folder, process.execPath, "threads.mjs")).toBe("1,1\n");
  });
});

it("fetches experts from beside dist in a browser", async () => {
  writeFileSync(
    join(folder, "experts.mjs"),
    `import { expertIds } from "./node_modules/understudy-rl/dist/browser/index.js";
     globalThis.fetch = async (url) => new Response(JSON.stringify([String(url)]));
     console.log((await expertIds())[0]);`,
  );
  const [url] = (await run(folder, process.execPath, "experts.mjs")).split("\n");
  expect(url).toMatch(/\/node_modules\/understudy-rl\/experts\/index\.json$/);
});

/** What a file of the bundle imports before any import() runs. */
async function imported(file: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, "dist", file)],
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    outdir: "unused",
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  const { outputs } = metafile;
  const names = new Set(Object.keys(outputs).filter((name) => outputs[name].entryPoint?.endsWith(file)));
  const found = new Set<string>();
  for (const name of names) {
    for (const { path, kind, external } of outputs[name].imports) {
      if (kind === "dynamic-import") continue;
      if (external) found.add(path);
      else names.add(path);
    }
  }
  expect(names.size).toBeGreaterThan(1);
  return [...found].sort();
}

/** Prints the address of each module that is loaded on standard error. */
const LISTENER = `
  import { register } from "node:module";
  const hooks = 'import { writeSync } from "node:fs";' +
    'export const load = (url, context, next) => { writeSync(2, "loads " + url + "\\\\n"); return next(url, context); };';
  register("data:text/javascript," + encodeURIComponent(hooks));`;

/** The modules that a command loads: addresses of built-ins, and the texts of files of the package. */
async function loadedBy(...words: string[]): Promise<{ builtins: string[]; texts: string[] }> {
  writeFileSync(join(folder, "listener.mjs"), LISTENER);
  const main = join(installed, "dist/cli/main.js");
  const { stderr } = await hear(folder, process.execPath, "--import", "./listener.mjs", main, ...words);
  const addresses = [...stderr.matchAll(/^loads (.+)$/gm)].map(([, address]) => address);
  const files = addresses.filter((address) => !isBuiltin(address) && !address.endsWith("listener.mjs"));
  const own = pathToFileURL(realpathSync(join(installed, "dist"))).href;
  expect(files.filter((address) => !address.startsWith(own))).toEqual([]);
  return {
    builtins: addresses.filter(isBuiltin),
    texts: files.map((address) => readFileSync(fileURLToPath(address), "utf8")),
  };
}

/** The packages that bundled files come from: esbuild names the file before its code. */
const packagesIn = (texts: readonly string[]) =>
  new Set(
    texts.flatMap((text) => [...text.matchAll(/^\/\/ node_modules\/([^/\n]+)/gm)].map(([, name]) => name)),
  );

describe("before anything is used", () => {
  it.each([
    "index.js",
    "envs/index.js",
    "algorithms/index.js",
    "src/crowds/index.js",
  ])("%s loads no package and no built-in", async (entry) => {
    expect(await imported(entry)).toEqual([]);
  });

  it("--help loads no schema, and nothing that starts processes", async () => {
    const { builtins, texts } = await loadedBy("--help");
    expect(packagesIn(texts)).toContain("yargs");
    expect(packagesIn(texts)).not.toContain("zod");
    expect(builtins).not.toContain("node:child_process");
  });

  it("train ppo --help loads parsing, schemas and random numbers of packages, and no environment", async () => {
    const { builtins, texts } = await loadedBy("train", "ppo", "--help");
    const ofYargs = ["ansi-regex", "cliui", "get-caller-file", "strip-ansi", "y18n", "yargs", "yargs-parser"];
    expect([...packagesIn(texts)].sort()).toEqual([...ofYargs, "seedrandom", "zod"].sort());
    expect(builtins).not.toContain("node:child_process");
    expect(texts.join("\n")).toContain("proximal policy optimisation");
    expect(texts.join("\n")).not.toContain("CliffWalking-v1");
  });
});
