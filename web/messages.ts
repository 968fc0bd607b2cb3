/** @file The messages between a page and the worker that trains. */

import type { Row, Table } from "../src/runs/sinks/sink.js";

/** What the page sends first. */
export interface Job {
  algorithm: string;
  /** Options of `train` that are plain data. Policies among the options of the algorithm are {@link PackedPolicy}. */
  options: Record<string, unknown>;
  /** The address of the assets. */
  assets?: string;
}

/** A policy as the bytes of its file. */
export interface PackedPolicy {
  packedPolicy: Uint8Array;
}

/** What the page sends to end the run after its iteration. */
export const STOP = "stop";

/** What the page sends to get the policy so far, after the next iteration. */
export const ASK = "ask";

/** What the worker sends. */
export type Report =
  | { kind: "artefact"; artefact: Uint8Array; isPolicy: boolean }
  | { kind: "row"; table: Table; row: Row }
  | { kind: "done"; artefact: Uint8Array; isPolicy: boolean; rest: RunSummary }
  | { kind: "failed"; name: string; message: string; stack?: string };

/** What is known of a run that has ended, besides its policy. */
export interface RunSummary {
  metrics: Row[];
  evaluations: Row[];
  steps: number;
  /** Whether the run was cancelled before its last step. */
  interrupted: boolean;
  outcome?: string;
}
