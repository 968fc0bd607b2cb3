/** @file The interface of dynamics over arrays, which define fast environments, and the class that runs N copies. */

import { didYouMean, UsageError } from "../errors.js";
import { createRng, type Rng, type RngState } from "../random/rng.js";
import { describeSpace, type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { snapshot, type Tree, type TypedArray } from "../state/snapshot.js";
import type { Info, TabularModel, Task, TaskFamily, VectorEnvironment } from "./contracts.js";
import { Trials } from "./task-families.js";
import { allRows, type VectorArrays } from "./vector-rows.js";

/** N copies of a Markov process, advanced together. Time limits, seeds and autoreset are handled by {@link Copies}. */
export interface Dynamics {
  /**
   * Every array that changes, by name; these are the content of snapshots. Updated in place. For speed, loops should
   * use local variables for these arrays, because captured variables are read again at every use.
   */
  readonly state: Record<string, TypedArray>;
  /** Starts a new episode of copy i; `options` come from `reset({ options })`, with checked names. */
  reset(i: number, rng: Rng, options: Record<string, unknown>): void;
  /**
   * Sets the task of copy i, from `DynamicsSpec.tasks`. Called before the reset that starts a trial, and before a
   * snapshot is written into `state`. Data that only this function writes need not be in `state`, because the task is
   * saved.
   */
  setTask?(i: number, task: Task): void;
  /** Advances every copy i by `actions` row i, drawing from `rngs[i]`, and writes `rewards[i]`, `terminated[i]`. */
  step(actions: ActionBatch, rngs: readonly Rng[], rewards: Float64Array, terminated: Uint8Array): void;
  /** Writes the observations of copies `from` to `to − 1` into their rows of `out` `[N, width]`. */
  observe(from: number, to: number, out: Float32Array): void;
  /** A text picture of copy i. */
  render?(i: number): string;
  /** A picture of copy i as an SVG document. */
  renderSvg?(i: number): string;
  /** The `info` of copy i after a reset or step; used only by the single form. */
  info?(i: number): Info;
  /** Copies state from elsewhere, such as a physics engine, into `state`; called before a snapshot. */
  beforeSave?(): void;
  /** Copies `state` back, for example to a physics engine; called after a snapshot was written into `state`. */
  afterRestore?(): void;
  /** Frees resources that are not garbage collected. */
  close?(): void;
}

/** The definition of an environment with dynamics over arrays. */
export interface DynamicsSpec {
  id: string;
  observationSpace: Space;
  actionSpace: Space;
  /** The number of steps after which an episode is truncated; unset: unlimited. */
  maxEpisodeSteps?: number;
  /** The names that `reset({ options })` accepts. */
  resetOptions: readonly string[];
  dynamics(count: number): Dynamics;
  model?(): TabularModel;
  /** The task family, if the environment is one; its dynamics then have `setTask`. */
  tasks?: TaskFamily;
  /** The number of episodes of a trial, which have the same task. Default 1. */
  episodesPerTask?: number;
}

const NO_OPTIONS: Record<string, unknown> = {};

/** The seed of environment i in a vector that is reset with `seed`: the path of the stream ("env", i). */
export const vectorSeed = (seed: number | string, i: number): string =>
  createRng(seed).stream("env", i).getState().path;

/**
 * Copies rows `from` to `to − 1` of `source` `[N, width]` to `out`; implements `observe` when the state is observed.
 */
export function copyRows(
  source: TypedArray,
  width: number,
  from: number,
  to: number,
  out: Float32Array,
): void {
  // A bulk copy is four times as fast as a loop, but has too much overhead for the single row of a reset.
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

/** N copies with time limits, random streams and trials; the common base of the single and the vector form. */
export class Copies {
  readonly dynamics: Dynamics;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** The trials, for task families. */
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
    this.elapsed = arrays.stepInEpisode;
    const { id, tasks, episodesPerTask = 1 } = spec;
    const play = (i: number, task: Task) => this.dynamics.setTask!(i, task);
    if (tasks) this.trials = new Trials(id, tasks, episodesPerTask, arrays, play);
  }

  /** Starts a new episode in every copy, with the streams of new seeds if `seedOf` is given. */
  reset(options: Record<string, unknown> = NO_OPTIONS, seedOf?: (i: number) => number | string): void {
    for (const name of Object.keys(options)) {
      if (this.spec.resetOptions.includes(name)) continue;
      const hint = didYouMean(name, this.spec.resetOptions);
      throw new UsageError(`${this.spec.id}: unknown reset option "${name}"${hint}`);
    }
    for (let i = 0; i < this.count; i++) {
      if (seedOf) {
        this.rngs[i].reseed(seedOf(i));
        this.trials?.reseed(i);
      }
      // After an immediate restart, the flags still describe the previous episode; `elapsed` is then 0.
      const hasEnded = this.elapsed[i] > 0 && (this.terminated[i] | this.truncated[i]) === 1;
      this.restart(i, options, hasEnded && !seedOf);
    }
    this.rewards.fill(0);
    this.terminated.fill(0);
    this.truncated.fill(0);
    this.trials?.ended.fill(0);
    this.started = true;
  }

  /** Starts a new episode of copy i: the next of its trial if `goesOn`, else the first of a new trial. */
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
      // An episode that terminates at the time limit counts as terminated, not truncated.
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

/** @throws UsageError unless the batch has the length that the vector needs. */
export function refuseBadBatch(vector: VectorEnvironment, actions: ActionBatch): void {
  const needed = vector.count * spaceWidth(vector.actionSpace);
  if (actions.length === needed) return;
  throw new UsageError(
    `${vector.id}: ${vector.count} actions in ${describeSpace(vector.actionSpace)} are ${needed} numbers, not ${actions.length}`,
  );
}

/** @throws UsageError for an invalid discrete action, or NaN in a continuous action. */
export function refuseBadActions(id: string, space: Space, actions: ActionBatch | Float64Array): void {
  const bad = space.kind === "discrete" ? firstBeyond(actions, space.n) : firstNaN(actions);
  if (bad < 0) return;
  throw new UsageError(`${id}: ${actions[bad]} (entry ${bad}) is not an action of ${describeSpace(space)}`);
}

/** The index of the first entry outside 0, …, n − 1, or −1. A plain loop, because this runs at every step. */
function firstBeyond(actions: ActionBatch | Float64Array, n: number): number {
  for (let i = 0; i < actions.length; i++) if (!(actions[i] >= 0 && actions[i] < n)) return i;
  return -1;
}

function firstNaN(actions: ActionBatch | Float64Array): number {
  for (let i = 0; i < actions.length; i++) if (Number.isNaN(actions[i])) return i;
  return -1;
}
