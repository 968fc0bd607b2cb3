/** @file The contracts of environments: single, vectorised, tabular models and task families. See docs/architecture.md. */

import type { Rng } from "../random/rng.js";
import type { Action, ActionBatch, Observation, Space } from "../spaces/index.js";
import type { Tree } from "../state/snapshot.js";

export type Info = Record<string, unknown>;

export interface ResetOptions {
  /** Reseeds the environment's own stream; without it the stream goes on. */
  seed?: number | string;
  /** Environment-specific, for example `{ state }` for the classic-control ones. */
  options?: Record<string, unknown>;
}

export interface StepResult {
  observation: Observation;
  reward: number;
  /** The task ended: the value of what follows is 0. */
  terminated: boolean;
  /** The time limit cut the episode: the value of what follows is still owed. */
  truncated: boolean;
  info: Info;
}

/** Whatever can be saved to plain data and restored exactly. */
export interface Snapshotable<S = unknown> {
  getState(): S;
  setState(state: S): void;
}

/** Plain data that says which of a family's tasks is played. Never `undefined`. */
export type Task = Tree;

/** A distribution over tasks that share their spaces. */
export interface TaskFamily<T extends Task = Task> {
  /** Latent groups that tasks come from; 1 where there is no such structure. */
  readonly clusters: number;
  sampleTask(rng: Rng): T;
  /** The group that a task came from, from 0. For evaluation only: no learner may be told. */
  clusterOf(task: T): number;
  /**
   * The task, with defaults filled in.
   *
   * @throws {UsageError} when it is none of this family.
   */
  checkTask(task: Task): T;
  /** The exact model of a task, where the family knows it. */
  model?(task: T): TabularModel;
}

/** A single environment with Gymnasium v1 semantics. */
export interface Environment {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Steps after which an episode is truncated, where there is such a limit. */
  readonly maxEpisodeSteps?: number;
  reset(options?: ResetOptions): { observation: Observation; info: Info };
  step(action: Action): StepResult;
  /**
   * What it returns is already in the one form of its spaces (numbers for discrete ones, fresh `Float32Array`s for
   * boxes), so that the adapter passes it through unchecked. For environments of this project and wrappers of them.
   */
  readonly trusted?: boolean;
  /** A text picture of the current state. */
  render?(): string;
  /** The same as an SVG document. */
  renderSvg?(): string;
  close?(): void;
  /** Dynamics, time limit and random stream: restoring it continues bit for bit. */
  getState?(): Tree;
  setState?(state: Tree): void;
  /** The exact model, where the environment knows it. */
  model?(): TabularModel;
  /**
   * The tasks of an environment that is a family of them. A trial is `episodesPerTask` episodes of one task, after
   * which another is drawn. Resetting after the end of an episode goes on with the trial; resetting with a seed or in
   * the middle of an episode starts a new one. `info.episodeInTrial` counts from 0, and `info.trialEnded` is true at
   * the last step of a trial, which is where what was learnt about the task goes out of date.
   */
  readonly tasks?: TaskFamily;
  readonly episodesPerTask?: number;
  /** The task being played. For evaluation only: no learner may be told. */
  getTask?(): Task;
  /** Ends the trial with the current episode and plays `task` in all that follow; `undefined` draws tasks again. */
  setTask?(task: Task): void;
}

/**
 * When the next episode starts: in the step that ends one, in the step after it (whose action is then ignored, and
 * whose row is no transition), or when `reset({ mask })` says so.
 */
export type Autoreset = "same-step" | "next-step" | "disabled";

export interface VectorResetOptions extends ResetOptions {
  /** With autoreset "disabled": `[N]`, the environments to reset; without it, all are. */
  mask?: ArrayLike<number | boolean>;
}

/**
 * N environments stepped together over typed arrays, with same-step autoreset: when an episode ends in row i,
 * `observations` row i already holds the first observation of the next episode and `finalObservations` row i the
 * last one of the episode that ended. The arrays belong to the vector and are overwritten by `reset` and `step`.
 *
 * In a snapshot every array, plain or typed, has a row an environment, one after the other; so the snapshots of parts
 * of a vector make up that of the whole.
 */
export interface VectorEnvironment extends Snapshotable<Tree> {
  readonly id: string;
  readonly count: number;
  /** "same-step" unless it says otherwise. In the other modes `observations` holds the last one of an ended episode. */
  readonly autoreset?: Autoreset;
  /** Of one environment. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** `[N, width]`, where `width = spaceWidth(observationSpace)`. */
  readonly observations: Float32Array;
  /** `[N, width]`; a row is meaningful when its `terminated` or `truncated` is 1. */
  readonly finalObservations: Float32Array;
  /** `[N]`, in float64 so that raw returns are exact sums. */
  readonly rewards: Float64Array;
  /** `[N]`, 0 or 1. */
  readonly terminated: Uint8Array;
  /** `[N]`, 0 or 1. */
  readonly truncated: Uint8Array;
  /** With a seed, environment i draws from the stream ("env", i) of that seed; without, streams go on. */
  reset(options?: VectorResetOptions): void;
  step(actions: ActionBatch): void;
  close(): void;
  /** As of single environments, for environment i. */
  readonly tasks?: TaskFamily;
  readonly episodesPerTask?: number;
  /**
   * Of task families, `[N]`, 0 or 1: the episode that ended was the last of its trial. Recurrent state is reset here,
   * and not at the other ends of episodes.
   */
  readonly trialEnded?: Uint8Array;
  getTask?(i: number): Task;
  setTask?(i: number, task: Task): void;
}

/**
 * A finite Markov decision process as sparse arrays (CSR over state–action pairs). Pair (s, a) owns the entries
 * `rowStart[s * actions + a]` to `rowStart[s * actions + a + 1]` of `next`, `probability` and `reward`.
 */
export interface TabularModel {
  readonly states: number;
  readonly actions: number;
  /** `[states × actions + 1]`. */
  readonly rowStart: Int32Array;
  /** Next states, `[entries]`. */
  readonly next: Int32Array;
  /** Their probabilities, summing to 1 within a pair. */
  readonly probability: Float64Array;
  /** Reward of each transition, `[entries]`. */
  readonly reward: Float64Array;
  /** Initial distribution, `[states]`. */
  readonly initial: Float64Array;
  /** Absorbing states where the episode has ended: they loop to themselves with reward 0, `[states]`, 0 or 1. */
  readonly terminal: Uint8Array;
  /** γ in [0, 1). */
  readonly discount: number;
  /** The observation of each state as a flat row, `[states, width]`: what a policy is asked about. */
  readonly observations: Float32Array;
  /** Numbers of each state that a reward may be a function of, `[states][width]`, where the task has some of its own. */
  readonly features?: readonly (readonly number[])[];
  /** How to draw the states, where they live on a grid: state s is in cell `cells[s]` of a rows × columns picture. */
  readonly grid?: { rows: number; columns: number; cells: Int32Array; walls: Uint8Array; labels?: string[] };
}

/** What an algorithm is asked to solve. */
export interface Problem {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** `count` fresh environments, seeded from `rng` and reset. */
  vector(count: number, rng: Rng): Promise<VectorEnvironment>;
  /** The exact model, for the tabular algorithms and diagnostics. */
  readonly model?: TabularModel;
}
