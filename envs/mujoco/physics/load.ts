/** @file Loads the physics engine when the first environment needs it, once per thread. */

import { chosenPhysics } from "./chosen.js";
import type { Physics } from "./physics.js";
import type { WasmSource } from "./wasm.js";

let loading: Promise<Physics> | undefined;

/** Settings of {@link useEngine}. */
export interface EngineSettings {
  /** The compiled WebAssembly module, to share one among threads, or the address to fetch it from. */
  wasm?: WasmSource;
}

let settings: EngineSettings = {};

/** Sets the source of the engine. It has an effect only before the thread loads the engine. */
export function useEngine(chosen: EngineSettings): void {
  settings = chosen;
}

/**
 * The engine of this thread: the native library at the path in the environment variable UNDERSTUDY_MUJOCO, or the
 * WebAssembly build if that is unset. After a failure the next call tries again.
 *
 * @throws {UsageError} if the native library cannot be used.
 */
export function loadPhysics(): Promise<Physics> {
  loading ??= chosenPhysics(settings.wasm).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
