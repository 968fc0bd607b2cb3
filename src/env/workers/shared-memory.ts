/** @file The memory that a vector shares with its worker threads, divided into arrays and counters. */

import type { ActionBatch } from "../../spaces/values.js";
import type { VectorArrays } from "../vector-rows.js";

/** The sizes that determine the layout of the memory. */
export interface Shape {
  count: number;
  /** The number of entries of an observation. */
  width: number;
  /** The number of entries of an action. */
  actionWidth: number;
  /** Whether actions are `Int32Array`s. */
  integerActions: boolean;
  workers: number;
}

/** The distance between counters, one cache line, to avoid false sharing between cores. */
const LINE = 16;

/** Positions of the counters in `control`. The main thread writes `EPOCH` and `COMMAND`, the other threads the rest. */
export const EPOCH = 0;
export const COMMAND = LINE;
/** The number of workers that have not completed the command of this epoch. The main thread waits on it. */
export const PENDING = 2 * LINE;
/** The number of workers that answered with an error in this epoch. */
export const ERRORS = 3 * LINE;
/** 0, or 1 + the index of the worker that has died. */
export const DEAD = 4 * LINE;
/** The last epoch whose command worker k has completed. */
export const doneOf = (k: number) => (5 + k) * LINE;

/** Commands of an epoch. A request is waiting in the port of each worker that it addresses. */
export const STEP = 1;
export const REQUEST = 2;
export const CLOSE = 3;

/** Subtracted from `PENDING` for a worker that will never answer, so that the main thread stops waiting. */
export const NEVER = 1 << 20;

export interface SharedMemory {
  readonly control: Int32Array;
  readonly arrays: VectorArrays;
  readonly actions: ActionBatch;
}

const entries = ({ count, width, actionWidth, workers }: Shape) => ({
  // In order of decreasing element size, so that each array is aligned.
  rewards: count,
  observations: count * width,
  finalObservations: count * width,
  actions: count * actionWidth,
  control: (5 + workers) * LINE,
  episodeInTrial: count,
  stepInEpisode: count,
  terminated: count,
  truncated: count,
  trialEnded: count,
});

/** The number of bytes for a vector of this shape. */
export function memorySize(shape: Shape): number {
  const { rewards, terminated, truncated, trialEnded, ...words } = entries(shape);
  const sum = (sizes: Record<string, number>) => Object.values(sizes).reduce((a, b) => a + b);
  return 8 * rewards + 4 * sum(words) + terminated + truncated + trialEnded;
}

/** The arrays in `memory`; every thread has views of the same memory. */
export function mapMemory(memory: SharedArrayBuffer, shape: Shape): SharedMemory {
  const sizes = entries(shape);
  let at = 0;
  const take = <T extends { byteLength: number }>(
    kind: new (memory: SharedArrayBuffer, at: number, length: number) => T,
    length: number,
  ): T => {
    const view = new kind(memory, at, length);
    at += view.byteLength;
    return view;
  };
  const rewards = take(Float64Array, sizes.rewards);
  const observations = take(Float32Array, sizes.observations);
  const finalObservations = take(Float32Array, sizes.finalObservations);
  const actions = take<ActionBatch>(shape.integerActions ? Int32Array : Float32Array, sizes.actions);
  const control = take(Int32Array, sizes.control);
  const episodeInTrial = take(Int32Array, sizes.episodeInTrial);
  const stepInEpisode = take(Int32Array, sizes.stepInEpisode);
  const terminated = take(Uint8Array, sizes.terminated);
  const truncated = take(Uint8Array, sizes.truncated);
  const trialEnded = take(Uint8Array, sizes.trialEnded);
  const flags = { terminated, truncated, trialEnded, episodeInTrial, stepInEpisode };
  return { control, arrays: { observations, finalObservations, rewards, ...flags }, actions };
}

/** The consecutive environments of one worker. */
export interface Part {
  first: number;
  count: number;
}

/** `count` environments divided among `workers` threads as evenly as possible. */
export const partsOf = (count: number, workers: number): Part[] =>
  Array.from({ length: workers }, (_, k) => {
    const first = Math.floor((k * count) / workers);
    return { first, count: Math.floor(((k + 1) * count) / workers) - first };
  });

/** The rows of a part. */
export function rowsOfPart(
  { observations, finalObservations, ...flags }: VectorArrays,
  part: Part,
  width: number,
) {
  const rows = <T extends { subarray(from: number, to: number): T }>(array: T, k: number): T =>
    array.subarray(part.first * k, (part.first + part.count) * k);
  const arrays: VectorArrays = {
    observations: rows(observations, width),
    finalObservations: rows(finalObservations, width),
    rewards: rows(flags.rewards, 1),
    terminated: rows(flags.terminated, 1),
    truncated: rows(flags.truncated, 1),
    trialEnded: rows(flags.trialEnded, 1),
    episodeInTrial: rows(flags.episodeInTrial, 1),
    stepInEpisode: rows(flags.stepInEpisode, 1),
  };
  return { ...part, arrays };
}
