/** @file The base class of vector environments: shared properties and arrays. */

import type { Space } from "../spaces/index.js";
import type { Environment, Task, TaskFamily } from "./contracts.js";
import type { VectorArrays } from "./vector-rows.js";

/** The properties that a vector shares with its environments. */
type Kind = Pick<
  Environment,
  "id" | "observationSpace" | "actionSpace" | "maxEpisodeSteps" | "tasks" | "episodesPerTask"
>;

/** Reads and sets the task of one environment of a vector. */
interface TaskAccess {
  get(i: number): Task;
  set(i: number, task: Task): void;
  setPool(tasks: readonly Task[] | undefined): void;
}

/** The fields of a `VectorEnvironment`; subclasses implement `reset` and `step`. */
export abstract class ArrayVector {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly episodeLimit?: number;
  readonly observations: Float32Array;
  readonly finalObservations: Float32Array;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly tasks?: TaskFamily;
  readonly episodesPerTask?: number;
  readonly trialEnded?: Uint8Array;
  readonly episodeInTrial?: Int32Array;
  readonly stepInEpisode?: Int32Array;
  readonly getTask?: (i: number) => Task;
  readonly setTask?: (i: number, task: Task) => void;
  readonly setTasks?: (tasks: readonly Task[] | undefined) => void;

  /** @param access to tasks, for task families only */
  constructor(
    kind: Kind,
    readonly count: number,
    arrays: VectorArrays,
    access?: TaskAccess,
  ) {
    this.id = kind.id;
    this.observationSpace = kind.observationSpace;
    this.actionSpace = kind.actionSpace;
    this.episodeLimit = kind.maxEpisodeSteps;
    this.observations = arrays.observations;
    this.finalObservations = arrays.finalObservations;
    this.rewards = arrays.rewards;
    this.terminated = arrays.terminated;
    this.truncated = arrays.truncated;
    if (!kind.tasks || !access) return;
    this.tasks = kind.tasks;
    this.episodesPerTask = kind.episodesPerTask;
    this.trialEnded = arrays.trialEnded;
    this.episodeInTrial = arrays.episodeInTrial;
    this.stepInEpisode = arrays.stepInEpisode;
    this.getTask = (i) => access.get(i);
    this.setTask = (i, task) => access.set(i, task);
    this.setTasks = (tasks) => access.setPool(tasks);
  }
}
