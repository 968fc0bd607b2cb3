/** @file The physics engine of a browser: the WebAssembly build. */

import { assetAt } from "../../../src/assets.js";
import type { Physics } from "./physics.js";
import type { WasmSource } from "./wasm.js";

export async function chosenPhysics(wasm?: WasmSource): Promise<Physics> {
  const { wasmPhysics } = await import("./wasm.js");
  // Bundlers read this expression and copy the file, which the build puts beside the bundle.
  return wasmPhysics(wasm ?? assetAt("mujoco.wasm") ?? new URL("./mujoco.wasm", import.meta.url).href);
}
