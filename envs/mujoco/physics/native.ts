/**
 * @file An installed native MuJoCo library, called through the optional package `koffi`. It is at least 1.5 times as fast
 * as WebAssembly and is used only if its path is set. Arrays are views of the library's memory.
 */

import { UsageError } from "../../../src/errors.js";
import { type Backend, createPhysics, type NumericArray, OBJECT_TYPES } from "./engine.js";
import {
  type Define,
  fileCompiler,
  stateOfArrays,
  stateOfLibrary,
  textCompiler,
} from "./native-functions.js";
import { type ElementType, LAYOUTS, type Layout } from "./native-layout.js";
import type { NamedKind, Physics } from "./physics.js";

type Koffi = typeof import("koffi")["default"];
type Library = ReturnType<Koffi["load"]>;
type Pointer = bigint;

/** The environment variable with the path of the library. */
export const LIBRARY_VARIABLE = "UNDERSTUDY_MUJOCO";

const WAY_BACK = `unset ${LIBRARY_VARIABLE} to use the WebAssembly build`;

/** Texts of MuJoCo's warnings, in its order. */
const WARNINGS = [
  undefined, // A nearly singular inertia matrix: stepping continues, and other checks detect the consequences.
  "the list of contacts is full",
  "the memory for constraints is full",
  "NaN, infinite or huge value in QPOS",
  "NaN, infinite or huge value in QVEL",
  "NaN, infinite or huge value in QACC",
  "NaN, infinite or huge value in CTRL",
];
/** Where older versions have a warning about the list of geoms for pictures, which nothing here draws. */
const PICTURES = 3;

const ELEMENTS: Record<
  ElementType,
  { bytes: number; view: new (b: ArrayBuffer, at: number, n: number) => NumericArray }
> = {
  float64: { bytes: 8, view: Float64Array },
  float32: { bytes: 4, view: Float32Array },
  int32: { bytes: 4, view: Int32Array },
  uint8: { bytes: 1, view: Uint8Array },
};

/** A structure of the library and the memory of its arrays. */
interface Memory {
  readonly pointer: Pointer;
  readonly structure: DataView;
  readonly arrays: ArrayBuffer;
  readonly arraysAt: Pointer;
}

interface NativeData extends Memory {
  readonly model: Memory;
  readonly time: Float64Array;
  /** For each kind of warning: a detail, and the number of times it was raised since the last reset. */
  readonly warnings: Int32Array;
}

/**
 * Loads the library at `path`.
 *
 * @throws {UsageError} if `koffi` is not installed, the file is not a MuJoCo library, or its version is not known.
 */
export async function nativePhysics(path: string): Promise<Physics> {
  const koffi = await loadKoffi();
  const { library, version, layout } = openLibrary(koffi, path);
  return createPhysics(nativeBackend(koffi, library, version, layout));
}

async function loadKoffi(): Promise<Koffi> {
  // The import is inside `try`, so that bundlers accept that the package is not installed.
  let koffi: Koffi | undefined;
  try {
    koffi = (await import("#koffi")).default;
  } catch {}
  if (koffi) return koffi;
  throw new UsageError(
    `${LIBRARY_VARIABLE} needs the package "koffi" to call the library: npm install koffi, or ${WAY_BACK}`,
  );
}

function openLibrary(koffi: Koffi, path: string): { library: Library; version: string; layout: Layout } {
  let library: Library;
  try {
    library = koffi.load(path);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Failed to load shared library: /, "");
    throw new UsageError(`${LIBRARY_VARIABLE}="${path}" cannot be loaded: ${reason}; ${WAY_BACK}`);
  }
  let version: string;
  try {
    version = library.func("mj_versionString", "str", [])();
  } catch {
    throw new UsageError(`${LIBRARY_VARIABLE}="${path}" is not a MuJoCo library; ${WAY_BACK}`);
  }
  const layout = LAYOUTS[version];
  if (layout) return { library, version, layout };
  const known = Object.keys(LAYOUTS).join(", ");
  throw new UsageError(
    `${LIBRARY_VARIABLE}="${path}" is MuJoCo ${version}, whose memory layout is not known (known: ${known}); ` +
      `install one that is, or ${WAY_BACK}`,
  );
}

