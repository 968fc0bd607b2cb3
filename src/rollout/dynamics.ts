/** @file Cheap environments written once, as dynamics over arrays: the single and the native vector form of each. */

import { snapshot, type Tree, type TypedArray } from "../data/tree.js";
import { didYouMean, UsageError } from "../errors.js";
import { createRng, type Rng, type RngState } from "../random/rng.js";
import {
  allocateActions,
  describeSpace,
  flattenInto,
  type Space,
  spaceWidth,
  unflatten,
  whyOutside,
} from "../spaces/index.js";
import type {
  Action,
  ActionBatch,
  Environment,
  ResetOptions,
  StepResult,
  TabularModel,
  VectorEnvironment,
} from "./contracts.js";

/** N copies of a Markov process, advanced together. Time limits, seeds and autoreset are not its business. */
export interface Dynamics {
  /** Every array that changes, by name: what a snapshot holds. Updated in place. */
  readonly state: Record<string, TypedArray>;
  /** Starts copy i afresh; `options` come from `reset({ options })`, their names already checked. */
  reset(i: number, rng: Rng, options: Record<string, unknown>): void;
  /** Advances every copy i by `actions` row i, drawing from `rngs[i]`, and writes `rewards[i]`, `terminated[i]`. */
  step(actions: ActionBatch, rngs: readonly Rng[], rewards: Float64Array, terminated: Uint8Array): void;
  /** Writes the observations of copies `from` to `to − 1` into their rows of `out` `[N, width]`. */
  observe(from: number, to: number, out: Float32Array): void;
  /** A text picture of copy i. */
  render?(i: number): string;
}

/** All there is to know about a kind of environment that has dynamics over arrays. */
export interface DynamicsSpec {
  id: string;
  observationSpace: Space;
  actionSpace: Space;
  /** Steps after which an episode is truncated. */
  maxEpisodeSteps: number;
  /** The names that `reset({ options })` accepts. */
  resetOptions: readonly string[];
  dynamics(count: number): Dynamics;
  model?(): TabularModel;
}

/** Seeds environments that were never given one, so that nothing is random by accident. */
const DEFAULT_SEED = 0;

const NO_OPTIONS = {};

/** The seed of environment i of a vector that is reset with `seed`: it names the stream ("env", i). */
export const vectorSeed = (seed: number | string, i: number): string =>
  createRng(seed).stream("env", i).getState().path;

/** The single form. */
export const environmentOf = (spec: DynamicsSpec): Environment => new DynamicsEnvironment(spec);

/**
 * The native vector form of a single environment, or `undefined` where it has none. Environment i of it does what
 * the single one does when that is seeded with the stream of i.
 */
export function nativeVectorOf(environment: Environment, count: number): VectorEnvironment | undefined {
  return environment instanceof DynamicsEnvironment ? new DynamicsVector(environment.spec, count) : undefined;
}

interface SavedCopies {
  started: boolean;
  elapsed: Int32Array;
  terminated: Uint8Array;
  truncated: Uint8Array;
  rngs: RngState[];
  dynamics: Record<string, TypedArray>;
}

/** N copies with their time limits and random streams: what both forms are made of. */
class Copies {
  readonly dynamics: Dynamics;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** Whether the first reset has happened. */
  started = false;
  private readonly elapsed: Int32Array;

  constructor(
    readonly spec: DynamicsSpec,
    readonly count: number,
    private readonly rngs: Rng[],
  ) {
    this.dynamics = spec.dynamics(count);
    this.rewards = new Float64Array(count);
    this.terminated = new Uint8Array(count);
    this.truncated = new Uint8Array(count);
    this.elapsed = new Int32Array(count);
  }

