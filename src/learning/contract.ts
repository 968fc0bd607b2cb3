/** @file The learner contract: what every algorithm implements. See docs/architecture.md. */

import type { Problem } from "../env/contracts.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import type { Transitions } from "../rollout/transitions.js";

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
