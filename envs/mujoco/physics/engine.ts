/**
 * @file Resource management behind `Physics`, shared by both engines. Views are renewed when the engine's memory moves.
 * Objects are freed in order, and using a freed one throws. Simulations that diverge throw.
 */

import { UsageError } from "../../../src/errors.js";
import type { Data, Model, NamedKind, Physics } from "./physics.js";

export type NumericArray = Float64Array | Float32Array | Int32Array | Uint8Array;

/** Values of MuJoCo's `mjtObj` and `mjtState`, part of its stable interface. */
export const OBJECT_TYPES: Record<NamedKind, number> = {
  body: 1,
  joint: 3,
  geom: 5,
  site: 6,
  tendon: 18,
  actuator: 19,
};

/** Operations of an engine on its models `M` and states `D`. */
export interface Backend<M, D> {
  readonly version: string;
  /** @throws {Error} with MuJoCo's message if the document does not compile. */
  compile(xml: string): M;
  createData(model: M): D;
  /** A size of `mjModel`, such as "nbody". */
  size(model: M, name: string): number;
  timestep(model: M): number;
  /** A view of an array of `mjModel` or `mjData`; undefined for an unknown name. */
  modelArray(model: M, name: string): NumericArray | undefined;
  dataArray(data: D, name: string): NumericArray | undefined;
  /** The index of an object; −1 for an unknown name. */
  id(model: M, kind: NamedKind, name: string): number;
  /** The name of an object; "" if it has none. */
  name(model: M, kind: NamedKind, id: number): string;
  time(data: D): number;
  step(model: M, data: D, count: number): void;
  forward(model: M, data: D): void;
  rnePostConstraint(model: M, data: D): void;
  reset(model: M, data: D): void;
  /** Length of `mjSTATE_INTEGRATION`: everything that stepping depends on, including the warm start of the solver. */
  stateSize(model: M): number;
  getState(model: M, data: D, out: Float64Array): void;
  setState(model: M, data: D, state: Float64Array): void;
  freeData(data: D): void;
  freeModel(model: M): void;
  /** Whether the memory has moved since the last call, which makes earlier views invalid. */
  moved(): boolean;
  /** The warning that MuJoCo raised for this state since the last call or reset, if any. */
  takeWarning(data: D): string | undefined;
}

/** The array properties of {@link Data}, and their names in `mjData`. */
const VIEWS = {
  qpos: "qpos",
  qvel: "qvel",
  ctrl: "ctrl",
  xpos: "xpos",
  xipos: "xipos",
  cinert: "cinert",
  cvel: "cvel",
  cfrcExt: "cfrc_ext",
  qfrcActuator: "qfrc_actuator",
  qfrcConstraint: "qfrc_constraint",
  geomXpos: "geom_xpos",
  geomXmat: "geom_xmat",
  siteXpos: "site_xpos",
} as const;
type ViewName = keyof typeof VIEWS;

const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];
/**
 * Views that `mjSTATE_INTEGRATION` does not contain. A step leaves them at the values of its start, so they are saved.
 */
const DERIVED = VIEW_NAMES.filter((name) => name !== "qpos" && name !== "qvel" && name !== "ctrl");

/** A model of the engine and its states, to be freed if the user never frees them. */
interface Estate<M, D> {
  readonly model: M;
  readonly states: Set<D>;
  freed: boolean;
}

