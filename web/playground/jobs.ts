/** @file What the playground's page asks of its second worker, which draws, so that the page never blocks. */

import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import type { Row } from "../../src/runs/sinks/sink.js";

/** The choices of the page. */
export interface Choice {
  env: string;
  algorithm: string;
}

/** What is known of a choice before it is trained. */
export interface Outlook {
  /** What the environment is, in a line. */
  summary: string;
  /** The algorithms of the page that learn in it. */
  algorithms: string[];
}

/** Whom an algorithm imitates; nobody where it learns from the reward. */
export interface Imitated<Policy> {
  demonstrations?: Demonstrations;
  expert?: Policy;
}

/** What a run needs. */
export interface Plan {
  steps: number;
  unit: string;
  /** The policy as the bytes of its file. */
  imitated: Imitated<Uint8Array>;
}

/** A run as it stands. Its configuration is in its folder. */
export interface Progress {
  folder: string;
  metrics: Row[];
  evaluations: Row[];
}

/** A policy to show. */
export interface Shown {
  env: string;
  /** The bytes of its file. */
  policy: Uint8Array;
  title: string;
}

/** The tasks of the worker: what each is given and what it returns. */
export interface Tasks {
  outlook(env: string): Promise<Outlook>;
  plan(choice: Choice & { options: Record<string, unknown>; steps?: number }): Promise<Plan>;
  /** The charts of a run, as HTML. */
  curves(progress: Progress): Promise<string>;
  /** The report of a run, as an HTML document. */
  report(progress: Progress): Promise<string>;
  /** An episode of a policy, as an HTML document. */
  episode(shown: Shown): Promise<string>;
  /** The values of the states on a map, as HTML; empty where there is none. */
  values(shown: Shown): Promise<string>;
}

export type TaskName = keyof Tasks;

export interface Request {
  id: number;
  task: TaskName;
  argument: unknown;
}

export type Answer = { id: number; result: unknown } | { id: number; error: string };
