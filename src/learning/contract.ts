/** @file The learner contract: what every algorithm implements. See docs/architecture.md. */

import type { Problem, Task, TaskFamily } from "../env/contracts.js";
import type { ArtefactData, Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import type { Trajectory } from "../rollout/trajectory.js";
import type { Transitions } from "../rollout/transitions.js";

/** Metrics of one iteration. `steps` is the number of environment steps so far, or of updates for offline learners. */
export type Metrics = Record<string, number>;

/**
 * The state that checkpoints keep: a tree of typed arrays, numbers, strings, random streams and environments. Nodes
 * with `getState`/`setState` are saved through them; nodes marked `derived` (compiled programs) are rebuilt by `init`.
 */
export type State = object;

/** Abilities of a learner. Callers check these properties and never compare names. */
export interface Abilities {
  /** The policy samples its actions from a density, so that log π(a | s) is finite. */
  readonly density?: boolean;
  /** The policy has memory: its actions depend on earlier observations. */
  readonly memory?: boolean;
  /** The learner is off-policy: it learns from single transitions in a replay, also those of other policies. */
  readonly replay?: boolean;
  /** The learner maximises reward plus entropy with temperature 1. */
  readonly soft?: boolean;
}

/**
 * The contract of everything that is trained: pure steps over a state. A learner never logs, prints or touches a file.
 *
 * @typeParam Source the input of learning: an environment's problem, comparisons, annotations, a pool.
 * @typeParam Artefact the result of learning: a policy, a reward model, a label model, a classifier.
 */
export interface Learner<Source = never, A extends Artefact = Artefact, S extends State = State> {
  readonly name: string;
  /** Resolved options, every default filled in, as plain data for the run's record. */
  readonly options: Record<string, unknown>;
  /** The unit of `metrics.steps`. */
  readonly unit: "environment steps" | "updates" | "sweeps" | "rounds" | "labels";
  /** Default number of steps of a run. */
  readonly defaultSteps: number;
  readonly abilities?: Abilities;
  init(source: Source, rng: Rng): Promise<S>;
  /** One iteration, which changes the state in place. `metrics.steps` counts in `unit`. */
  update(state: S): Promise<Metrics>;
  artefact(state: S): A;
  /** For learners that can learn without acting: the episodes to learn from. A run of them needs no environment. */
  readonly dataSet?: DataSet;
  /** The episodes that such a learner holds out, on which a run without an environment evaluates; absent if it does not. */
  heldOut?(state: S): DataSet;
  /** For learners of task families: the test tasks, on whose trials a run evaluates the policy. */
  testTasks?(family: TaskFamily): readonly Task[];
  /** Lines about the options and the data that a run shows before it starts. */
  readonly notes?: readonly string[];
  /** True when more updates would change nothing. */
  done?(state: S): boolean;
  /** One sentence about how the training ended, such as whether it converged; undefined: there is nothing to say. */
  outcome?(state: S): string | undefined;
}

/** Episodes with their spaces, which take the place of an environment. */
export interface DataSet extends Pick<Problem, "observationSpace" | "actionSpace"> {
  /** The id of the environment, or of the data set. */
  readonly env: string;
  readonly trajectories: readonly Trajectory[];
}

/** The result of a learner, such as a policy: data, never code. */
export interface Artefact {
  toData(): ArtefactData;
}

/** A learner of a policy in an environment. Its artefact is its policy, so it defines only `policy`. */
export interface Algorithm<S extends State = State> extends Omit<Learner<Problem, Policy, S>, "artefact"> {
  policy(state: S): Policy;
  artefact?(state: S): Policy;
}

/** A reinforcement learner whose rewards can be replaced. */
export interface PolicyOptimiser<S extends State = State> extends Algorithm<S> {
  /**
   * One iteration. If given, `rewards` replaces the environment's rewards. An on-policy learner calls it once for a
   * whole rollout, in order; an off-policy learner calls it for each minibatch when the minibatch is drawn, so that
   * changing rewards are never stale. Reported returns stay those of the environment.
   */
  update(state: S, rewards?: RewardSource): Promise<Metrics>;
}

/** Rewards `[B]` that replace the environment's, in adversarial imitation and inverse RL. */
export type RewardSource = (transitions: Transitions) => Promise<ArrayLike<number>>;
