/** @file Selects the ONNX Runtime module that executes programs, and sets up its sessions. */

/** The part of the `onnxruntime-node`, `onnxruntime-web` and similar modules that programs use. */
export type Runtime = Pick<typeof import("#ort"), "InferenceSession" | "Tensor">;
export type Session = Awaited<ReturnType<Runtime["InferenceSession"]["create"]>>;

let chosen: Promise<Runtime> | undefined;

/**
 * Sets the ONNX Runtime module for programs compiled from now on. Programs that are already compiled keep
 * their module until they are released. Default: `onnxruntime-node` in Node.js and `onnxruntime-web` elsewhere.
 */
export function useRuntime(runtime: Runtime): void {
  chosen = Promise.resolve(runtime);
}

export const currentRuntime = (): Promise<Runtime> => (chosen ??= import("#ort"));

/** Programs are small: one thread is faster than handing work to several. */
const sessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: "all",
  logSeverityLevel: 3,
} as const;

export const createSession = (runtime: Runtime, model: Uint8Array): Promise<Session> =>
  runtime.InferenceSession.create(model, sessionOptions);
