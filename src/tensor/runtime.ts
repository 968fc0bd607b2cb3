/** @file Which ONNX Runtime executes programs, and how sessions are set up. */

/** The part of the `onnxruntime-node`, `onnxruntime-web` and similar modules that programs use. */
export type Runtime = Pick<typeof import("#ort"), "InferenceSession" | "Tensor">;
export type Session = Awaited<ReturnType<Runtime["InferenceSession"]["create"]>>;

let chosen: Promise<Runtime> | undefined;

/**
 * Sets the ONNX Runtime module that programs compile with from now on; those already compiled keep
 * theirs until they are released. Without a call it is `onnxruntime-node` in Node.js and
 * `onnxruntime-web` elsewhere.
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
