/** @file Features ψ(s), the inputs of a learnt reward [N §3.4], and reward tables on a model. */

import * as z from "zod";
import { positive } from "../../../src/config/options.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Transitions } from "../../../src/rollout/transitions.js";
import { describeSpace, spaceWidth } from "../../../src/spaces/index.js";
import { type SparseRows, sparseRows } from "./sparse-rows.js";

export type FeatureFunction = (observation: Float32Array) => ArrayLike<number>;

type Rows = readonly (readonly number[])[];

/** Features of an observation's numbers x, each divided by a unit. */
const unitFeatures = z.strictObject({
  kind: z
    .enum(["linear", "absolute", "quadratic"])
    .describe("linear: the numbers x; absolute: |x|; quadratic: 1, x and x²"),
  units: z.array(positive()).describe("unit of each number of an observation"),
});

export type UnitFeatures = z.output<typeof unitFeatures>;

/** @throws UsageError unless each number of an observation has a unit */
function functionOf({ kind, units }: UnitFeatures, observed: number, name: string): FeatureFunction {
  if (units.length !== observed) {
    throw new UsageError(
      `${name}: features.units has ${units.length} numbers, and an observation has ${observed}`,
    );
  }
  return (observation) => {
    const x = units.map((unit, i) => observation[i] / unit);
    if (kind === "linear") return x;
    return kind === "absolute" ? x.map(Math.abs) : [1, ...x, ...x.map((value) => value * value)];
  };
}

export const featureOptions = {
  features: z
    .union([
      z.literal("task"),
      z.array(z.array(z.number())),
      unitFeatures,
      z
        .custom<FeatureFunction>(
          (value) => typeof value === "function",
          "it must be rows, { kind, units } or a function",
        )
        .meta({ type: "function" }),
    ])
    .optional()
    .describe(
      "features of states: the task's own (task), rows [states, k], functions of the numbers of an observation " +
        "({ kind, units }), or a function of an observation; unset: an " +
        "indicator of each state, or the numbers of the observation",
    ),
  rewardOf: z
    .enum(["next-state", "state-action"])
    .default("next-state")
    .describe("arguments of the reward of a step: the next state, or the state and the action"),
};

export interface FeatureOptions {
  features?: "task" | Rows | UnitFeatures | FeatureFunction;
  rewardOf: "next-state" | "state-action";
}

/**
 * Features of transitions. For pairs: one block of state features for each discrete action, or state and box action.
 */
export interface FeatureMap {
  readonly width: number;
  readonly rewardOf: FeatureOptions["rewardOf"];
  /** The map as data; absent for features that are a function. */
  readonly data?: Pick<Problem, "id" | "observationSpace" | "actionSpace"> & {
    rewardOf: FeatureOptions["rewardOf"];
    features?: Rows | UnitFeatures;
  };
  rows(transitions: Pick<Transitions, "observations" | "actions" | "nextObservations">): SparseRows;
}

/** @throws UsageError for features that do not fit the problem. */
export function featureMap(
  name: string,
  {
    id,
    observationSpace,
    actionSpace,
    model,
  }: Pick<Problem, "id" | "observationSpace" | "actionSpace" | "model">,
  { features: requested, rewardOf }: FeatureOptions,
): FeatureMap {
  const features = requested === "task" ? model?.features : requested;
  if (requested === "task" && features === undefined) {
    throw new UsageError(
      `${name}: ${id} defines no features; give rows or a function, or leave features unset`,
    );
  }
  const data =
    typeof features === "function"
      ? undefined
      : { id, observationSpace, actionSpace, rewardOf, ...(features && { features }) };
  const observed = spaceWidth(observationSpace);
  const isOfUnits = typeof features === "object" && "kind" in features;
  const ofState = stateFeatures(
    name,
    id,
    observationSpace,
    isOfUnits ? functionOf(features, observed, name) : features,
  );
  const states = ofState.width;
  if (rewardOf === "next-state") {
    return {
      width: states,
      rewardOf,
      data,
      rows: ({ nextObservations }) =>
        sparseRows(nextObservations.length / observed, states, (row, put) =>
          ofState.write(nextObservations.subarray(row * observed, (row + 1) * observed), 0, put),
        ),
    };
  }
  if (actionSpace.kind !== "discrete" && actionSpace.kind !== "box") {
    throw new UsageError(
      `${name}: rewardOf "state-action" needs discrete or box actions; those of ${id} are ${describeSpace(actionSpace)}`,
    );
  }
  const acted = spaceWidth(actionSpace);
  const width = actionSpace.kind === "discrete" ? states * actionSpace.n : states + acted;
  return {
    width,
    rewardOf,
    data,
    rows: ({ observations, actions }) =>
      sparseRows(observations.length / observed, width, (row, put) => {
        const observation = observations.subarray(row * observed, (row + 1) * observed);
        if (actionSpace.kind === "discrete") return ofState.write(observation, actions[row] * states, put);
        ofState.write(observation, 0, put);
        for (let j = 0; j < acted; j++) put(states + j, actions[row * acted + j]);
      }),
  };
}

