/**
 * @file Bundles the sources for browsers, into `dist/browser`: entries that share chunks, with all that they need, and
 * the WebAssembly beside them. `NAME.browser.ts` takes the place of `NAME.ts`. A module of Node.js that is left fails the
 * build.
 */

import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { lighterZod } from "./lighter-zod.mjs";

/** The entries, by their names in `dist/browser`. */
const ENTRIES = {
  index: "index",
  envs: "envs/index",
  algorithms: "algorithms/index",
  active: "algorithms/active/index",
  crowds: "src/crowds/index",
  browser: "web/index",
  worker: "web/worker",
  playground: "web/playground/page",
  painter: "web/playground/painter",
};

/** WebAssembly, by its name in `dist/browser`. */
const BINARIES = {
  "ort.wasm": "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
  "mujoco.wasm": "@mujoco/mujoco/mujoco.wasm",
};

const forBrowsers = {
  name: "modules for browsers",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, resolveDir }) => {
      const source = join(resolveDir, path.replace(/\.js$/, ".ts"));
      const found = [source.replace(/\.ts$/, ".browser.ts"), source].find(existsSync);
      // What is not used is left out, except the modules that register environments.
      return (
        found && { path: found, sideEffects: /[\\/]envs[\\/](index|register)\.(browser\.)?ts$/.test(found) }
      );
    });
    // Nothing here writes JSON schemas, which zod's schemas can do.
    onLoad(
      { filter: /[\\/]zod[\\/]v4[\\/]core[\\/](json-schema-processors|to-json-schema)\.js$/ },
      ({ path }) => ({
        contents: emptied(readFileSync(path, "utf8")),
      }),
    );
    // Nor has an option the format of an e-mail address, a date or the like, or the ends or the case of a word.
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]classic[\\/]schemas\.js$/ }, ({ path }) => ({
      contents: replaced(
        replaced(
          readFileSync(path, "utf8"),
          /(export const ZodString = [^\n]*\n[^\n]*\n[^\n]*\n\}), \{\n[\s\S]*?\n\}\)/,
          "$1)",
        ),
        /^ {4}(includes|startsWith|endsWith|lowercase|uppercase|trim|normalize|to(Low|Upp)erCase|slugify)\(.*\n.*checks\..*\n {4}\},\n/gm,
        "",
      ),
    }));
    // Emscripten puts code for Node.js into each module.
    onLoad({ filter: /[\\/](mujoco\.js|ort-wasm-simd-threaded\.mjs)$/ }, ({ path }) => ({
      contents: withoutEval(withoutAddress(withoutNode(readFileSync(path, "utf8")))),
    }));
    // The runtime imports its module by an address, at which bundlers would not put it.
    onLoad({ filter: /[\\/]ort\.wasm[\w.]*\.mjs$/ }, ({ path }) => ({
      contents: replaced(
        withoutAddress(readFileSync(path, "utf8")),
        /import\(\/\*webpackIgnore:true\*\/\w+\)/g,
        'import("./ort-wasm-simd-threaded.mjs")',
      ),
    }));
  },
};

/** A module without the addresses of its own files, which are given to it: webpack would look for them. */
const withoutAddress = (text) =>
  text.replace(
    /new \w+\(\s*["'](ort|mujoco)[\w.-]+["'],\s*import\.meta\.url\s*,?\s*\)/g,
    "new URL(import.meta.url)",
  );

/** A module of Emscripten without its imports of Node.js. */
const withoutNode = (text) =>
  replaced(
    text,
    /\bawait import\(\s*["'](node:)?(module|worker_threads)["']\s*\)|\brequire\(["'][\w:/]+["']\)/g,
    "{}",
  );

/**
 * A module of Emscripten whose functions of the binding are closures and no text that is compiled: a page with a content
 * security policy does not compile text.
 */
const withoutEval = (text) =>
  /new Function\(/.test(text)
    ? replaced(
        replaced(text, /new Function\(\.\.\.args, invokerFnBody\)\(\.\.\.closureArgs\)/, INVOKER),
        /new Function\(\.\.\.params, functionBody\)\(\.\.\.args\)/,
        METHOD_CALLER,
      )
    : text;

/** Calls a function of C++ as `createJsInvoker` of embind writes it. */
const INVOKER = `function (...given) {
  checkArgCount(given.length, minArgs, expectedArgCount, humanName, throwBindingError);
  var destructors = needsDestructorStack ? [] : null;
  var wired = isClassMethodFunc ? [argTypes[1]["toWireType"](destructors, this)] : [];
  for (var i = 0; i < expectedArgCount; ++i) wired.push(argTypes[i + 2]["toWireType"](destructors, given[i]));
  var rv = cppInvokerFunc(cppTargetFunc, ...wired);
  if (needsDestructorStack) runDestructors(destructors);
  else {
    for (var i = isClassMethodFunc ? 1 : 2; i < argTypes.length; ++i) {
      if (argTypes[i].destructorFunction !== null) {
        argTypes[i].destructorFunction(wired[isClassMethodFunc ? i - 1 : i - 2]);
      }
    }
  }
  if (returns) return argTypes[0]["fromWireType"](rv);
}`;

/** Calls a function of JavaScript as `__emval_get_method_caller` of embind writes it. */
const METHOD_CALLER = `function (obj, func, destructorsRef, at) {
  var list = kind === 0 ? [obj] : [];
  for (var i = 0, offset = 0; i < argCount; ++i) {
    list.push(types[i].readValueFromPointer(at + offset));
    offset += types[i].argPackAdvance;
  }
  var rv = kind === 1 ? new func(...list) : func.call(...list);
  if (!retType.isVoid) return emval_returnValue(retType, destructorsRef, rv);
}`;

/** A module whose exported functions do nothing. */
const emptied = (text) =>
  [...text.matchAll(/^export (?:function|const) (\w+)/gm)]
    .map(([, name]) => `export const ${name} = () => () => undefined;`)
    .join("\n");

/** @throws Error where there is nothing to replace: the package has changed */
function replaced(text, pattern, by) {
  const result = text.replace(pattern, by);
  if (result === text) throw new Error(`there is no ${pattern}`);
  return result;
}

/** Bundles for browsers. Returns the files by path in `dist`, and what went into them. */
export async function bundledForBrowsers(root) {
  const dist = join(root, "dist");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { outputFiles, metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(ENTRIES).map(([name, path]) => [name, join(root, `${path}.ts`)]),
    ),
    absWorkingDir: root,
    outdir: join(dist, "browser"),
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    legalComments: "none",
    minify: true,
    charset: "utf8",
    plugins: [forBrowsers, lighterZod],
    logLevel: "warning",
  });
  return {
    files: new Map(outputFiles.map(({ path, text }) => [relative(dist, path), text])),
    metafile,
  };
}

/** Copies what is not bundled: WebAssembly, and the page of the playground. */
export function copyFiles(root) {
  for (const [name, path] of Object.entries(BINARIES)) {
    copyFileSync(join(root, "node_modules", path), join(root, "dist/browser", name));
  }
  copyFileSync(join(root, "web/playground/index.html"), join(root, "dist/browser/playground.html"));
}