export function createPhysics<M, D>(backend: Backend<M, D>): Physics {
  /** States whose views must be renewed when the memory moves. Weak references, so unused states can be collected. */
  const live = new Set<WeakRef<EngineData<M, D>>>();

  /** Free models and states that were never freed. They may be collected in any order; states are always freed first. */
  const lostModels = new FinalizationRegistry<Estate<M, D>>((estate) => {
    for (const state of estate.states) backend.freeData(state);
    estate.states.clear();
    freeModel(estate);
  });
  const lostStates = new FinalizationRegistry<{ estate: Estate<M, D>; state: D }>(({ estate, state }) => {
    if (estate.states.delete(state)) backend.freeData(state);
  });

  function freeModel(estate: Estate<M, D>): void {
    if (!estate.freed) backend.freeModel(estate.model);
    estate.freed = true;
  }

  /** Renews views after a call that may have allocated memory. */
  function settle(): void {
    if (!backend.moved()) return;
    for (const reference of live) {
      const data = reference.deref();
      if (data) data.bind();
      else live.delete(reference);
    }
  }

  return {
    version: backend.version,

    compile(xml) {
      let raw: M;
      try {
        raw = backend.compile(xml);
      } catch (error) {
        throw new UsageError(`the model does not compile: ${messageOf(error)}`);
      } finally {
        settle();
      }
      const estate: Estate<M, D> = { model: raw, states: new Set(), freed: false };
      const model: Model = new EngineModel(
        backend,
        estate,
        () => {
          const state = backend.createData(raw);
          estate.states.add(state);
          settle();
          const data = new EngineData(backend, raw, state, settle, () => {
            live.delete(reference);
            lostStates.unregister(data);
            estate.states.delete(state);
            backend.freeData(state);
          });
          // This reference keeps the model from being collected before the state.
          data.model = model;
          const reference = new WeakRef(data);
          live.add(reference);
          lostStates.register(data, { estate, state }, data);
          return data;
        },
        () => {
          lostModels.unregister(model);
          freeModel(estate);
        },
      );
      lostModels.register(model, estate, model);
      return model;
    },
  };
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .replace(/^MuJoCo Error: /, "")
    .replace(/^Loading error: /, "")
    .trim()
    .replace(/\s*\n\s*/g, ", ");

class EngineModel<M, D> implements Model {
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  readonly nbody: number;
  readonly ngeom: number;
  readonly njnt: number;
  readonly nsite: number;
  readonly timestep: number;
  private freed = false;

  constructor(
    private readonly backend: Backend<M, D>,
    private readonly estate: Estate<M, D>,
    private readonly create: () => Data,
    private readonly release: () => void,
  ) {
    const size = (name: string) => backend.size(estate.model, name);
    this.nq = size("nq");
    this.nv = size("nv");
    this.nu = size("nu");
    this.nbody = size("nbody");
    this.ngeom = size("ngeom");
    this.njnt = size("njnt");
    this.nsite = size("nsite");
    this.timestep = backend.timestep(estate.model);
  }

  array(name: string): NumericArray {
    const array = this.backend.modelArray(this.live(), name);
    if (!array) throw new Error(`mjModel has no array "${name}" that can be read here`);
    return array;
  }

  id(kind: NamedKind, name: string): number {
    const id = this.backend.id(this.live(), kind, name);
    if (id < 0) throw new Error(`the model has no ${kind} "${name}"`);
    return id;
  }

  name(kind: NamedKind, id: number): string {
    return this.backend.name(this.live(), kind, id);
  }

  createData(): Data {
    this.live();
    return this.create();
  }

  free(): void {
    if (this.freed) return;
    const { size } = this.estate.states;
    if (size > 0) {
      throw new Error(
        `the model is still used by ${size} ${size === 1 ? "state" : "states"}: free those first`,
      );
    }
    this.freed = true;
    this.release();
  }

  private live(): M {
    if (this.freed) throw new Error("the model has been freed");
    return this.estate.model;
  }
}

class EngineData<M, D> implements Data {
  declare readonly qpos: Float64Array;
  declare readonly qvel: Float64Array;
  declare readonly ctrl: Float64Array;
  declare readonly xpos: Float64Array;
  declare readonly xipos: Float64Array;
  declare readonly cinert: Float64Array;
  declare readonly cvel: Float64Array;
  declare readonly cfrcExt: Float64Array;
  declare readonly qfrcActuator: Float64Array;
  declare readonly qfrcConstraint: Float64Array;
  declare readonly geomXpos: Float64Array;
  declare readonly geomXmat: Float64Array;
  declare readonly siteXpos: Float64Array;
  readonly stateSize: number;
  model?: Model;
  private readonly integrationSize: number;
  private readonly timestep: number;
  private freed = false;

  constructor(
    private readonly backend: Backend<M, D>,
    private readonly rawModel: M,
    private readonly state: D,
    private readonly settle: () => void,
    private readonly release: () => void,
  ) {
    this.bind();
    this.timestep = backend.timestep(rawModel);
    this.integrationSize = backend.stateSize(rawModel);
    this.stateSize = DERIVED.reduce((sum, name) => sum + this[name].length, this.integrationSize);
  }

  /** Renews all views. They are plain properties, because environments read them number by number. */
  bind(): void {
    if (this.freed) return;
    const views = this as Record<ViewName, Float64Array>;
    for (const name of VIEW_NAMES) {
      views[name] = this.backend.dataArray(this.state, VIEWS[name]) as Float64Array;
    }
  }

  get time(): number {
    this.refuseFreed();
    return this.backend.time(this.state);
  }

  step(count: number): void {
    this.refuseFreed();
    const { backend, state } = this;
    const start = backend.time(state);
    backend.step(this.rawModel, state, count);
    const warning = backend.takeWarning(state);
    // On an invalid state MuJoCo resets the simulation within the step, so its time falls behind.
    const behind = backend.time(state) < start + (count - 0.5) * this.timestep;
    if (warning !== undefined || behind) this.refuseWarned(warning, start, count);
    this.settle();
  }

  forward(): void {
    this.refuseFreed();
    const { backend, state } = this;
    backend.forward(this.rawModel, state);
    const warning = backend.takeWarning(state);
    if (warning !== undefined) this.refuseWarned(warning, backend.time(state), 0);
    this.settle();
  }

  rnePostConstraint(): void {
    this.refuseFreed();
    this.backend.rnePostConstraint(this.rawModel, this.state);
    this.settle();
  }

  reset(): void {
    this.refuseFreed();
    this.backend.reset(this.rawModel, this.state);
  }

  save(out: Float64Array, offset = 0): void {
    this.refuseFreed();
    let at = offset + this.integrationSize;
    this.backend.getState(this.rawModel, this.state, out.subarray(offset, at));
    this.settle();
    for (const name of DERIVED) {
      out.set(this[name], at);
      at += this[name].length;
    }
  }

  load(saved: Float64Array, offset = 0): void {
    this.refuseFreed();
    const { backend, rawModel, state } = this;
    let at = offset + this.integrationSize;
    const integration = saved.subarray(offset, at);
    backend.setState(rawModel, state, integration);
    backend.forward(rawModel, state);
    // Set the state again, because the solver has just replaced the warm start.
    backend.setState(rawModel, state, integration);
    backend.takeWarning(state);
    this.settle();
    for (const name of DERIVED) {
      const { length } = this[name];
      this[name].set(saved.subarray(at, at + length));
      at += length;
    }
  }

  free(): void {
    if (this.freed) return;
    this.freed = true;
    this.release();
    const refuse = { get: () => this.refuseFreed() };
    for (const name of VIEW_NAMES) Object.defineProperty(this, name, refuse);
  }

  /** Throws after a warning of MuJoCo or when the time fell behind. The state is then as after `reset`. */
  private refuseWarned(warning: string | undefined, start: number, count: number): never {
    const { backend, rawModel, state } = this;
    backend.reset(rawModel, state);
    this.settle();
    const end = start + count * this.timestep;
    const when = `between ${start.toFixed(4)} and ${end.toFixed(4)} s${warning ? `: ${warning}` : ""}`;
    if (warning && /full|memory/.test(warning)) {
      throw new Error(`the simulation ran out of memory ${when} (more is given by <size memory="…"/>)`);
    }
    throw new Error(`the simulation diverged ${when}`);
  }

  private refuseFreed(): void {
    if (this.freed) throw new Error("the state of this simulation has been freed");
  }
}
