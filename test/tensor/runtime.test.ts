/** @file The choice of the module that runs programs, and the fallback where the native one does not load. */

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  optionalDependencies: Record<string, string>;
};

beforeEach(() => void vi.resetModules());
afterEach(() => {
  vi.doUnmock("#ort");
  vi.restoreAllMocks();
});

const load = () => import("../../src/tensor/index.js");
const versionIn = async () => (await import("../../src/tensor/runtime.js")).runtimeVersion();

/** tanh 1, computed by a program. */
async function tanhOfOne({ program, float32, tanh }: Awaited<ReturnType<typeof load>>): Promise<number> {
  const { y } = await program({ x: float32([1]) }, ({ x }) => ({ y: tanh(x) })).run({
    x: Float32Array.of(1),
  });
  return y[0];
}

describe("the runtime", () => {
  it("is the native one in Node.js, of the version that package.json asks for", async () => {
    const warn = vi.spyOn(console, "warn");
    expect(await tanhOfOne(await load())).toBeCloseTo(Math.tanh(1), 6);
    expect(await versionIn()).toEqual({
      name: "onnxruntime-node",
      version: manifest.optionalDependencies["onnxruntime-node"],
    });
    expect(warn).not.toHaveBeenCalled();
  });

  it("is WebAssembly where the native one does not load, with one warning that tells why and the ways out", async () => {
    vi.doMock("#ort", () => {
      throw new Error("Error loading shared library ld-linux-x86-64.so.2");
    });
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const tensor = await load();
    expect(await tanhOfOne(tensor)).toBeCloseTo(Math.tanh(1), 6);
    expect(await tanhOfOne(tensor)).toBeCloseTo(Math.tanh(1), 6);
    expect((await versionIn()).name).toBe("onnxruntime-web");
    expect(warn).toHaveBeenCalledOnce();
    const [message] = warn.mock.calls[0] as [string];
    expect(message).toContain("WebAssembly");
    expect(message).toContain(
      `npm install onnxruntime-node@${manifest.optionalDependencies["onnxruntime-node"]} `,
    );
    expect(message).toContain("useRuntime(");
  });

  it("is the module of useRuntime, with no warning, where a program chooses one", async () => {
    const warn = vi.spyOn(console, "warn");
    const tensor = await load();
    tensor.useRuntime(await import("onnxruntime-web"));
    expect(await tanhOfOne(tensor)).toBeCloseTo(Math.tanh(1), 6);
    expect((await versionIn()).name).toBe("onnxruntime-web");
    tensor.useRuntime({ InferenceSession: { create: async () => ({}) as never }, Tensor: Object as never });
    expect(await versionIn()).toEqual({ name: "unknown", version: "unknown" });
    expect(warn).not.toHaveBeenCalled();
  });

  it("looks for operators to fuse only where matrices are large, also in loops", async () => {
    const tensor = await load();
    const levels: string[] = [];
    tensor.useRuntime({
      InferenceSession: {
        create: async (_model, options) => {
          levels.push(options!.graphOptimizationLevel);
          return { run: async () => ({}), release: async () => {} };
        },
      },
      Tensor: Object as never,
    });
    const { float32, loop, matmul, program } = tensor;
    for (const [n, turns] of [
      [64, 1],
      [127, 1],
      [128, 1],
      [128, 2],
      [64, 2],
    ]) {
      const square = program({ x: float32([n, n]) }, ({ x }) => ({
        y: turns > 1 ? loop(turns, [x], (_, [carry]) => [matmul(carry, x)])[0] : matmul(x, x),
      }));
      await square.run({ x: new Float32Array(n * n) }).catch(() => undefined);
    }
    expect(levels).toEqual(["basic", "basic", "all", "all", "basic"]);
  });
});
