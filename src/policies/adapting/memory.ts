/**
 * @file The memory of an adapting policy in a trial: the episodes that it learns from, and its adapted parameters, as one
 * row of numbers. A row of zeros is the start of a trial.
 */

import type { FeedbackLayout } from "../../env/wrappers/feedback-view.js";
import type { Episodes } from "./advantages.js";

/** What a memory holds. */
export interface MemoryShape {
  /** Episodes before an inner step, K. */
  episodes: number;
  /** Largest number of steps of an episode, H. */
  horizon: number;
  /** Numbers of an encoded observation, and of an action. */
  observation: number;
  action: number;
  /** Number of parameters that are adapted, and of numbers of the modulation. */
  parameters: number;
  modulation: number;
}

/** Counters at the start of a row: inner steps taken, episodes since the last one, and steps of the current episode. */
const COUNTERS = 3;

/** The memories of N rows, as views into one array `[N, width]`, which they change in place. */
export class TrialMemory {
  private readonly at: Record<
    "lengths" | "rewards" | "observations" | "actions" | "modulation" | "parameters",
    number
  >;
  /** The number of numbers of a row. */
  readonly width: number;

  constructor(readonly shape: MemoryShape) {
    const { episodes, horizon, observation, action, parameters, modulation } = shape;
    const rewards = COUNTERS + episodes;
    const observations = rewards + episodes * horizon;
    const actions = observations + episodes * horizon * observation;
    const changes = actions + episodes * horizon * action;
    const adapted = changes + modulation;
    this.at = {
      lengths: COUNTERS,
      ...{ rewards, observations, actions, modulation: changes, parameters: adapted },
    };
    this.width = adapted + parameters;
  }

  /** The row of environment i. */
  row(state: Float32Array, i: number): Float32Array {
    return state.subarray(i * this.width, (i + 1) * this.width);
  }

  /** The number of inner steps taken in the trial. */
  innerSteps(row: Float32Array): number {
    return row[0];
  }

  /**
   * Adds what the last action caused, from a feedback row. Returns whether the last of the K episodes has ended, so that an
   * inner step is due.
   */
  observe(row: Float32Array, feedback: Float32Array, layout: FeedbackLayout): boolean {
    const reward = layout.observation + layout.action;
    const [, episode, steps] = row;
    if (steps === 0) return false;
    row[this.at.rewards + episode * this.shape.horizon + steps - 1] = feedback[reward];
    if (feedback[reward + 1] === 0) return false;
    row[this.at.lengths + episode] = steps;
    row[1] = episode + 1;
    row[2] = 0;
    return row[1] === this.shape.episodes;
  }

  /** Whether the current episode already has H steps, so that no other can be added. */
  isFull(row: Float32Array): boolean {
    return row[2] >= this.shape.horizon;
  }

  /** Adds an observation, encoded, and the action on it. */
  act(row: Float32Array, observation: Float32Array, action: ArrayLike<number>): void {
    const entry = row[1] * this.shape.horizon + row[2];
    row.set(observation, this.at.observations + entry * this.shape.observation);
    row.set(action, this.at.actions + entry * this.shape.action);
    row[2]++;
  }

  /** The episodes since the last inner step, and their actions `[K, H, k]`, as views. */
  episodes(row: Float32Array): Episodes & { actions: Float32Array } {
    const { lengths, rewards, observations, actions, modulation } = this.at;
    return {
      horizon: this.shape.horizon,
      lengths: row.subarray(lengths, rewards),
      rewards: row.subarray(rewards, observations),
      observations: row.subarray(observations, actions),
      actions: row.subarray(actions, modulation),
    };
  }

  /** The adapted parameters, as a view; zeros before the first inner step. */
  parameters(row: Float32Array): Float32Array {
    return row.subarray(this.at.parameters);
  }

  /** The modulation, as a view; zeros before the first inner step. */
  modulation(row: Float32Array): Float32Array {
    return row.subarray(this.at.modulation, this.at.parameters);
  }

  /** Stores the parameters after an inner step, and forgets the episodes that it was computed from. */
  adapt(row: Float32Array, parameters: Float32Array): void {
    row.set(parameters, this.at.parameters);
    row[0]++;
    row.fill(0, 1, this.at.modulation);
  }
}
