/** @file A trajectory: one episode as arrays, with T + 1 observations for T actions. */

import { DEFAULT_EPISODE_LIMIT } from "../env/episode-limit.js";
import { allocateActions, type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

/** One episode, or a recorded part of one. Immutable. */
export interface Trajectory {
  /** `[T + 1, w]`: the last row is the observation after the last action, so truncated episodes can be bootstrapped. */
  readonly observations: Float32Array;
  /** `[T, k]`: the executed actions, which are within the bounds of a box. */
  readonly actions: ActionBatch;
  /** `[T]`, in float64 so that the return is an exact sum. */
  readonly rewards: Float64Array;
  /** Whether the episode ended in a terminal state. */
  readonly terminated: boolean;
  /** Whether the time limit ended the episode. */
  readonly truncated: boolean;
  /** Whether the limit of the rollout cut it, because the environment did not end it. Then it is truncated too. */
  readonly cutByLimit?: true;
}

/** The undiscounted return: the sum of the rewards. */
export function trajectoryReturn({ rewards }: Pick<Trajectory, "rewards">): number {
  let sum = 0;
  for (const reward of rewards) sum += reward;
  return sum;
}

/** The number of trajectories that the limit of a rollout cut. */
export const countCut = (trajectories: readonly Pick<Trajectory, "cutByLimit">[]): number =>
  trajectories.filter(({ cutByLimit }) => cutByLimit).length;

/** The warning about episodes that a limit cut, for a command's output; undefined where none was cut. */
export const cutWarning = (cut: number, episodes?: number): string | undefined =>
  cut === 0
    ? undefined
    : `warning: ${episodes === undefined ? cut : `${cut} of ${episodes}`} episodes did not end and were cut by the limit on steps, so returns count only ` +
      `the part that was played; --max-episode-steps sets the limit (${DEFAULT_EPISODE_LIMIT} where the environment ` +
      "has none)";

/** Records one environment's transitions and cuts them into trajectories; its buffers grow by doubling. */
export interface TrajectoryRecorder {
  /** The number of steps of the episode so far. */
  readonly steps: number;
  /** Records row `row` of a batch: the observation before the action, and the action. */
  act(observations: Float32Array, actions: ActionBatch, row: number): void;
  reward(reward: number): void;
  /** Ends the episode with row `row` of the final observations, returns it, and starts the next one. */
  finish(finalObservations: Float32Array, row: number, ending: Ending): Trajectory;
}

/** How an episode ended. */
type Ending = Pick<Trajectory, "terminated" | "truncated" | "cutByLimit">;

const INITIAL_STEPS = 64;

export function createRecorder(observationSpace: Space, actionSpace: Space): TrajectoryRecorder {
  const width = spaceWidth(observationSpace);
  const actionWidth = spaceWidth(actionSpace);
  let observations = new Float32Array((INITIAL_STEPS + 1) * width);
  let actions = allocateActions(actionSpace, INITIAL_STEPS);
  let rewards = new Float64Array(INITIAL_STEPS);
  let steps = 0;

  const grow = () => {
    const [oldObservations, oldActions, oldRewards] = [observations, actions, rewards];
    const capacity = 2 * oldRewards.length;
    observations = new Float32Array((capacity + 1) * width);
    observations.set(oldObservations);
    actions = allocateActions(actionSpace, capacity);
    actions.set(oldActions);
    rewards = new Float64Array(capacity);
    rewards.set(oldRewards);
  };

  return {
    get steps() {
      return steps;
    },
    act(batch, chosen, row) {
      if (steps === rewards.length) grow();
      for (let j = 0; j < width; j++) observations[steps * width + j] = batch[row * width + j];
      for (let j = 0; j < actionWidth; j++) {
        actions[steps * actionWidth + j] = chosen[row * actionWidth + j];
      }
    },
    reward(reward) {
      rewards[steps++] = reward;
    },
    finish(finalObservations, row, ending) {
      for (let j = 0; j < width; j++) observations[steps * width + j] = finalObservations[row * width + j];
      const trajectory: Trajectory = {
        observations: observations.slice(0, (steps + 1) * width),
        actions: actions.slice(0, steps * actionWidth),
        rewards: rewards.slice(0, steps),
        ...ending,
      };
      steps = 0;
      return trajectory;
    },
  };
}
