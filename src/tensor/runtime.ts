/** @file Selects the ONNX Runtime module that executes programs, and sets up its sessions. */

import { loadRuntime } from "./load-runtime.js";

/**
 * The part of the `onnxruntime-node`, `onnxruntime-web` and similar modules that programs use. Written out, so that the
 * package's types need those of no runtime.
 */
export interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: SessionOptions): Promise<Session>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  /** The version of the module that runs, by `node`, `web` or `react-native`. */
  readonly env?: { readonly versions: { readonly [module: string]: string | undefined } };
}

/** A model that is loaded in a runtime. */
export interface Session {
  run(feeds: { readonly [name: string]: object }): Promise<{ readonly [name: string]: { data: unknown } }>;
  release(): Promise<void>;
}

let chosen: Promise<Runtime> | undefined;

/**
 * Sets the ONNX Runtime module for programs compiled from now on. Programs that are already compiled keep
 * their module until they are released. Default: `onnxruntime-node` in Node.js and `onnxruntime-web` elsewhere; where
 * `onnxruntime-node` is not installed or does not load, `onnxruntime-web`, with a warning.
 */
export function useRuntime(runtime: Runtime): void {
  chosen = Promise.resolve(runtime);
}

/** The module that programs compiled now run on. */
export const currentRuntime = (): Promise<Runtime> => (chosen ??= loadRuntime());

/** The package of the runtime that programs compiled now run on, and its version; "unknown" where it has none. */
export async function runtimeVersion(): Promise<{ name: string; version: string }> {
  const { versions = {} } = (await currentRuntime()).env ?? {};
  const module = ["node", "web", "react-native"].find((name) => versions[name] !== undefined);
  if (module === undefined) return { name: "unknown", version: "unknown" };
  return { name: `onnxruntime-${module}`, version: versions[module]! };
}

/**
 * Programs are small: one thread is faster than handing work to several. Memory patterns are off because onnxruntime-node
 * 1.17 writes over buffers in loops with them; they save no time here.
 */
const sessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableMemPattern: false,
  logSeverityLevel: 3,
} as const;

type SessionOptions = typeof sessionOptions & { readonly graphOptimizationLevel: "basic" | "all" };

/**
 * Loads a model. Fused operators save time in products of large matrices; looking for them takes half of the time of
 * loading a small model, which then runs as fast without.
 *
 * @param fuse whether to look for operators to fuse
 */
export const createSession = (runtime: Runtime, model: Uint8Array, fuse: boolean): Promise<Session> =>
  runtime.InferenceSession.create(model, {
    ...sessionOptions,
    graphOptimizationLevel: fuse ? "all" : "basic",
  });
