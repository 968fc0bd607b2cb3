/** @file What a browser loads: modules of Node.js have others in their place. */

import { builtinModules } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { describe, expect, it } from "vitest";
import { root, sources } from "./sources.js";

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

interface Bundle {
  files: Map<string, string>;
  metafile: Metafile;
}

/** The bundle that the build writes to `dist/browser`. The build fails on a module of Node.js that is left. */
function bundle(): Promise<Bundle> {
  bundled ??= import(join(root, "tools/bundle-browser.mjs")).then(
    ({ bundledForBrowsers }: { bundledForBrowsers(root: string): Promise<Bundle> }) =>
      bundledForBrowsers(root),
  );
  return bundled;
}

let bundled: Promise<Bundle> | undefined;

describe("in a browser", () => {
  it("the entries and all that they load, at once or later, import no package and no Node built-in", async () => {
    const { files, metafile } = await bundle();
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external).map(({ path }) => path),
    );
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(
        ["index", "envs", "algorithms", "active", "crowds", "browser", "worker", "playground", "painter"].map(
          (name) => `browser/${name}.js`,
        ),
      ),
    );
    expect(outside).toEqual([]);
  });

  it("takes a module for browsers in place of every module of Node.js that it would load", async () => {
    const { metafile } = await bundle();
    const taken = Object.keys(metafile.inputs);
    const replaced = taken.filter((path) => path.endsWith(".browser.ts"));
    expect(replaced.length).toBeGreaterThan(10);
    expect(replaced.filter((path) => taken.includes(path.replace(".browser.ts", ".ts")))).toEqual([]);
    const all = sources.map(({ path }) => path).filter((path) => path.endsWith(".browser.ts"));
    expect(all.filter((path) => !taken.includes(path))).toEqual([]);
  });

  it("the first training in a worker loads less than 300 kB of script before the runtime", async () => {
    const { files, metafile } = await bundle();
    const { outputs } = metafile;
    const loaded = (name: string, seen: Set<string>): Set<string> => {
      if (seen.has(name)) return seen;
      seen.add(name);
      for (const { path, kind } of outputs[name].imports) if (kind !== "dynamic-import") loaded(path, seen);
      return seen;
    };
    const chunkOf = (source: string) =>
      Object.keys(outputs).find((name) => outputs[name].entryPoint === source)!;
    const bytesOf = (names: Iterable<string>, size: (text: string) => number) =>
      [...names].reduce((sum, name) => sum + size(files.get(name.replace("dist/", ""))!), 0);
    const page = loaded(chunkOf("web/index.ts"), new Set());
    const worker = new Set<string>();
    for (const source of [
      "web/worker.ts",
      "algorithms/rl/ppo.ts",
      "algorithms/tuned/load.ts",
      "algorithms/tuned/on-policy.ts",
      "envs/classic-control/index.ts",
    ])
      loaded(chunkOf(source), worker);
    const both = (size: (text: string) => number) => bytesOf(page, size) + bytesOf(worker, size);
    expect(both(Buffer.byteLength)).toBeLessThan(300_000);
    expect(both(Buffer.byteLength)).toBeGreaterThan(100_000);
    expect(both((text) => gzipSync(text).length)).toBeLessThan(120_000);
  });

  it("the pure parts import no Node built-in, also not dynamically", () => {
    const pure =
      /^(src\/(tensor|nn|env(?!\/workers)|rollout|mdp|diagnostics|learning|measure|report|spaces|random|policies|config|errors|state\/(?!files|lock)|datasets|people\/(?!disk|terminal))|envs(?!\/mujoco\/physics\/native-functions)|algorithms)/;
    const found = sources
      .filter(({ path }) => pure.test(path))
      .flatMap(({ path, imports }) =>
        imports.filter((i) => builtins.has(i)).map((i) => `${path} imports ${i}`),
      );
    expect(found).toEqual([]);
  });
});
