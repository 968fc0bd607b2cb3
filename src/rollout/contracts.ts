/** @file The contracts that environments, policies and algorithms meet: see docs/architecture.md. */

import type { Tree } from "../data/tree.js";
import type { Rng, RngState } from "../random/rng.js";
import type { Space } from "../spaces/index.js";

/** One observation of a single environment: a number for a discrete space, a flat array for a box, and so on. */
export type Observation =
  | number
  | Float32Array
  | ArrayLike<number>
  | { [key: string]: Observation }
  | Observation[];

/** One action of a single environment: a number for a discrete space, else a flat array. */
export type Action = number | ArrayLike<number>;

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

/** Actions of N environments: `[N]` for discrete, `[N, k]` for multi-discrete, `[N, d]` for boxes. */
export type ActionBatch = Int32Array | Float32Array;

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

export interface ActOptions {
  rng: Rng;
  /** The mode instead of a sample. */
  deterministic?: boolean;
  /** Recurrent state of the batch, from the previous call. */
  state?: Float32Array;
}

export interface ActResult {
  actions: ActionBatch;
  /** Actions before they were clipped to the bounds of their box, from policies that do: what they learn from. */
  unclipped?: Float32Array;
  /** `[N]` log-probability (density) of each action, before any clipping. */
  logProbs?: Float32Array;
  /** `[N]` value estimates, from policies whose critic goes by the recurrent state; of others, ask `value` in bulk. */
  values?: Float32Array;
  state?: Float32Array;
}

/** A policy as data: JSON-able settings and named weight arrays; never code. */
export interface PolicyData {
  kind: string;
  settings: Record<string, unknown>;
  arrays: Record<string, { shape: number[]; data: Float32Array | Float64Array | Int32Array }>;
}

/** What acts. Observation batches are flat rows `[N, width]`. */
export interface Policy {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  act(observations: Float32Array, options: ActOptions): Promise<ActResult>;
  /** Log-probability (density) of each action, `[N]`, given the recurrent state before it; without, it is empty. */
  logProb(observations: Float32Array, actions: ActionBatch, state?: Float32Array): Promise<Float32Array>;
  /** Action probabilities `[N, actions]`: discrete actions only, of policies without recurrent state. */
  probabilities?(observations: Float32Array): Promise<Float64Array>;
  /** State values `[N]`, where the policy carries a critic; `state` as for `logProb`. */
  value?(observations: Float32Array, state?: Float32Array): Promise<Float32Array>;
  toData(): PolicyData;
  /** The forward program with its weights baked in, as the bytes of an `.onnx` file, where there is a network. */
  toOnnx?(): Uint8Array;
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

/** Numbers of one iteration. `steps` is the number of environment steps so far, or of updates for offline learners. */
export type Metrics = Record<string, number>;

/**
 * All that must survive a kill: a tree of typed arrays, numbers, strings, random streams and environments. Nodes
 * with `getState`/`setState` are saved through them; nodes marked `derived` (compiled programs) are rebuilt by `init`.
 */
export type State = object;

/** A learner as pure steps over its state. It never logs, prints or touches a file. */
export interface Algorithm<S extends State = State> {
  readonly name: string;
  /** Resolved options, every default filled in, as plain data for the run's record. */
  readonly options: Record<string, unknown>;
  /** `options` must say here what `steps` counts: environment steps, or gradient updates of offline learners. */
  readonly unit: "environment steps" | "updates" | "sweeps" | "rounds";
  /** How many steps it takes when the user does not say. */
  readonly defaultSteps: number;
  init(problem: Problem, rng: Rng): Promise<S>;
  /** One iteration, in place. `metrics.steps` counts in `unit`. */
  update(state: S): Promise<Metrics>;
  policy(state: S): Policy;
  /** True when more updates would change nothing. */
  done?(state: S): boolean;
}

/** Transitions that a policy optimiser is about to learn from, B of them. */
export interface Transitions {
  /** `[B, width]`, as the environment gave them. */
  readonly observations: Float32Array;
  /** As the policy drew them, before any clipping to the bounds of their box. */
  readonly actions: ActionBatch;
  /** `[B, width]`: what the action led to, also where an episode ended there. */
  readonly nextObservations: Float32Array;
  /** `[B]`, 0 or 1. */
  readonly terminated: Uint8Array;
  /** Of a rollout, `[B]`, 0 or 1: the time limit cut the episode here. */
  readonly truncated?: Uint8Array;
  /** Of a rollout: how many environments stepped together; row t × environments + i is step t of environment i. */
  readonly environments?: number;
}

/** Rewards `[B]` in place of the environment's: what adversarial and inverse methods have their learner maximise. */
export type RewardSource = (transitions: Transitions) => Promise<ArrayLike<number>>;

/** A reinforcement learner that can be given other rewards than the environment's. */
export interface PolicyOptimiser<S extends State = State> extends Algorithm<S> {
  /**
   * One iteration. With `rewards`, what it learns from is rewarded by that instead: an on-policy learner asks once,
   * about a whole rollout in its order, and an off-policy one about each minibatch when it is drawn, so that rewards
   * which change are never out of date. The returns it reports stay the environment's.
   */
  update(state: S, rewards?: RewardSource): Promise<Metrics>;
}

export type { Rng, RngState };
