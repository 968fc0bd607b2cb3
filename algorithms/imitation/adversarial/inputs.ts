/** @file The inputs of a discriminator's programs: rows of transitions, and the statistics that standardise them. */

import { type Moments, standardisation } from "../../../src/env/moments.js";
import { actionInput } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import {
  actionFeatures,
  type Features,
  type Scaling,
  type Spaces,
  stateFeatures,
} from "../../shared/transition-features.js";
import {
  createRows,
  drawRows,
  drawWindows,
  type RowSource,
  type Rows,
} from "../../shared/transition-rows.js";
import type { DiscriminatorOptions } from "./options.js";
import type { Scorer } from "./scorers.js";

/** What is classified, and how. */
export interface DiscriminatorTask {
  spaces: Spaces;
  scorer: Scorer;
  options: DiscriminatorOptions;
  /** Whether the logit is the score less log π(a | s), as in AIRL, or the score itself, as in GAIL. */
  usesPolicy: boolean;
  /** Steps that are classified together, by the sum of their logits; 1 for single transitions. */
  window: number;
  /** Whether an episode that terminates continues in the absorbing state. */
  withAbsorbing: boolean;
}

/** The rows of a program by name. Arrays that the network does not read are absent. */
export type RowTensors = Partial<Record<keyof Rows | "mask", Tensor>>;

/** Names of the arrays that the network reads. */
const rowNames = ({ scorer: { reads }, usesPolicy }: DiscriminatorTask): (keyof Rows)[] => [
  ...(reads.includes("state") ? (["observations"] as const) : []),
  "absorbing",
  ...(reads.includes("action") ? (["actions"] as const) : []),
  ...(reads.includes("next") ? (["nextObservations", "nextAbsorbing"] as const) : []),
  ...(usesPolicy ? (["logProbs"] as const) : []),
];

/** The input name of an array: `expertActions` for kind `expert`, `actions` without a kind. */
const nameOf = (kind: string, name: string) =>
  kind === "" ? name : `${kind}${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Input specifications of `size` rows. */
export function rowInputs(task: DiscriminatorTask, size: t.Dim, kind = ""): Record<string, t.InputSpec> {
  const { observationSpace, actionSpace } = task.spaces;
  const observations = t.float32([size, spaceWidth(observationSpace)]);
  const column = t.float32([size]);
  const specs: Record<keyof Rows, t.InputSpec> = {
    observations,
    actions: actionInput(actionSpace, size),
    nextObservations: observations,
    absorbing: column,
    nextAbsorbing: column,
    logProbs: column,
  };
  return Object.fromEntries(rowNames(task).map((name) => [nameOf(kind, name), specs[name]]));
}

/** Values for the inputs of `rowInputs`: the arrays of `rows` and, with windows, the mask of valid rows. */
export const rowFeeds = (task: DiscriminatorTask, rows: Rows, kind = "", mask?: Float32Array) => ({
  ...Object.fromEntries(rowNames(task).map((name) => [nameOf(kind, name), rows[name]])),
  ...(mask && { [nameOf(kind, "mask")]: mask }),
});

/** Input specifications of one gradient step. */
export function minibatchInputs(task: DiscriminatorTask): Record<string, t.InputSpec> {
  const { minibatchSize, gradientPenalty = 0 } = task.options;
  const size = minibatchSize * task.window;
  const column = t.float32([size]);
  return {
    ...rowInputs(task, size, "expert"),
    ...rowInputs(task, size, "learner"),
    ...(task.window > 1 && { expertMask: column, learnerMask: column }),
    ...(gradientPenalty > 0 && { shares: column }),
  };
}

/** Rows of all gradient steps of a run and, with windows, a mask: 1 for valid rows, 0 for padding. */
export interface Drawn {
  rows: Rows;
  mask?: Float32Array;
}

const rowsOfRun = ({ options, window }: DiscriminatorTask) =>
  options.minibatchSize * options.updates * window;

export const createDrawn = (task: DiscriminatorTask): Drawn => ({
  rows: createRows(task.spaces, rowsOfRun(task)),
  ...(task.window > 1 && { mask: new Float32Array(rowsOfRun(task)) }),
});

/** Draws the expert's or the learner's rows for all gradient steps of a run. */
export function drawnFeeds(
  task: DiscriminatorTask & { drawn: Record<"expert" | "learner", Drawn> },
  kind: "expert" | "learner",
  source: RowSource,
  rng: Rng,
) {
  const { rows, mask } = task.drawn[kind];
  if (mask) drawWindows(source, task.window, rows, mask, rng, task.withAbsorbing);
  else drawRows(source, rows, rng);
  return rowFeeds(task, rows, kind, mask);
}

/** Draws the interpolation weights, uniform on [0, 1), of the points at which the gradient is penalised. */
export const shareFeeds = (task: DiscriminatorTask, rng: Rng): Record<string, Float32Array> =>
  task.options.gradientPenalty ? { shares: rng.fillUniform(new Float32Array(rowsOfRun(task))) } : {};

/** The expert's or the learner's rows among a program's inputs. */
export const rowsOf = (task: DiscriminatorTask, inputs: Record<string, Tensor>, kind = ""): RowTensors =>
  Object.fromEntries([...rowNames(task), "mask"].map((name) => [name, inputs[nameOf(kind, name)]]));

/** Whether observations are standardised. */
export const normalises = ({ spaces, options }: DiscriminatorTask) =>
  options.normaliseObservations && spaces.observationSpace.kind === "box";

/** Input specifications of the statistics that standardise observations; empty without standardisation. */
export function scalingInputs(task: DiscriminatorTask): Record<string, t.InputSpec> {
  const width = t.float32([spaceWidth(task.spaces.observationSpace)]);
  return normalises(task) ? { mean: width, scale: width } : {};
}

export const scalingFeeds = (moments?: Moments) => moments && standardisation(moments);

/** The features of rows that the network reads. */
export function featuresOf(
  { spaces, scorer: { reads } }: DiscriminatorTask,
  rows: RowTensors,
  { mean, scale }: Record<string, Tensor>,
): Features {
  const { observationSpace, actionSpace } = spaces;
  const scaling: Scaling | undefined = mean && { mean, scale };
  const unread = rows.absorbing!;
  return {
    state: reads.includes("state")
      ? stateFeatures(observationSpace, rows.observations!, rows.absorbing!, scaling)
      : unread,
    action: reads.includes("action") ? actionFeatures(actionSpace, rows.actions!, rows.absorbing!) : unread,
    next: reads.includes("next")
      ? stateFeatures(observationSpace, rows.nextObservations!, rows.nextAbsorbing!, scaling)
      : unread,
  };
}
