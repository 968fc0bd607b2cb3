/** @file What describes a task family of the comparison. */

import type { Task, TaskFamily } from "../../src/env/contracts.js";

export interface World {
  title: string;
  env: string;
  environmentOptions: Record<string, unknown>;
  /** Number of training tasks; 0: each trial draws a new one. */
  train: number;
  /** Number of test tasks; unset: every task of the family once. */
  test?: number;
  /** Number of clusters of the family, if there are more or fewer than four. */
  clusters?: number;
  trialEnd: "bootstrap" | "terminal";
  /** Frames of a run. */
  frames: number;
  methods: readonly string[];
  /** Whether tasks are goals [x, y], and observations begin with the position [x, y] of the agent. */
  traced?: true;
  /** What a step with success is paid, and the names of the clusters: success is counted for each. */
  success?: { reward: number; kinds: readonly string[] };
  /** Whether trials in which all actions are 0 are a reference: they are simulated, once, and kept with the runs. */
  comparesNoAction?: true;
  references(tasks: readonly Task[], family: TaskFamily): Reference[] | Promise<Reference[]>;
}

/** Returns of the episodes of a trial that need no learning. */
export interface Reference {
  name: string;
  returns: number[];
}

/** The goal of a task of a traced world, [x, y]. */
export const goalOf = (task: Task): number[] => (task as { goal: number[] }).goal;

/** MILET without its parts, the other methods, and numbers of clusters: by their names among the methods. */
export const ABLATIONS = [
  "milet-published",
  "milet-one-cluster",
  "milet-no-exploration",
  "milet-no-intrinsic",
  "milet-no-consistency",
  "milet-not-stacked",
];
export const OTHERS = ["pearl", "metacure", "promp", "maml", "mmaml"];
export const COUNTS = ["milet-2", "milet-6", "milet-8", "milet-10"];
