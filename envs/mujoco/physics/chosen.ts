/** @file The physics engine of Node.js: an installed native library, or the WebAssembly build. */

import type { Physics } from "./physics.js";
import type { WasmSource } from "./wasm.js";

/** @throws {UsageError} if the native library cannot be used. */
export async function chosenPhysics(wasm?: WasmSource): Promise<Physics> {
  const library = process.env.UNDERSTUDY_MUJOCO;
  if (library) return (await import("./native.js")).nativePhysics(library);
  return (await import("./wasm.js")).wasmPhysics(wasm);
}
