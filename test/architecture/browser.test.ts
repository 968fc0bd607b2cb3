/** @file What a browser loads: the public entry points reach no Node built-in before the user requests files. */

import { builtinModules } from "node:module";
import { build, type Metafile, type Plugin } from "esbuild";
import { describe, expect, it } from "vitest";
import { root, sources } from "./sources.js";

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/** Leaves the project's own imports of Node built-ins as they are, so that they can be counted. */
const keepBuiltins: Plugin = {
  name: "keep Node built-ins",
  setup({ onResolve }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, importer }) =>
      builtins.has(path) && !importer.includes("node_modules") ? { path, external: true } : undefined,
    );
  },
};

/** Bundles an entry point as for a browser. Fails where a dependency needs a built-in that a browser has not. */
async function bundle(entry: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    minify: true,
    outdir: "unused",
    format: "esm",
    platform: "browser",
    // MuJoCo's bindings ask for a built-in in Node.js only: docs/how-to/native-mujoco.md says how to bundle them.
    external: ["onnxruntime-web", "@mujoco/mujoco"],
    plugins: [keepBuiltins],
    logLevel: "silent",
  });
  return metafile;
}

/** The files loaded before any dynamic `import()` runs, each with the chain of imports that leads to it. */
function staticallyLoaded(metafile: Metafile, entry: string): Map<string, string[]> {
  const chains = new Map([[entry, [entry]]]);
  for (const [path, chain] of chains) {
    for (const { path: target, kind } of metafile.inputs[path]?.imports ?? []) {
      if (kind !== "dynamic-import" && !chains.has(target)) chains.set(target, [...chain, target]);
    }
  }
  return chains;
}

describe("in a browser", () => {
  it.each([
    "index.ts",
    "envs/index.ts",
    "algorithms/index.ts",
    "src/crowds/index.ts",
  ])("%s loads no Node built-in", async (entry) => {
    const loaded = staticallyLoaded(await bundle(entry), entry);
    expect(loaded.size).toBeGreaterThan(1);
    const chains = [...loaded].filter(([path]) => builtins.has(path)).map(([, chain]) => chain.join(" > "));
    expect(chains).toEqual([]);
  });

  it("the algorithms carry less than a third of zod", async () => {
    const { outputs } = await bundle("algorithms/index.ts");
    const bytes = Object.values(outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([path]) => path.includes("node_modules/zod/"))
      .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(120_000);
  });

  it("the pure parts import no Node built-in, also not dynamically", () => {
    const pure =
      /^(src\/(tensor|nn|env(?!\/workers)|rollout|mdp|diagnostics|learning|measure|report|spaces|random|policies|config|errors|state\/(?!files|lock)|datasets|people\/(?!disk|terminal))|envs|algorithms)/;
    const found = sources
      .filter(({ path }) => pure.test(path))
      .flatMap(({ path, imports }) =>
        imports.filter((i) => builtins.has(i)).map((i) => `${path} imports ${i}`),
      );
    expect(found).toEqual([]);
  });
});