type Put = (column: number, value: number) => void;

/** The features of one state, written from column `from` on. */
interface StateFeatures {
  readonly width: number;
  write(observation: Float32Array, from: number, put: Put): void;
}

function stateFeatures(
  name: string,
  id: string,
  space: Problem["observationSpace"],
  features: Rows | FeatureFunction | undefined,
): StateFeatures {
  if (typeof features === "function") {
    const width = features(new Float32Array(spaceWidth(space))).length;
    return {
      width,
      write(observation, from, put) {
        const row = features(observation);
        if (row.length !== width) {
          throw new UsageError(
            `${name}: the function features must return rows of equal length; it returned ${width} numbers, then ${row.length}`,
          );
        }
        for (let k = 0; k < width; k++) put(from + k, row[k]);
      },
    };
  }
  if (features) {
    const width = features[0]?.length ?? 0;
    const fits = space.kind === "discrete" && features.length === space.n;
    if (!fits || width === 0 || features.some((row) => row.length !== width)) {
      throw new UsageError(
        `${name}: features must have one row for each state, all of equal length; it has ${features.length} rows, the ` +
          `first of ${width} numbers, and the observations of ${id} are ${describeSpace(space)}; or give a function`,
      );
    }
    return {
      width,
      write([state], from, put) {
        const row = features[state];
        for (let k = 0; k < width; k++) put(from + k, row[k]);
      },
    };
  }
  if (space.kind === "discrete")
    return { width: space.n, write: ([state], from, put) => put(from + state, 1) };
  return {
    width: spaceWidth(space),
    write: (observation, from, put) => observation.forEach((x, k) => void put(from + k, x)),
  };
}

/** The features of each state of a model or, with `rewardOf: "state-action"`, of each pair. */
export function modelRows(map: FeatureMap, { states, actions, observations }: TabularModel): SparseRows {
  if (map.rewardOf === "next-state") {
    return map.rows({ observations, actions: new Int32Array(states), nextObservations: observations });
  }
  const width = observations.length / states;
  const repeated = new Float32Array(states * actions * width);
  for (let pair = 0; pair < states * actions; pair++) {
    const s = Math.floor(pair / actions);
    repeated.set(observations.subarray(s * width, (s + 1) * width), pair * width);
  }
  const chosen = Int32Array.from({ length: states * actions }, (_, pair) => pair % actions);
  return map.rows({ observations: repeated, actions: chosen, nextObservations: repeated });
}

/**
 * The reward of each transition of a model, `[entries]`, from rewards of states or pairs. Transitions from terminal
 * states have reward 0.
 */
export function entryRewards(
  model: TabularModel,
  rewardOf: FeatureOptions["rewardOf"],
  table: Float64Array,
): Float64Array {
  const { states, actions, terminal, rowStart, next } = model;
  const reward = new Float64Array(next.length);
  for (let pair = 0; pair < states * actions; pair++) {
    if (terminal[Math.floor(pair / actions)]) continue;
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
      reward[e] = rewardOf === "next-state" ? table[next[e]] : table[pair];
    }
  }
  return reward;
}

/** The transpose of `entryRewards`: visits of each state or pair, from visits of each transition `[entries]`. */
export function visitsOf(
  model: TabularModel,
  rewardOf: FeatureOptions["rewardOf"],
  entries: Float64Array,
): Float64Array {
  const { states, actions, terminal, rowStart, next } = model;
  const visits = new Float64Array(rewardOf === "next-state" ? states : states * actions);
  for (let pair = 0; pair < states * actions; pair++) {
    if (terminal[Math.floor(pair / actions)]) continue;
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
      visits[rewardOf === "next-state" ? next[e] : pair] += entries[e];
    }
  }
  return visits;
}
