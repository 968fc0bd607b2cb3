/** @file The types of `#ort`, the import of package.json that is `onnxruntime-node` in Node.js: they are those of both. */

declare module "#ort" {
  export * from "onnxruntime-web";
}
