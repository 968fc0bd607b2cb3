/**
 * @file The interfaces of environments: single, vectorised, tabular models and task families. See docs/architecture.md.
 */

import type { Rng } from "../random/rng.js";
import type { Action, ActionBatch, Observation, Space } from "../spaces/index.js";
import type { Tree } from "../state/snapshot.js";

/** Names of actions and of the entries of an observation, displayed in place of numbers. */
export interface Names {
  actions?: readonly string[];
  observations?: readonly string[];
}

export type Info = Record<string, unknown>;

export interface ResetOptions {
  /** Reseeds the environment's random stream; without a seed the stream continues. */
  seed?: number | string;
  /** Options of the environment, for example `{ state }` for classic control. */
  options?: Record<string, unknown>;
}

export interface StepResult<O extends Observation = Observation> {
  observation: O;
  reward: number;
  /** Whether the episode ended in a terminal state, whose value is 0. */
  terminated: boolean;
  /** Whether the time limit ended the episode; its last state must be bootstrapped. */
  truncated: boolean;
  info: Info;
}

/** An object whose state can be saved as plain data and restored exactly. */
export interface Snapshotable<S = unknown> {
  getState(): S;
  setState(state: S): void;
}

/** A task of a family, as plain data. Never `undefined`. */
export type Task = Tree;

/** A distribution over tasks with the same spaces. */
export interface TaskFamily<T extends Task = Task> {
  /** The number of latent clusters of tasks; 1 without such structure. */
  readonly clusters: number;
  sampleTask(rng: Rng): T;
  /** The cluster of a task, from 0 on. For evaluation only: learners must not use it. */
  clusterOf(task: T): number;
  /**
   * The most likely cluster of a task for someone who sees all of it but its cluster, if clusters overlap; unset: that is
   * `clusterOf`. No learner can be expected to find the cluster more often. For evaluation only.
   */
  nearestCluster?(task: T): number;
  /**
   * The task, with defaults filled in.
   *
   * @throws UsageError when the task does not belong to this family.
   */
  checkTask(task: Task): T;
  /** The exact model of a task, for families that have one. */
  model?(task: T): TabularModel;
}

/** A single environment with Gymnasium v1 semantics. */
export interface Environment<O extends Observation = Observation> {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** The number of steps after which an episode is truncated, if limited. */
  readonly maxEpisodeSteps?: number;
  reset(options?: ResetOptions): { observation: O; info: Info };
  step(action: Action): StepResult<O>;
  /**
   * Whether return values already have the form of the spaces (numbers for discrete spaces, new `Float32Array`s for
   * boxes), so that the adapter does not check them. For environments of this project and their wrappers.
   */
  readonly trusted?: boolean;
  /** A text picture of the current state. */
  render?(): string;
  /** A picture of the current state as an SVG document. */
  renderSvg?(): string;
  close?(): void;
  /** Dynamics, time limit and random stream: restoring it continues bit for bit. */
  getState?(): Tree;
  setState?(state: Tree): void;
  /** The exact model, for environments that have one. */
  model?(): TabularModel;
  /**
   * The tasks of a task family. A trial consists of `episodesPerTask` episodes of one task; then another task is drawn.
   * A reset after the end of an episode continues the trial; a reset with a seed, or during an episode, starts a new
   * trial. `info.episodeInTrial` counts from 0. `info.trialEnded` is true at the last step of a trial, after which
   * information about the task is outdated.
   */
  readonly tasks?: TaskFamily;
  readonly episodesPerTask?: number;
  /** The current task. For evaluation only: learners must not use it. */
  getTask?(): Task;
  /** Ends the trial with the current episode and uses `task` in all later trials; `undefined`: draw tasks again. */
  setTask?(task: Task): void;
  /**
   * Draws the tasks of later trials uniformly from these; `undefined`: from the family again. Not part of snapshots:
   * call it again before a snapshot is restored.
   */
  setTasks?(tasks: readonly Task[] | undefined): void;
}

/** An environment whose exact model is known. */
export interface TabularEnvironment<O extends Observation = Observation> extends Environment<O> {
  model(): TabularModel;
}

