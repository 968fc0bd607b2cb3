/** @file Loading of an engine, and errors if it cannot be loaded. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { root } from "../../../architecture/sources.js";
import { PENDULUM } from "./models.js";

const library = process.env.UNDERSTUDY_MUJOCO;

/** A WebAssembly module without anything in it. */
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

/** The module, as a thread finds it that has loaded no engine yet. */
async function freshly() {
  vi.resetModules();
  return import("../../../../envs/mujoco/physics/load.js");
}

describe("the physics engine", () => {
  beforeEach(() => void vi.stubEnv("UNDERSTUDY_MUJOCO", ""));
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.doUnmock("#koffi");
  });

  it("is not among the modules that `understudy-rl/envs` loads", async () => {
    const { metafile } = await build({
      entryPoints: ["envs/index.ts"],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      outdir: "unused",
      format: "esm",
      platform: "node",
      packages: "external",
      splitting: true,
      logLevel: "silent",
    });
    const loaded = new Set(["envs/index.ts"]);
    for (const path of loaded) {
      for (const { path: target, kind } of metafile.inputs[path]?.imports ?? []) {
        if (kind !== "dynamic-import") loaded.add(target);
      }
    }
    expect(loaded.size).toBeGreaterThan(5);
    expect([...loaded].filter((path) => /koffi|@mujoco|physics\/(wasm|native|engine)/.test(path))).toEqual(
      [],
    );
  });

  it("is loaded once per thread, also for concurrent requests", async () => {
    const { loadPhysics } = await freshly();
    const [first, second] = await Promise.all([loadPhysics(), loadPhysics()]);
    expect(second).toBe(first);
    expect(await loadPhysics()).toBe(first);
    expect(first.version).toMatch(/WebAssembly/);
  });

  it("is loaded again after loading failed", async () => {
    const { loadPhysics, useEngine } = await freshly();
    useEngine({ wasm: "no/such/file.wasm" });
    await expect(loadPhysics()).rejects.toThrow("no/such/file.wasm");
    useEngine({});
    expect((await loadPhysics()).compile(PENDULUM).nq).toBe(1);
  });

  it("can be created from a compiled module, which threads share", async () => {
    const { loadPhysics, useEngine } = await freshly();
    const bytes = await readFile(createRequire(import.meta.url).resolve("@mujoco/mujoco/mujoco.wasm"));
    useEngine({ wasm: await WebAssembly.compile(bytes) });
    expect((await loadPhysics()).compile(PENDULUM).nq).toBe(1);
    const other = await freshly();
    other.useEngine({ wasm: await WebAssembly.compile(EMPTY_MODULE) });
    await expect(other.loadPhysics()).rejects.toThrow();
  });

  it.each([
    ["/no/such/libmujoco.so", "cannot be loaded"],
    [fileURLToPath(import.meta.url), "cannot be loaded"],
    ...(process.platform === "linux" ? [["libc.so.6", "is not a MuJoCo library"]] : []),
  ])("refuses UNDERSTUDY_MUJOCO=%s, and explains how to unset it", async (path, reason) => {
    vi.stubEnv("UNDERSTUDY_MUJOCO", path);
    const { loadPhysics } = await freshly();
    await expect(loadPhysics()).rejects.toThrow(`"${path}" ${reason}`);
    await expect(loadPhysics()).rejects.toThrow(/unset UNDERSTUDY_MUJOCO to use the WebAssembly build/);
    vi.stubEnv("UNDERSTUDY_MUJOCO", "");
    expect((await loadPhysics()).version).toMatch(/WebAssembly/);
  });

  it("reports that the native library needs koffi, if koffi is not installed", async () => {
    vi.stubEnv("UNDERSTUDY_MUJOCO", "/opt/libmujoco.so");
    vi.doMock("#koffi", () => ({ default: undefined }));
    const { loadPhysics } = await freshly();
    await expect(loadPhysics()).rejects.toThrow("npm install koffi");
  });

  it.skipIf(!library)("is the native one if UNDERSTUDY_MUJOCO names a known version", async () => {
    vi.stubEnv("UNDERSTUDY_MUJOCO", library);
    const { loadPhysics } = await freshly();
    expect((await loadPhysics()).version).toMatch(/native/);
  });

  it.skipIf(!library)("refuses an unknown native version, and names the known ones", async () => {
    vi.stubEnv("UNDERSTUDY_MUJOCO", library);
    const { loadPhysics } = await freshly();
    const { LAYOUTS } = await import("../../../../envs/mujoco/physics/native-layout.js");
    const [[, layout]] = Object.entries(LAYOUTS);
    for (const version of Object.keys(LAYOUTS)) delete LAYOUTS[version];
    LAYOUTS["1.2.3"] = layout;
    await expect(loadPhysics()).rejects.toThrow(/is MuJoCo [\d.]+, whose memory layout is not known/);
    await expect(loadPhysics()).rejects.toThrow("known: 1.2.3");
  });
});