function nativeBackend(
  koffi: Koffi,
  library: Library,
  version: string,
  layout: Layout,
): Backend<Memory, NativeData> {
  const { integrationState, warningKinds } = layout;
  const define: Define = (name, result, parameters) => library.func(name, result, parameters);
  const compiled = integrationState === undefined ? fileCompiler(define) : textCompiler(define);
  const makeData = define("mj_makeData", "void *", ["void *"]);
  const deleteData = define("mj_deleteData", "void", ["void *"]);
  const deleteModel = define("mj_deleteModel", "void", ["void *"]);
  const name2id = define("mj_name2id", "int", ["void *", "int", "str"]);
  const id2name = define("mj_id2name", "str", ["void *", "int", "int"]);
  const mjStep = define("mj_step", "void", ["void *", "void *"]);
  const mjForward = define("mj_forward", "void", ["void *", "void *"]);
  const mjRnePostConstraint = define("mj_rnePostConstraint", "void", ["void *", "void *"]);
  const mjResetData = define("mj_resetData", "void", ["void *", "void *"]);
  silenceWarnings(koffi, library);

  const warnings = warningKinds > WARNINGS.length ? WARNINGS.toSpliced(PICTURES, 0, undefined) : WARNINGS;
  const later = layout.tendonType - OBJECT_TYPES.tendon;
  const objectType = (kind: NamedKind): number =>
    OBJECT_TYPES[kind] + (OBJECT_TYPES[kind] < OBJECT_TYPES.tendon ? 0 : later);
  const integer = (structure: DataView, at: number, width: number): number =>
    width === 8 ? Number(structure.getBigInt64(at, true)) : structure.getInt32(at, true);
  const size = (model: Memory, name: string): number =>
    integer(model.structure, layout.sizes[name], layout.sizeBytes);
  const at = (memory: Memory, offset: number): number =>
    Number(memory.structure.getBigUint64(offset, true) - memory.arraysAt);

  const lengthOf = (model: Memory, name: string): number =>
    size(model, DATA_SHAPES[name].rows) * DATA_SHAPES[name].columns;
  const dataArray = (data: NativeData, name: string): Float64Array =>
    new Float64Array(data.arrays, at(data, layout.data[name]), lengthOf(data.model, name));

  return {
    version: `${version} (native)`,

    compile(xml) {
      const pointer = compiled(xml);
      const structure = new DataView(koffi.view(pointer, layout.modelBytes));
      const arraysAt = structure.getBigUint64(layout.modelBuffer, true);
      const bytes = integer(structure, layout.sizes.nbuffer, layout.modelBufferWidth);
      return { pointer, structure, arraysAt, arrays: koffi.view(arraysAt, bytes) };
    },

    createData(model) {
      const pointer: Pointer | null = makeData(model.pointer);
      if (!pointer) throw new Error("MuJoCo could not allocate a state");
      const bytes = koffi.view(pointer, layout.dataBytes);
      const structure = new DataView(bytes);
      const arraysAt = structure.getBigUint64(layout.dataBuffer, true);
      return {
        model,
        pointer,
        structure,
        arraysAt,
        arrays: koffi.view(arraysAt, integer(structure, layout.dataBufferBytes, layout.dataBufferWidth)),
        time: new Float64Array(bytes, layout.time, 1),
        warnings: new Int32Array(bytes, layout.warnings, 2 * warningKinds),
      };
    },

    size,
    timestep: (model) => model.structure.getFloat64(layout.timestep, true),

    modelArray(model, name) {
      if (!Object.hasOwn(layout.model, name)) return undefined;
      const [offset, type, rows, columns] = layout.model[name];
      return new ELEMENTS[type].view(model.arrays, at(model, offset), size(model, rows) * columns);
    },

    dataArray,
    id: (model, kind, name) => name2id(model.pointer, objectType(kind), name),
    name: (model, kind, id) => id2name(model.pointer, objectType(kind), id) ?? "",
    time: (data) => data.time[0],
    step(model, data, count) {
      for (let i = 0; i < count; i++) mjStep(model.pointer, data.pointer);
    },
    forward: (model, data) => mjForward(model.pointer, data.pointer),
    rnePostConstraint: (model, data) => mjRnePostConstraint(model.pointer, data.pointer),
    reset: (model, data) => mjResetData(model.pointer, data.pointer),
    ...(integrationState === undefined
      ? stateOfArrays(lengthOf, dataArray)
      : stateOfLibrary(define, integrationState)),
    freeData: (data) => deleteData(data.pointer),
    freeModel: (model) => deleteModel(model.pointer),
    moved: () => false,
    takeWarning({ warnings: raised }) {
      for (let kind = 1; kind < warningKinds; kind++)
        if (raised[2 * kind + 1] > 0 && warnings[kind]) return warnings[kind];
      return undefined;
    },
  };
}

const DATA_SHAPES: Record<string, { rows: string; columns: number }> = {
  qpos: { rows: "nq", columns: 1 },
  qvel: { rows: "nv", columns: 1 },
  ctrl: { rows: "nu", columns: 1 },
  xpos: { rows: "nbody", columns: 3 },
  xipos: { rows: "nbody", columns: 3 },
  cinert: { rows: "nbody", columns: 10 },
  cvel: { rows: "nbody", columns: 6 },
  cfrc_ext: { rows: "nbody", columns: 6 },
  qfrc_actuator: { rows: "nv", columns: 1 },
  qfrc_constraint: { rows: "nv", columns: 1 },
  geom_xpos: { rows: "ngeom", columns: 3 },
  geom_xmat: { rows: "ngeom", columns: 9 },
  site_xpos: { rows: "nsite", columns: 3 },
  act: { rows: "na", columns: 1 },
  qacc_warmstart: { rows: "nv", columns: 1 },
  qfrc_applied: { rows: "nv", columns: 1 },
  xfrc_applied: { rows: "nbody", columns: 6 },
  mocap_pos: { rows: "nmocap", columns: 3 },
  mocap_quat: { rows: "nmocap", columns: 4 },
  userdata: { rows: "nuserdata", columns: 1 },
};

/**
 * Stops the library from printing warnings and writing MUJOCO_LOG.TXT; warnings are read from the state instead. The
 * handler is a function of the library without side effects that takes a string, because a JavaScript function cannot be
 * called from an arbitrary thread.
 */
function silenceWarnings(koffi: Koffi, library: Library): void {
  koffi.encode(library.symbol("mju_user_warning"), "void *", library.symbol("mju_str2Type"));
}
