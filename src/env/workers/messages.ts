/** @file What the threads of a vector say to each other, all of it plain data. */

import type { MessagePort } from "node:worker_threads";
import { UsageError } from "../../errors.js";
import type { Tree } from "../../state/snapshot.js";
import type { Autoreset, ResetOptions, Task } from "../contracts.js";
import type { EnvironmentAddress } from "../registry.js";
import type { Part, Shape } from "./shared-memory.js";

/** What a worker thread is started with. */
export interface WorkerSetup {
  index: number;
  part: Part;
  address: EnvironmentAddress;
  autoreset: Autoreset;
  memory: SharedArrayBuffer;
  shape: Shape;
  /** To the main thread. */
  port: MessagePort;
}

/** What the thread that watches over the workers is started with. */
export interface SupervisorSetup {
  workers: WorkerSetup[];
  memory: SharedArrayBuffer;
  shape: Shape;
  /** Takes {@link Death}s to the main thread. */
  deaths: MessagePort;
}

/** What a worker is asked between steps, of its own environments: numbered from 0, masks and states cut to size. */
export type Request =
  | { kind: "reset"; options: ResetOptions & { mask?: boolean[] } }
  | { kind: "getState" }
  | { kind: "setState"; state: Tree }
  | { kind: "getTask"; i: number }
  | { kind: "setTask"; i: number; task: Task };

export type Answer = { result?: Tree } | { error: Complaint };

/** An error as plain data: structured clones forget its class. */
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
