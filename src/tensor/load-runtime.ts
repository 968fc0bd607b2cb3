/** @file The runtime of programs in Node.js: the native one or, where that does not load, WebAssembly. */

import type { Runtime } from "./runtime.js";

/** The native runtime that this package is tested with: the latest whose installation downloads nothing. */
const NATIVE = "onnxruntime-node@1.17.0";

export async function loadRuntime(): Promise<Runtime> {
  try {
    return await import("#ort");
  } catch (error) {
    const web = await import("onnxruntime-web");
    web.env.wasm.numThreads = 1;
    // biome-ignore lint/suspicious/noConsole: the one place that can tell why everything is slow.
    console.warn(
      "understudy-rl: onnxruntime-node does not load, so programs run on onnxruntime-web (WebAssembly): " +
        "training takes 3 to 5 times as long, and its numbers agree to rounding. " +
        `To run natively: npm install ${NATIVE} (on Linux it needs glibc). ` +
        'To keep WebAssembly without this warning: tensor.useRuntime(await import("onnxruntime-web")). ' +
        `The reason: ${(error as Error).message.split("\n")[0]}`,
    );
    return web;
  }
}
