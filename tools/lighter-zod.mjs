/**
 * @file Leaves out of zod what this package does not need: messages of other languages, and memory of values that contain
 * themselves, which neither files nor options do.
 */

/** zod's modules in place of which others are bundled. */
const REPLACED = {
  "v4/locales/index.js": 'export { default as en } from "./en.js";',
  "v4/core/memoizer.js": [
    "export const memoizer = () => undefined;",
    "export const isBackEdge = () => false;",
    "export const isRecursiveSchema = () => false;",
    "export class $ZodCyclicError extends Error {}",
  ].join("\n"),
};

export const lighterZod = {
  name: "lighter zod",
  setup({ onLoad }) {
    for (const [path, contents] of Object.entries(REPLACED)) {
      onLoad({ filter: new RegExp(`/zod/${path.replaceAll(".", "\\.")}$`) }, () => ({ contents }));
    }
  },
};
