/** @file The messages between the threads of a vector; all are plain data. */

import type { MessagePort } from "node:worker_threads";
import { UsageError } from "../../errors.js";
import type { Tree } from "../../state/snapshot.js";
import type { Autoreset, Environment, ResetOptions, Task } from "../contracts.js";
import type { EnvironmentAddress } from "../registry.js";
import type { Part, Shape } from "./shared-memory.js";

/** The initial data of a worker thread. */
export interface WorkerSetup {
  index: number;
  part: Part;
  address: EnvironmentAddress;
  /** The spaces of the environment in the main thread. */
  spaces: Pick<Environment, "observationSpace" | "actionSpace">;
  autoreset: Autoreset;
  memory: SharedArrayBuffer;
  shape: Shape;
  /** The port to the main thread. */
  port: MessagePort;
}

/** The initial data of the supervisor thread. */
export interface SupervisorSetup {
  workers: WorkerSetup[];
  memory: SharedArrayBuffer;
  shape: Shape;
  /** Sends a {@link Death} to the main thread. */
  deaths: MessagePort;
}

/** A request to a worker between steps. Indices, masks and states refer to the worker's own environments, from 0 on. */
export type Request =
  | { kind: "reset"; options: ResetOptions & { mask?: boolean[] } }
  | { kind: "getState" }
  | { kind: "setState"; state: Tree }
  | { kind: "getTask"; i: number }
  | { kind: "setTask"; i: number; task: Task }
  | { kind: "setTasks"; tasks: readonly Task[] | undefined };

export type Answer = { result?: Tree } | { error: Complaint };

/** An error as plain data, because structured clones lose its class. */
export interface Complaint {
  message: string;
  stack?: string;
  isUsageError: boolean;
}

export interface Death {
  index: number;
  complaint: Complaint;
}

export const complaintOf = (error: unknown): Complaint =>
  error instanceof Error
    ? { message: error.message, stack: error.stack, isUsageError: error instanceof UsageError }
    : { message: String(error), isUsageError: false };
