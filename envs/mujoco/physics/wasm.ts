/**
 * @file MuJoCo as WebAssembly: Google DeepMind's bindings, `@mujoco/mujoco`. Only the calls below are used, because
 * getters of the bindings are 15 times slower than cached views, and their named accessors leak memory.
 */

import type { MainModule, MjData, MjModel } from "@mujoco/mujoco";
import { type Backend, createPhysics, type NumericArray, OBJECT_TYPES } from "./engine.js";
import type { Physics } from "./physics.js";

/** Source of the WebAssembly: a compiled module (to share among threads) or the URL of the file. */
export type WasmSource = WebAssembly.Module | string;

/** Loads the engine. Each call creates a new instance. */
export async function wasmPhysics(source?: WasmSource): Promise<Physics> {
  let warning: string | undefined;
  const readWarning = (line: string) => {
    warning ??= warningOf(line);
  };
  const mujoco = await instantiate({ print: readWarning, printErr: readWarning }, source);
  return createPhysics(
    wasmBackend(mujoco, () => {
      const last = warning;
      warning = undefined;
      return last;
    }),
  );
}

/** The text of a warning that makes later results invalid, from a line that MuJoCo prints; undefined for other lines. */
function warningOf(line: string): string | undefined {
  const [, text] = /^WARNING: (?!Inertia)(.*)/.exec(line) ?? [];
  // This build has no texts for two kinds of warning.
  const full = /^Unknown warning type ([12])/.exec(text ?? "");
  return full ? `the ${full[1] === "1" ? "list of contacts" : "memory for constraints"} is full` : text;
}

async function instantiate(settings: Record<string, unknown>, source?: WasmSource): Promise<MainModule> {
  const { default: start } = await import("@mujoco/mujoco");
  if (source === undefined) return start(settings);
  if (typeof source === "string") return start({ ...settings, locateFile: () => source });
  return new Promise((resolve, reject) => {
    const instantiateWasm = (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ) => {
      WebAssembly.instantiate(source, imports).then(done).catch(reject);
    };
    start({ ...settings, instantiateWasm }).then(resolve, reject);
  });
}

function wasmBackend(mujoco: MainModule, takeWarning: () => string | undefined): Backend<MjModel, MjData> {
  const { mj_step, mj_forward, mj_rnePostConstraint, mj_resetData } = mujoco;
  const integration = mujoco.mjtState.mjSTATE_INTEGRATION.value;
  /** Kept as long as the module, to detect growth of the memory: growth makes all views empty. */
  const pin = new mujoco.DoubleBuffer(1);
  let anchor = pin.GetView() as Float64Array;

  return {
    version: `${mujoco.mj_versionString()} (WebAssembly)`,
    compile: (xml) => mujoco.MjModel.from_xml_string(xml),
    createData: (model) => new mujoco.MjData(model),
    size: (model, name) => model[name as "nq"],
    timestep: (model) => {
      const { opt } = model;
      const { timestep } = opt;
      opt.delete();
      return timestep;
    },
    modelArray: (model, name) => numeric(model, name),
    dataArray: (data, name) => numeric(data, name),
    id: (model, kind, name) => mujoco.mj_name2id(model, OBJECT_TYPES[kind], name),
    name: (model, kind, id) => mujoco.mj_id2name(model, OBJECT_TYPES[kind], id),
    time: (data) => data.time,
    step(model, data, count) {
      for (let i = 0; i < count; i++) mj_step(model, data);
    },
    forward: mj_forward,
    rnePostConstraint: mj_rnePostConstraint,
    reset: mj_resetData,
    stateSize: (model) => mujoco.mj_stateSize(model, integration),
    getState(model, data, out) {
      const buffer = new mujoco.DoubleBuffer(out.length);
      mujoco.mj_getState(model, data, buffer, integration);
      out.set(buffer.GetView() as Float64Array);
      buffer.delete();
    },
    setState(model, data, state) {
      mujoco.mj_setState(model, data, state as unknown as number[], integration);
    },
    freeData: (data) => data.delete(),
    freeModel: (model) => model.delete(),
    moved() {
      if (anchor.length > 0) return false;
      anchor = pin.GetView() as Float64Array;
      return true;
    },
    takeWarning,
  };
}

/** The array with the given name, which is a getter of the prototype in the bindings. */
function numeric(owner: MjModel | MjData, name: string): NumericArray | undefined {
  const value: unknown = (owner as unknown as Record<string, unknown>)[name];
  return ArrayBuffer.isView(value) ? (value as NumericArray) : undefined;
}