  /** Starts every copy afresh, with new streams where `seeded` gives them. */
  reset(options: Record<string, unknown> = NO_OPTIONS, seeded?: (i: number) => Rng): void {
    for (const name of Object.keys(options)) {
      if (this.spec.resetOptions.includes(name)) continue;
      const hint = didYouMean(name, this.spec.resetOptions);
      throw new UsageError(`${this.spec.id}: unknown reset option "${name}"${hint}`);
    }
    for (let i = 0; i < this.count; i++) {
      if (seeded) this.rngs[i] = seeded(i);
      this.restart(i, options);
    }
    this.terminated.fill(0);
    this.truncated.fill(0);
    this.started = true;
  }

  restart(i: number, options: Record<string, unknown>): void {
    this.dynamics.reset(i, this.rngs[i], options);
    this.elapsed[i] = 0;
  }

  step(actions: ActionBatch): void {
    if (!this.started) throw new UsageError(`${this.spec.id}: call reset() before step()`);
    const { elapsed, terminated, truncated } = this;
    const limit = this.spec.maxEpisodeSteps;
    this.dynamics.step(actions, this.rngs, this.rewards, terminated);
    for (let i = 0; i < elapsed.length; i++) {
      // At the limit, an episode that has also ended has ended: nothing is owed.
      truncated[i] = ++elapsed[i] >= limit ? terminated[i] ^ 1 : 0;
    }
  }

  getState(): { [key: string]: Tree } {
    const { started, elapsed, terminated, truncated } = this;
    const rngs = this.rngs.map((rng) => ({ ...rng.getState() }));
    const live = { started, elapsed, terminated, truncated, rngs, dynamics: this.dynamics.state };
    return snapshot(live) as { [key: string]: Tree };
  }

  setState(saved: Tree): void {
    const state = saved as unknown as SavedCopies;
    if (state?.rngs?.length !== this.count) {
      throw new UsageError(
        `${this.spec.id}: this snapshot is of ${state?.rngs?.length ?? "no"} environments, not ${this.count}`,
      );
    }
    this.started = state.started;
    this.elapsed.set(state.elapsed);
    this.terminated.set(state.terminated);
    this.truncated.set(state.truncated);
    for (const [name, array] of Object.entries(this.dynamics.state)) array.set(state.dynamics[name]);
    for (const [i, rng] of state.rngs.entries()) this.rngs[i].setState(rng);
  }
}

/** Whether an environment was made by {@link environmentOf}: it needs no adapter and has a native vector form. */
export const hasDynamics = (environment: unknown): environment is Environment =>
  environment instanceof DynamicsEnvironment;

/** A {@link Copies} of one. */
class DynamicsEnvironment implements Environment {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly maxEpisodeSteps: number;
  readonly render?: () => string;
  readonly model?: () => TabularModel;
  private readonly copies: Copies;
  private readonly row: Float32Array;
  private readonly actions: ActionBatch;

  constructor(readonly spec: DynamicsSpec) {
    this.id = spec.id;
    this.observationSpace = spec.observationSpace;
    this.actionSpace = spec.actionSpace;
    this.maxEpisodeSteps = spec.maxEpisodeSteps;
    this.copies = new Copies(spec, 1, [createRng(DEFAULT_SEED)]);
    this.row = new Float32Array(spaceWidth(spec.observationSpace));
    this.actions = allocateActions(spec.actionSpace, 1);
    const { dynamics } = this.copies;
    if (dynamics.render) this.render = () => dynamics.render!(0);
    if (spec.model) this.model = () => spec.model!();
  }

  reset({ seed, options }: ResetOptions = {}): ReturnType<Environment["reset"]> {
    this.copies.reset(options, seed === undefined ? undefined : () => createRng(seed));
    return { observation: this.observe(), info: {} };
  }

