/** @file The runtime of programs in a browser: WebAssembly without WebGPU, which is half as large and faster here. */

import { assetAt } from "../assets.js";
import type { Runtime } from "./runtime.js";

export async function loadRuntime(): Promise<Runtime> {
  const web = await import("onnxruntime-web/wasm");
  web.env.wasm.numThreads = 1;
  // Bundlers read this expression and copy the file, which the build puts beside the bundle.
  web.env.wasm.wasmPaths = {
    wasm: assetAt("ort.wasm") ?? new URL("./ort.wasm", import.meta.url).href,
  };
  return web;
}
