/** @file Cheap environments written once, as dynamics over arrays: the contract, and N copies run by it. */

import { didYouMean, UsageError } from "../errors.js";
import { createRng, type Rng, type RngState } from "../random/rng.js";
import { describeSpace, type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { snapshot, type Tree, type TypedArray } from "../state/snapshot.js";
import type { Info, TabularModel, Task, TaskFamily, VectorEnvironment } from "./contracts.js";
import { Trials } from "./task-families.js";
import { allRows, type VectorArrays } from "./vector-rows.js";

/** N copies of a Markov process, advanced together. Time limits, seeds and autoreset are not its business. */
export interface Dynamics {
  /**
   * Every array that changes, by name: what a snapshot holds. Updated in place. Loops run fastest over local names for
   * these arrays: captured variables are read again at every use.
   */
  readonly state: Record<string, TypedArray>;
  /** Starts copy i afresh; `options` come from `reset({ options })`, their names already checked. */
  reset(i: number, rng: Rng, options: Record<string, unknown>): void;
  /**
   * Puts copy i into a task of `DynamicsSpec.tasks`: called before the reset that starts a trial, and before a snapshot
   * is written into `state`. What it alone writes need not be in `state`, since the task itself is saved.
   */
  setTask?(i: number, task: Task): void;
  /** Advances every copy i by `actions` row i, drawing from `rngs[i]`, and writes `rewards[i]`, `terminated[i]`. */
  step(actions: ActionBatch, rngs: readonly Rng[], rewards: Float64Array, terminated: Uint8Array): void;
  /** Writes the observations of copies `from` to `to − 1` into their rows of `out` `[N, width]`. */
  observe(from: number, to: number, out: Float32Array): void;
  /** A text picture of copy i. */
  render?(i: number): string;
  /** The same as an SVG document. */
  renderSvg?(i: number): string;
  /** What `info` says of copy i, after a reset and after a step. Only the single form asks. */
  info?(i: number): Info;
  /** Writes what lives outside of `state`, in a physics engine, into `state`: called before a snapshot. */
  beforeSave?(): void;
  /** The way back: called when a snapshot has been written into `state`. */
  afterRestore?(): void;
  /** Frees what no collector frees. */
  close?(): void;
}

/** All there is to know about a kind of environment that has dynamics over arrays. */
export interface DynamicsSpec {
  id: string;
  observationSpace: Space;
  actionSpace: Space;
  /** Steps after which an episode is truncated; without it, none is. */
  maxEpisodeSteps?: number;
  /** The names that `reset({ options })` accepts. */
  resetOptions: readonly string[];
  dynamics(count: number): Dynamics;
  model?(): TabularModel;
  /** The tasks, of a family of them: its dynamics have `setTask`. */
  tasks?: TaskFamily;
  /** Episodes of a trial, in which the task is kept; 1 by default. */
  episodesPerTask?: number;
}

const NO_OPTIONS: Record<string, unknown> = {};

/** The seed of environment i of a vector that is reset with `seed`: it names the stream ("env", i). */
export const vectorSeed = (seed: number | string, i: number): string =>
  createRng(seed).stream("env", i).getState().path;

/** Copies rows `from` to `to − 1` of `source` `[N, width]` into `out`: `observe`, where the state is the observation. */
export function copyRows(
  source: TypedArray,
  width: number,
  from: number,
  to: number,
  out: Float32Array,
): void {
  // A bulk copy is four times as fast as a loop, but too dear to set up for the row of one reset.
  if (to - from > 8) out.set(source.subarray(from * width, to * width), from * width);
  else for (let at = from * width; at < to * width; at++) out[at] = source[at];
}

interface SavedCopies {
  started: boolean;
  elapsed: Int32Array;
  terminated: Uint8Array;
  truncated: Uint8Array;
  rngs: RngState[];
  dynamics: Record<string, TypedArray>;
  trials?: Tree;
}

/** N copies with their time limits and random streams: what both forms are made of. */
export class Copies {
  readonly dynamics: Dynamics;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** Of task families. */
  readonly trials?: Trials;
  /** Whether the first reset has happened. */
  started = false;
  private readonly elapsed: Int32Array;

  constructor(
    readonly spec: DynamicsSpec,
    readonly count: number,
    private readonly rngs: Rng[],
    arrays: VectorArrays = allRows(count, 0).arrays,
  ) {
    this.dynamics = spec.dynamics(count);
    this.rewards = arrays.rewards;
    this.terminated = arrays.terminated;
    this.truncated = arrays.truncated;
    this.elapsed = new Int32Array(count);
    const { id, tasks, episodesPerTask = 1 } = spec;
    const play = (i: number, task: Task) => this.dynamics.setTask!(i, task);
    if (tasks) this.trials = new Trials(id, tasks, episodesPerTask, arrays.trialEnded, play);
  }

  /** Starts every copy afresh, with new streams where `seeded` gives them. */
  reset(options: Record<string, unknown> = NO_OPTIONS, seeded?: (i: number) => Rng): void {
    for (const name of Object.keys(options)) {
      if (this.spec.resetOptions.includes(name)) continue;
      const hint = didYouMean(name, this.spec.resetOptions);
      throw new UsageError(`${this.spec.id}: unknown reset option "${name}"${hint}`);
    }
    for (let i = 0; i < this.count; i++) {
      if (seeded) {
        this.rngs[i] = seeded(i);
        this.trials?.reseed(i);
      }
      // The flags of a copy that was restarted at once are still those of the episode before: it has not begun.
      const hasEnded = this.elapsed[i] > 0 && (this.terminated[i] | this.truncated[i]) === 1;
      this.restart(i, options, hasEnded && !seeded);
    }
    this.rewards.fill(0);
    this.terminated.fill(0);
    this.truncated.fill(0);
    this.trials?.ended.fill(0);
    this.started = true;
  }

  /** Starts copy i afresh, in the next episode of its trial where it `goesOn`. */
  restart(i: number, options = NO_OPTIONS, goesOn = true): void {
    this.trials?.next(i, this.rngs[i], goesOn);
    this.dynamics.reset(i, this.rngs[i], options);
    this.elapsed[i] = 0;
  }

  step(actions: ActionBatch): void {
    if (!this.started) throw new UsageError(`${this.spec.id}: call reset() before step()`);
    const { elapsed, terminated, truncated } = this;
    const limit = this.spec.maxEpisodeSteps ?? Infinity;
    this.dynamics.step(actions, this.rngs, this.rewards, terminated);
    for (let i = 0; i < elapsed.length; i++) {
      // At the limit, an episode that has also ended has ended: nothing is owed.
      truncated[i] = ++elapsed[i] >= limit ? terminated[i] ^ 1 : 0;
    }
    this.trials?.step(terminated, truncated);
  }

  getState(): { [key: string]: Tree } {
    this.dynamics.beforeSave?.();
    const { started, elapsed, terminated, truncated } = this;
    const rngs = this.rngs.map((rng) => ({ ...rng.getState() }));
    const { state } = this.dynamics;
    const live = { started, elapsed, terminated, truncated, rngs, dynamics: state, trials: this.trials };
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
    if (state.trials) this.trials?.setState(state.trials);
    for (const [name, array] of Object.entries(this.dynamics.state)) array.set(state.dynamics[name]);
    for (const [i, rng] of state.rngs.entries()) this.rngs[i].setState(rng);
    this.dynamics.afterRestore?.();
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
export function refuseBadActions(id: string, space: Space, actions: ActionBatch): void {
  const bad = space.kind === "discrete" ? firstBeyond(actions, space.n) : firstNaN(actions);
  if (bad < 0) return;
  throw new UsageError(`${id}: ${actions[bad]} (entry ${bad}) is not an action of ${describeSpace(space)}`);
}

/** The first entry that is not one of 0, …, n − 1, or −1. A plain loop, because this runs at every step. */
function firstBeyond(actions: ActionBatch, n: number): number {
  for (let i = 0; i < actions.length; i++) if (!(actions[i] >= 0 && actions[i] < n)) return i;
  return -1;
}

function firstNaN(actions: ActionBatch): number {
  for (let i = 0; i < actions.length; i++) if (Number.isNaN(actions[i])) return i;
  return -1;
}
