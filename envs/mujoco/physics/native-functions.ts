/**
 * @file What versions of the native library do in different ways: newer ones compile a model from a text and read what
 * stepping depends on by a function; older ones compile a file, and their arrays are read.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "./engine.js";

type Pointer = bigint;

/** Finds a function of the library. */
export type Define = (
  name: string,
  result: string,
  parameters: string[],
  // biome-ignore lint/suspicious/noExplicitAny: a function of C, whose types its caller knows
) => (...values: any[]) => any;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));

/** Compiles MJCF from its text. */
export function textCompiler(define: Define): (xml: string) => Pointer {
  const parse = define("mj_parseXMLString", "void *", ["str", "void *", "void *", "int"]);
  const compile = define("mj_compile", "void *", ["void *", "void *"]);
  const specError = define("mjs_getError", "str", ["void *"]);
  const deleteSpec = define("mj_deleteSpec", "void", ["void *"]);
  return (xml) => {
    const error = new Uint8Array(1024);
    const spec: Pointer | null = parse(xml, null, error, error.length);
    if (!spec) throw new Error(textOf(error));
    try {
      const model: Pointer | null = compile(spec, null);
      if (!model) throw new Error(specError(spec));
      return model;
    } finally {
      deleteSpec(spec);
    }
  };
}

/** Compiles MJCF through a file. The size of the arena, which these versions do not know, is left out. */
export function fileCompiler(define: Define): (xml: string) => Pointer {
  const load = define("mj_loadXML", "void *", ["str", "void *", "void *", "int"]);
  return (xml) => {
    const folder = mkdtempSync(join(tmpdir(), "mujoco-"));
    try {
      const path = join(folder, "model.xml");
      writeFileSync(path, xml.replace(/(<size\b[^>]*?)\s+memory\s*=\s*(?:"[^"]*"|'[^']*')/g, "$1"));
      const error = new Uint8Array(1024);
      const model: Pointer | null = load(path, null, error, error.length);
      if (!model) throw new Error(textOf(error));
      return model;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

interface Pointed {
  readonly pointer: Pointer;
}

type StateAccess<M, D> = Pick<Backend<M, D>, "stateSize" | "getState" | "setState">;

/** What stepping depends on, by the functions of the library. */
export function stateOfLibrary(define: Define, kinds: number): StateAccess<Pointed, Pointed> {
  const stateSize = define("mj_stateSize", "int", ["void *", "int"]);
  const getState = define("mj_getState", "void", ["void *", "void *", "double *", "int"]);
  const setState = define("mj_setState", "void", ["void *", "void *", "double *", "int"]);
  return {
    stateSize: (model) => stateSize(model.pointer, kinds),
    getState: (model, data, out) => getState(model.pointer, data.pointer, out, kinds),
    setState: (model, data, state) => setState(model.pointer, data.pointer, state, kinds),
  };
}

/** The arrays of `mjData` that stepping depends on, besides the time. */
const STATE = [
  "qpos",
  "qvel",
  "act",
  "qacc_warmstart",
  "ctrl",
  "qfrc_applied",
  "xfrc_applied",
  "mocap_pos",
  "mocap_quat",
  "userdata",
];

/** The same from the arrays themselves. */
export function stateOfArrays<M, D extends { readonly time: Float64Array }>(
  lengthOf: (model: M, name: string) => number,
  arrayOf: (data: D, name: string) => Float64Array,
): StateAccess<M, D> {
  return {
    stateSize: (model) => STATE.reduce((sum, name) => sum + lengthOf(model, name), 1),
    getState(_, data, out) {
      out[0] = data.time[0];
      let at = 1;
      for (const name of STATE) {
        const array = arrayOf(data, name);
        out.set(array, at);
        at += array.length;
      }
    },
    setState(_, data, state) {
      data.time[0] = state[0];
      let at = 1;
      for (const name of STATE) {
        const array = arrayOf(data, name);
        array.set(state.subarray(at, at + array.length));
        at += array.length;
      }
    },
  };
}
