/** @file Replays for each training task, and the batches of a meta-learner that are drawn from them. */

import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import { feedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import type { Rng } from "../../../src/random/rng.js";
import { createTransitionBatch, Replay, type TransitionBatch } from "../../../src/rollout/replay.js";
import { allocateActions, box, encodedWidth, spaceWidth } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";

type Spaces = Pick<Problem, "id" | "observationSpace" | "actionSpace">;

/** The replays of K training tasks. Observations are encoded, actions are those of the environment. */
export interface TaskReplays {
  /** All transitions of each task, `[K]`. */
  all: Replay[];
  /**
   * The latest first episodes of each task, `[K]`, which were played without knowing the task. Contexts are drawn from these
   * only: transitions of a policy that knows the task look like no context that an agent can have when it infers it.
   */
  first: Replay[];
}

/** The spaces of the transitions in replays. */
const encodedSpaces = ({ observationSpace, actionSpace }: Omit<Spaces, "id">) => ({
  observationSpace: box([encodedWidth(observationSpace)], -Infinity, Infinity),
  actionSpace,
});

/** Empty replays for `tasks` tasks, whose episodes have `horizon` steps. */
export function taskReplays(
  spaces: Spaces,
  tasks: number,
  horizon: number,
  { replaySize, contextEpisodes }: { replaySize: number; contextEpisodes: number },
): TaskReplays {
  const replay = (capacity: number) =>
    new Replay({ id: spaces.id, count: 1, ...encodedSpaces(spaces) }, capacity);
  return {
    all: Array.from({ length: tasks }, () => replay(replaySize)),
    first: Array.from({ length: tasks }, () => replay(contextEpisodes * horizon)),
  };
}

/** A step of N environments, as rows for replays; overwritten by the next step. */
export interface StepRows extends Omit<TransitionBatch, "returns" | "discounts"> {
  readonly actions: ActionBatch;
  readonly rewards: Float64Array;
}

/** Reads the steps of a vector in its feedback view. */
export class StepReader {
  readonly rows: StepRows;
  private readonly layout;

  constructor(
    private readonly vector: VectorEnvironment,
    { observationSpace, actionSpace }: Omit<Spaces, "id">,
  ) {
    const { count, rewards, terminated } = vector;
    this.layout = feedbackLayout(observationSpace, actionSpace);
    const size = count * this.layout.observation;
    this.rows = {
      observations: new Float32Array(size),
      nextObservations: new Float32Array(size),
      actions: allocateActions(actionSpace, count),
      rewards,
      terminated,
    };
  }

  /** Steps the vector and fills `rows`. */
  step(actions: ActionBatch): void {
    const { rows, layout } = this;
    const vector = this.vector;
    const { width, observation, action } = layout;
    const reached = observation + action + 2;
    const copy = (from: Float32Array, i: number, at: number, to: Float32Array) => {
      for (let k = 0; k < observation; k++) to[i * observation + k] = from[i * width + at + k];
    };
    for (let i = 0; i < vector.count; i++) copy(vector.observations, i, 0, rows.observations);
    rows.actions.set(actions);
    vector.step(actions);
    for (let i = 0; i < vector.count; i++) {
      const ended = vector.terminated[i] | vector.truncated[i];
      copy(ended ? vector.finalObservations : vector.observations, i, reached, rows.nextObservations);
    }
  }
}

/** Sizes of the batches of a gradient step. */
export interface BatchSizes {
  /** Number M of tasks. */
  metaBatch: number;
  /** Number B of transitions of a task. */
  minibatchSize: number;
  /** Number C of transitions in the context of a task, at most those of an episode. */
  contextSize: number;
}

/** Buffers for the batches of up to `steps` gradient steps, and what fills them. */
export class MetaBatches {
  readonly transitions: TransitionBatch;
  readonly context: TransitionBatch;
  /** `[steps · M]`: the tasks drawn. */
  readonly tasks: Int32Array;
  private readonly rows: Int32Array;
  private readonly episode: Int32Array;

  /** @param horizon number of steps of an episode */
  constructor(
    spaces: Omit<Spaces, "id">,
    private readonly sizes: BatchSizes,
    horizon: number,
    steps: number,
  ) {
    const { metaBatch, minibatchSize, contextSize } = sizes;
    this.transitions = createTransitionBatch(encodedSpaces(spaces), steps * metaBatch * minibatchSize);
    this.context = createTransitionBatch(encodedSpaces(spaces), steps * metaBatch * contextSize);
    this.tasks = new Int32Array(steps * metaBatch);
    this.rows = new Int32Array(minibatchSize);
    this.episode = new Int32Array(horizon);
  }

  /** Draws the batches of `steps` gradient steps, each of tasks drawn uniformly, with replacement. */
  draw({ all, first }: TaskReplays, steps: number, discount: number, rng: Rng): void {
    const { metaBatch, minibatchSize, contextSize } = this.sizes;
    const single = { nStep: 1, discount };
    for (let k = 0; k < steps * metaBatch; k++) {
      const task = rng.integer(all.length);
      this.tasks[k] = task;
      all[task].gather(all[task].sample(this.rows, rng), single, this.transitions, k * minibatchSize);
      first[task].gather(this.contextRows(first[task], rng), single, this.context, k * contextSize);
    }
  }

  /**
   * `contextSize` different rows of one of the stored episodes, in order if they are all; while none is whole, rows may
   * repeat.
   */
  private contextRows({ size }: Replay, rng: Rng): Int32Array {
    const episode = this.episode;
    const { contextSize } = this.sizes;
    const horizon = episode.length;
    const start = rng.integer(Math.max(1, Math.floor(size / horizon))) * horizon;
    for (let k = 0; k < horizon; k++) episode[k] = start + (k % size);
    if (contextSize < horizon) {
      for (let k = 0; k < contextSize; k++) {
        const other = k + rng.integer(horizon - k);
        const row = episode[k];
        episode[k] = episode[other];
        episode[other] = row;
      }
    }
    return episode.subarray(0, contextSize);
  }
}

/** The numbers of a gradient step's batches. */
export const numbersOfStep = (spaces: Omit<Spaces, "id">, sizes: BatchSizes): number => {
  const { metaBatch, minibatchSize, contextSize } = sizes;
  const width = 2 * encodedWidth(spaces.observationSpace) + spaceWidth(spaces.actionSpace) + 2;
  return metaBatch * (minibatchSize + contextSize) * width;
};