  step(action: Action): StepResult {
    const { copies, actions } = this;
    if (copies.terminated[0] | copies.truncated[0]) {
      throw new UsageError(`${this.id}: the episode has ended; call reset() before step()`);
    }
    // A torque beyond the limits is clipped by the dynamics; an action that does not exist is an error.
    if (this.actionSpace.kind === "discrete") {
      const reason = whyOutside(this.actionSpace, action);
      if (reason)
        throw new UsageError(`${this.id}: ${reason}, as action in ${describeSpace(this.actionSpace)}`);
    } else if (typeof action !== "number" && action?.length !== actions.length) {
      throw new UsageError(
        `${this.id}: the action must have ${actions.length} numbers, not ${action?.length}`,
      );
    }
    flattenInto(this.actionSpace, action, actions);
    refuseBadActions(this.id, this.actionSpace, actions);
    copies.step(actions);
    return {
      observation: this.observe(),
      reward: copies.rewards[0],
      terminated: copies.terminated[0] === 1,
      truncated: copies.truncated[0] === 1,
      info: {},
    };
  }

  close(): void {}

  getState(): Tree {
    return this.copies.getState();
  }

  setState(state: Tree): void {
    this.copies.setState(state);
  }

  private observe() {
    this.copies.dynamics.observe(0, 1, this.row);
    return unflatten(this.observationSpace, this.row);
  }
}

class DynamicsVector implements VectorEnvironment {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly observations: Float32Array;
  readonly finalObservations: Float32Array;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  private readonly copies: Copies;
  private readonly width: number;

  constructor(
    spec: DynamicsSpec,
    readonly count: number,
  ) {
    this.id = spec.id;
    this.observationSpace = spec.observationSpace;
    this.actionSpace = spec.actionSpace;
    const rngs = Array.from({ length: count }, (_, i) => createRng(vectorSeed(DEFAULT_SEED, i)));
    this.copies = new Copies(spec, count, rngs);
    this.rewards = this.copies.rewards;
    this.terminated = this.copies.terminated;
    this.truncated = this.copies.truncated;
    this.width = spaceWidth(spec.observationSpace);
    this.observations = new Float32Array(count * this.width);
    this.finalObservations = new Float32Array(count * this.width);
  }

  reset({ seed, options }: ResetOptions = {}): void {
    this.copies.reset(options, seed === undefined ? undefined : (i) => createRng(vectorSeed(seed, i)));
    this.copies.dynamics.observe(0, this.count, this.observations);
  }

  step(actions: ActionBatch): void {
    refuseBadBatch(this, actions);
    refuseBadActions(this.id, this.actionSpace, actions);
    const { copies, terminated, truncated, observations } = this;
    copies.step(actions);
    copies.dynamics.observe(0, this.count, observations);
    for (let i = 0; i < terminated.length; i++) if (terminated[i] | truncated[i]) this.autoreset(i);
  }

  close(): void {}

  getState(): Tree {
    return this.copies.getState();
  }

  setState(state: Tree): void {
    this.copies.setState(state);
    this.copies.dynamics.observe(0, this.count, this.observations);
  }

  private autoreset(i: number): void {
    const { observations, finalObservations, width } = this;
    for (let at = i * width; at < (i + 1) * width; at++) finalObservations[at] = observations[at];
    this.copies.restart(i, NO_OPTIONS);
    this.copies.dynamics.observe(i, i + 1, this.observations);
  }
}

/** @throws {UsageError} unless the batch has the length that the vector needs. */
export function refuseBadBatch(vector: VectorEnvironment, actions: ActionBatch): void {
  const needed = vector.count * spaceWidth(vector.actionSpace);
  if (actions.length === needed) return;
  throw new UsageError(
    `${vector.id}: ${vector.count} actions in ${describeSpace(vector.actionSpace)} are ${needed} numbers, not ${actions.length}`,
  );
}

/** @throws {UsageError} at a discrete action that does not exist, or a NaN in a continuous one. */
function refuseBadActions(id: string, space: Space, actions: ActionBatch): void {
  const [low, high] = space.kind === "discrete" ? [0, space.n - 1] : [-Infinity, Infinity];
  for (let i = 0; i < actions.length; i++) {
    // Written so that NaN fails.
    if (actions[i] >= low && actions[i] <= high) continue;
    throw new UsageError(`${id}: ${actions[i]} (entry ${i}) is not an action of ${describeSpace(space)}`);
  }
}
