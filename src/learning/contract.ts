/** @file The learner contract: what every algorithm implements. See docs/architecture.md. */

import type { Problem } from "../env/contracts.js";
import type { ArtefactData, Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import type { Transitions } from "../rollout/transitions.js";

/** Numbers of one iteration. `steps` is the number of environment steps so far, or of updates for offline learners. */
export type Metrics = Record<string, number>;

/**
 * All that must survive a kill: a tree of typed arrays, numbers, strings, random streams and environments. Nodes
 * with `getState`/`setState` are saved through them; nodes marked `derived` (compiled programs) are rebuilt by `init`.
 */
export type State = object;

/** What a learner can do. A caller asks for a property, and never compares names. */
export interface Abilities {
  /** The policy samples its actions from a density, so that log π(a | s) is finite. */
  readonly density?: boolean;
  /** The policy remembers: log π(a | s) depends on what came before. */
  readonly memory?: boolean;
  /** It learns from single transitions out of a replay, also from ones that another policy made. */
  readonly replay?: boolean;
  /** It maximises reward plus entropy with temperature 1. */
  readonly soft?: boolean;
}

/**
 * Everything that is trained: pure steps over a state. A learner never logs, prints or touches a file.
 *
 * @typeParam Source what it learns from: an environment's problem, comparisons, annotations, a pool.
 * @typeParam Artefact what it makes: a policy, a reward model, a label model, a classifier.
 */
export interface Learner<Source = never, A extends Artefact = Artefact, S extends State = State> {
  readonly name: string;
  /** Resolved options, every default filled in, as plain data for the run's record. */
  readonly options: Record<string, unknown>;
  /** What `metrics.steps` counts. */
  readonly unit: "environment steps" | "updates" | "sweeps" | "rounds";
  /** Steps of a run, where the user gives none. */
  readonly defaultSteps: number;
  readonly abilities?: Abilities;
  init(source: Source, rng: Rng): Promise<S>;
  /** One iteration, in place. `metrics.steps` counts in `unit`. */
  update(state: S): Promise<Metrics>;
  artefact(state: S): A;
  /** True when more updates would change nothing. */
  done?(state: S): boolean;
}

/** What a learner makes: data, never code. A policy is one. */
export interface Artefact {
  toData(): ArtefactData;
}

/** A learner of a policy in an environment: its artefact is its policy, and it needs to give it only once. */
export interface Algorithm<S extends State = State> extends Omit<Learner<Problem, Policy, S>, "artefact"> {
  policy(state: S): Policy;
  artefact?(state: S): Policy;
}

/** A reinforcement learner that can be given other rewards than the environment's. */
export interface PolicyOptimiser<S extends State = State> extends Algorithm<S> {
  /**
   * One iteration. With `rewards`, these replace the environment's rewards: an on-policy learner asks once for a whole
   * rollout in its order, and an off-policy one for each minibatch when it is drawn, so that rewards which change are
   * never out of date. The returns it reports stay the environment's.
   */
  update(state: S, rewards?: RewardSource): Promise<Metrics>;
}

/** Rewards `[B]` in place of the environment's: what adversarial and inverse methods have their learner maximise. */
export type RewardSource = (transitions: Transitions) => Promise<ArrayLike<number>>;
