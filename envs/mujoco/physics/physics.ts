/**
 * @file The physics interface of the MuJoCo environments. Two engines implement it: the WebAssembly build and an
 * installed native library.
 *
 * Array properties are views of the engine's memory. They are replaced when that memory grows, so read them through the
 * object (`data.qpos[0]`) and do not keep them across calls.
 */

/** An engine, loaded once per thread. */
export interface Physics {
  /** For example "3.9.0 (WebAssembly)". */
  readonly version: string;
  /**
   * Compiles an MJCF document.
   *
   * @throws {UsageError} with MuJoCo's message if the document does not compile; no memory is leaked.
   */
  compile(xml: string): Model;
}

export type NamedKind = "body" | "joint" | "geom" | "site" | "actuator" | "tendon";

/** A compiled model. Its arrays have MuJoCo's layout and can be written; a change takes effect at the next step. */
export interface Model {
  /** Numbers of generalised coordinates, degrees of freedom, controls, bodies, geoms, joints and sites. */
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  readonly nbody: number;
  readonly ngeom: number;
  readonly njnt: number;
  readonly nsite: number;
  /** Duration of a physics step (s). */
  readonly timestep: number;
  /** The array with this name in MuJoCo's `mjModel`, such as "body_mass" or "geom_friction". */
  array(name: string): Float64Array | Float32Array | Int32Array | Uint8Array;
  /** The index of a named object: `id("body", "torso")`. Throws an Error for an unknown name. */
  id(kind: NamedKind, name: string): number;
  /** The name of an object, "" if it has none. */
  name(kind: NamedKind, id: number): string;
  /** Creates a simulation state for one environment. Free it before the model. */
  createData(): Data;
  /** Throws an Error while a state of the model is not freed. After it, every method except `free` throws. */
  free(): void;
}

/** The state of one simulation. */
export interface Data {
  /** `[nq]` */
  readonly qpos: Float64Array;
  /** `[nv]` */
  readonly qvel: Float64Array;
  /** `[nu]` */
  readonly ctrl: Float64Array;
  /** `[nbody × 3]`: positions of body frames, and of centres of mass, in the world (m). */
  readonly xpos: Float64Array;
  readonly xipos: Float64Array;
  /** `[nbody × 10]`: inertia and mass about the centre of mass of the tree. */
  readonly cinert: Float64Array;
  /** `[nbody × 6]`: velocity about the centre of mass of the tree, rotation first. */
  readonly cvel: Float64Array;
  /** `[nbody × 6]`: external (contact) forces; current after `rnePostConstraint`. */
  readonly cfrcExt: Float64Array;
  /** `[nv]` */
  readonly qfrcActuator: Float64Array;
  readonly qfrcConstraint: Float64Array;
  /** `[ngeom × 3]`, `[ngeom × 9]`: positions and rotation matrices of geoms in the world. */
  readonly geomXpos: Float64Array;
  readonly geomXmat: Float64Array;
  /** `[nsite × 3]` */
  readonly siteXpos: Float64Array;
  /** Simulated time since the last reset (s). */
  readonly time: number;
  /**
   * Makes `count` physics steps.
   *
   * @throws {Error} with the time, if the simulation diverged; MuJoCo itself would silently reset it.
   */
  step(count: number): void;
  /** Updates everything that is derived from `qpos`, `qvel` and `ctrl`, without advancing time. */
  forward(): void;
  /** Computes `cfrcExt` for the current state. */
  rnePostConstraint(): void;
  /** Sets the model's initial state, time 0, no control and no warm start. */
  reset(): void;
  /**
   * Number of values that `save` writes: positions, velocities, activations, time, controls, the warm start of the
   * solver, and all derived arrays above, which after a step have the values of the start of its last physics step.
   */
  readonly stateSize: number;
  save(out: Float64Array, offset?: number): void;
  /**
   * Restores what `save` wrote. All arrays above then have their saved values, and further steps are bit-identical. Do
   * not call `forward` or `rnePostConstraint` after it: they would update the derived arrays to a later time.
   */
  load(state: Float64Array, offset?: number): void;
  free(): void;
}
