/**
 * @file The small physics interface that the MuJoCo environments are written against. Two engines stand behind it: the
 * WebAssembly build, and an installed native library.
 *
 * Array properties are views of the engine's memory. They can be replaced when that memory grows, so read them through
 * the object (`data.qpos[0]`) and keep none across a call.
 */

/** An engine, loaded once a thread. */
export interface Physics {
  /** For example "3.9.0 (WebAssembly)". */
  readonly version: string;
  /**
   * Compiles an MJCF document.
   *
   * @throws {UsageError} with MuJoCo's own message where it does not compile; nothing is left behind.
   */
  compile(xml: string): Model;
}

export type NamedKind = "body" | "joint" | "geom" | "site" | "actuator" | "tendon";

/** A compiled model. Its arrays are float64 in MuJoCo's own layout, and writable: a change acts from the next step on. */
export interface Model {
  /** Generalised coordinates, degrees of freedom, controls, bodies, geoms, joints, sites. */
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  readonly nbody: number;
  readonly ngeom: number;
  readonly njnt: number;
  readonly nsite: number;
  /** s, of one physics step. */
  readonly timestep: number;
  /** The array of a name in MuJoCo's `mjModel`, such as "body_mass" or "geom_friction". */
  array(name: string): Float64Array | Float32Array | Int32Array | Uint8Array;
  /** The index of a named object: `id("body", "torso")`. Throws an Error for a name that the model has not. */
  id(kind: NamedKind, name: string): number;
  /** The name of an object, "" where it has none. */
  name(kind: NamedKind, id: number): string;
  /** A state of its own for one environment. Free it before the model. */
  createData(): Data;
  /** Throws an Error while a state of the model has not been freed. Once freed, all but `free` throws. */
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
  /** s since the last reset. */
  readonly time: number;
  /**
   * `count` physics steps.
   *
   * @throws {Error} where the simulation diverged, naming the time: MuJoCo would otherwise start it afresh unseen.
   */
  step(count: number): void;
  /** Brings everything derived from `qpos`, `qvel` and `ctrl` up to date, without advancing time. */
  forward(): void;
  /** Computes `cfrcExt` for the current state. */
  rnePostConstraint(): void;
  /** The model's initial state, time 0, no control, no warm start. */
  reset(): void;
  /**
   * Numbers that `save` writes: positions, velocities, activations, time, controls, the warm start of the solver, and
   * all the derived arrays above, which a step leaves as of the beginning of its last physics step.
   */
  readonly stateSize: number;
  save(out: Float64Array, offset?: number): void;
  /**
   * Restores what `save` wrote. Every array above then reads as it did, and stepping goes on bit for bit. Call neither
   * `forward` nor `rnePostConstraint` after it: they would bring the derived arrays to a later instant.
   */
  load(state: Float64Array, offset?: number): void;
  free(): void;
}