/** A task family as an environment. */
export interface TaskEnvironment<T extends Task, O extends Observation = Observation> extends Environment<O> {
  readonly tasks: TaskFamily<T>;
  readonly episodesPerTask: number;
  getTask(): T;
  setTask(task: Task): void;
  setTasks(tasks: readonly Task[] | undefined): void;
}

/**
 * When the next episode starts: `same-step`: in the step that ends an episode; `next-step`: in the following step,
 * whose action is ignored and whose row is not a transition; `disabled`: at `reset({ mask })`.
 */
export type Autoreset = "same-step" | "next-step" | "disabled";

export interface VectorResetOptions extends ResetOptions {
  /** With autoreset "disabled": `[N]`, the environments to reset. Default: all. */
  mask?: ArrayLike<number | boolean>;
}

/**
 * N environments stepped together over typed arrays, with same-step autoreset: when an episode ends in row i,
 * `observations` row i already holds the first observation of the next episode and `finalObservations` row i the
 * last observation of the ended episode. The arrays belong to the vector and are overwritten by `reset` and `step`.
 *
 * In a snapshot, every plain or typed array has one row per environment, in order, so the snapshots of the parts of a
 * vector can be joined to the snapshot of the whole.
 */
export interface VectorEnvironment extends Snapshotable<Tree> {
  readonly id: string;
  readonly count: number;
  /** Default "same-step". In the other modes, `observations` holds the last observation of an ended episode. */
  readonly autoreset?: Autoreset;
  /**
   * The number of steps after which a rollout of whole episodes cuts an episode: the environments' time limit, or a
   * lower one that was asked for. Default: 10 000, so that rollouts end where environments do not.
   */
  readonly episodeLimit?: number;
  /** The space of one environment. */
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
  /** With a seed, environment i draws from the stream ("env", i) of that seed; without a seed, the streams continue. */
  reset(options?: VectorResetOptions): void;
  step(actions: ActionBatch): void;
  close(): void;
  /** The task family, as for single environments. */
  readonly tasks?: TaskFamily;
  readonly episodesPerTask?: number;
  /**
   * For task families, `[N]`, 0 or 1: whether the ended episode was the last of its trial. Recurrent state is reset at
   * the end of a trial, not at the end of its other episodes.
   */
  readonly trialEnded?: Uint8Array;
  /** For task families, `[N]`: the index of the current episode in its trial, from 0 on. */
  readonly episodeInTrial?: Int32Array;
  /** For task families, `[N]`: the number of steps so far in the current episode. */
  readonly stepInEpisode?: Int32Array;
  getTask?(i: number): Task;
  setTask?(i: number, task: Task): void;
  /** As for single environments; all rows draw from the same set, each with its own stream. */
  setTasks?(tasks: readonly Task[] | undefined): void;
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
  /** The probabilities of the next states; they sum to 1 within a pair. */
  readonly probability: Float64Array;
  /** Reward of each transition, `[entries]`. */
  readonly reward: Float64Array;
  /** Initial distribution, `[states]`. */
  readonly initial: Float64Array;
  /** Terminal states, which loop to themselves with reward 0, `[states]`, 0 or 1. */
  readonly terminal: Uint8Array;
  /** γ in [0, 1). */
  readonly discount: number;
  /** The observation of each state as a flat row, `[states, width]`: the input of policies. */
  readonly observations: Float32Array;
  /** Features of each state, as arguments of a reward function, `[states][width]`, for tasks that define some. */
  readonly features?: readonly (readonly number[])[];
  /** The picture of states on a grid: state s is in cell `cells[s]` of rows × columns. */
  readonly grid?: { rows: number; columns: number; cells: Int32Array; walls: Uint8Array; labels?: string[] };
}

/** The problem that an algorithm solves: spaces, a source of environments and, if known, the exact model. */
export interface Problem {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** `count` fresh environments, seeded from `rng` and reset. */
  vector(count: number, rng: Rng): Promise<VectorEnvironment>;
  /** The problem has the spaces of a data set, and no environment: `vector` is refused. */
  readonly isData?: true;
  /** The exact model, for the tabular algorithms and diagnostics. */
  readonly model?: TabularModel;
  /** For task families: the tasks, the number of episodes of a trial, and the time limit of an episode (steps). */
  readonly family?: { tasks: TaskFamily; episodesPerTask: number; maxEpisodeSteps?: number };
}
