/** @file Builds `dist`: bundles of JavaScript, and declarations with the meaning of the options. */

import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const run = (script, ...words) =>
  execFileSync(process.execPath, [script, ...words], { cwd: root, stdio: "inherit" });

// What a file that is no more was built into would be loaded and packed. Tests keep programs in dist/test.
for (const name of readdirSync(root).includes("dist") ? readdirSync(`${root}dist`) : []) {
  if (name !== "test") rmSync(`${root}dist/${name}`, { recursive: true });
}
try {
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
} catch {
  process.exit(1);
}
run("tools/document-types.mjs");
run("tools/bundle.mjs");
chmodSync(`${root}dist/cli/main.js`, 0o755);
