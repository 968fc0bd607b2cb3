/** @file What the teaching server and its page say to each other, as JSON. */

import type { Names } from "../env/contracts.js";
import type { KindName } from "../people/kinds/index.js";
import type { Space } from "../spaces/space.js";

/** Pictures of a question. Lines that several pictures share are sent once. */
export interface Film {
  lines: string[];
  /** SVG documents by the part of the question, such as `left`: the numbers of the lines of each picture. */
  parts: Record<string, number[][]>;
}

/** A question, as the page shows it. */
export interface Asked {
  id: number;
  kind: KindName;
  /** The question as in its file. */
  record: Record<string, unknown>;
  film?: Film;
  /** Why there are no pictures, where numbers take their place. */
  notDrawn?: string;
  /** The questions before this one in its episode, by which a person sees what led here; the latest last. */
  trace?: number[][];
  /** What the learner would do. */
  proposed?: number | number[];
}

/** An answer of the page, or the answer taken back. */
export interface Given {
  id: number;
  /** By which an answer that is sent twice is recognised. */
  nonce: string;
  /** A reply in the field of its kind, such as `{ choice: "left" }`, a skip, or an undone answer. */
  reply: Record<string, unknown>;
  /** Time that the question was visible (s). */
  seconds?: number;
  /** Whether the sides were shown swapped; the reply names them as they were asked. */
  swapped?: boolean;
}

/** What became of an answer. */
export interface Receipt {
  nonce: string;
  /**
   * `kept`: it counts; `again`: it had arrived before; `check`: the question was closed, so that it tells of people only;
   * `undone`; `withdrawn`: too late to undo, so that the question is closed without an answer; `refused`, with a reason.
   */
  result: "kept" | "again" | "check" | "undone" | "withdrawn" | "refused";
  reason?: string;
}

/** What is known of a person's answers. */
export interface Teacher {
  name: string;
  answers: number;
  skipped: number;
  demonstrations: number;
  /** Share of repeated questions that were answered as before, and how many were repeated. */
  consistency?: number;
  repeats: number;
  /** Share of the questions of others that were answered as they did, and how many were shared. */
  agreement?: number;
  shared: number;
  medianSeconds?: number;
  /** Share of the answers in less than a second. */
  fast?: number;
  /** Whether the answers are used. */
  isUsed: boolean;
}

/** A line of a chart: values by step. */
export interface Curve {
  name: string;
  points: [step: number, value: number][];
}

/** Everything that the page shows besides the questions. */
export interface Overview {
  me: string;
  /** The folder, or the environment that is taught without a run. */
  title: string;
  env: string;
  environmentOptions: Record<string, unknown>;
  algorithm?: string;
  /** What the run does. */
  status: "asking" | "learning" | "ended" | "stopped" | "none";
  names: Names;
  /** What the environment is about, in a line. */
  summary?: string;
  actionSpace?: Space;
  classes?: readonly string[];
  /** The kind of the questions; absent while there are none. */
  asks?: KindName;
  asked: number;
  open: number;
  answeredToday: number;
  /** The last answer that can be taken back. */
  undo?: number;
  teachers: Teacher[];
  /** The episodes that are kept, and the folder of their data set. */
  episodes: { count: number; folder: string };
  curves: Curve[];
  steps?: number;
  /** How far the run goes, and the command that resumes it; absent without a run. */
  course?: { total: number; unit: string; resume?: string };
  /** The address of the user's module of the environment; absent where the package has the environment. */
  module?: string;
  /** Why the environment cannot be played in the page; absent where it can. */
  notPlayable?: string;
  version: string;
}

/** An episode that a person played: it is played again here, which gives observations and rewards. */
export interface Played {
  nonce: string;
  seed: string;
  /** Flat rows. */
  actions: number[][];
  /** The steps in which the person acted, where the agent acted in others. */
  steps?: number[];
  /** The sum of rewards as the page saw it, by which differences are found. */
  total: number;
  isBad?: boolean;
}

/** An address at which another person teaches, once. */
export interface Invitation {
  name: string;
  url: string;
}
