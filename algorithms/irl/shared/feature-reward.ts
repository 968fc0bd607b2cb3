/**
 * @file Rewards as functions of features, with their gradients: linear, R(s) = Φᵀψ(s) [N §3.4], or a network, which
 * backpropagates the gradient in the reward of each state [Wulfmeier et al. 2015, eq. 10–11].
 *
 * The network does not use `src/learning/trainer.ts`: its gradient starts from a derivative computed outside of any
 * tensor program, and its single step a round is taken in float64 by the optimiser that linear rewards use too.
 */

import * as z from "zod";
import { count } from "../../../src/config/options.js";
import { UsageError } from "../../../src/errors.js";
import * as nn from "../../../src/nn/index.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { dense, type SparseRows, times, weightedSum } from "./sparse-rows.js";

export const rewardModelOptions = {
  hidden: z
    .array(count())
    .default([])
    .describe("sizes of the reward network's hidden layers; []: a reward that is linear in the features"),
  activation: z.enum(nn.activationNames).default("tanh").describe("activation of the hidden layers"),
};

export interface RewardModel {
  /** Number of parameters, of all members. */
  readonly size: number;
  /** Number of rewards M of an ensemble, which are computed in one run; of one after the other in all arrays. */
  readonly members: number;
  /** Whether rewards are linear in the parameters, so that the likelihood is concave. */
  readonly linear: boolean;
  initialise(rng: Rng): Float64Array;
  /** Whether the rewards of these rows can be computed in one run. */
  reads(rows: SparseRows): boolean;
  /** The reward of each row, `[M · rows]`. */
  rewards(parameters: Float64Array, rows: SparseRows): Promise<Float64Array>;
  /** Σ slope[i] ∂reward[i] / ∂parameters, `[size]`, of slopes `[M · rows]`. */
  gradient(parameters: Float64Array, rows: SparseRows, slope: Float64Array): Promise<Float64Array>;
}

/** Largest number of entries in a dense feature matrix for one run of a network. */
const MOST_NUMBERS = 5e7;

const isReadable = ({ rows, width }: SparseRows): boolean => rows * width <= MOST_NUMBERS;

/** A reward of `width` features, or an ensemble of them. */
export function rewardModel(
  width: number,
  { hidden, activation, members = 1 }: { hidden: number[]; activation: nn.Activation; members?: number },
): RewardModel {
  return hidden.length === 0
    ? linearReward(width, members)
    : networkReward(width, hidden, activation, members);
}

function linearReward(width: number, members: number): RewardModel {
  /** The results of the members, one after the other. */
  const joined = (of: (m: number) => Float64Array) => {
    if (members === 1) return of(0);
    const parts = Array.from({ length: members }, (_, m) => of(m));
    const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
    for (const [m, part] of parts.entries()) all.set(part, m * part.length);
    return all;
  };
  const part = (values: Float64Array, m: number, size: number) => values.subarray(m * size, (m + 1) * size);
  return {
    size: members * width,
    members,
    linear: true,
    reads: () => true,
    initialise: () => new Float64Array(members * width),
    rewards: async (weights, rows) => joined((m) => times(rows, part(weights, m, width))),
    gradient: async (_, rows, slope) => joined((m) => weightedSum(rows, part(slope, m, rows.rows))),
  };
}

function networkReward(
  width: number,
  hidden: number[],
  activation: nn.Activation,
  members: number,
): RewardModel {
  const module = nn.mlp({ inputs: width, hidden, outputs: 1, activation, outputGain: 0.1 });
  const layout = nn.layoutOf(
    members === 1
      ? module.parameters
      : Object.fromEntries(Array.from({ length: members }, (_, m) => [`member${m}`, module.parameters])),
  );
  const inputs = { parameters: t.float32([layout.size]), features: t.float32(["rows", width]) };
  const one = (parameters: nn.TensorTree, features: Tensor) =>
    t.squeeze(module.apply(parameters, features), -1);
  /** `[rows]`, or of an ensemble `[M, rows]`. */
  const rewards = (parameters: nn.TensorTree, features: Tensor) =>
    members === 1
      ? one(parameters, features)
      : t.stack(Object.values(parameters as Record<string, nn.TensorTree>).map((own) => one(own, features)));
  const slopes = t.float32(members === 1 ? ["rows"] : [members, "rows"]);
  const forward = t.program(inputs, ({ parameters, features }) => ({
    rewards: rewards(layout.unflatten(parameters), features),
  }));
  const backward = t.program({ ...inputs, slope: slopes }, ({ parameters, features, slope }) => {
    const p = layout.unflatten(parameters);
    return { gradient: layout.gradient(t.sum(t.mul(rewards(p, features), slope)), p) };
  });
  const denseRows = new WeakMap<SparseRows, Float32Array>();
  const feeds = (parameters: Float64Array, rows: SparseRows) => {
    if (!isReadable(rows)) {
      throw new UsageError(
        `a reward network cannot read ${rows.rows} rows of ${width} features in one run; give fewer features`,
      );
    }
    const features = denseRows.get(rows) ?? dense(rows);
    denseRows.set(rows, features);
    return { parameters: Float32Array.from(parameters), features };
  };
  return {
    size: layout.size,
    members,
    linear: false,
    reads: isReadable,
    initialise: (rng) => Float64Array.from(layout.initialise(rng)),
    async rewards(parameters, rows) {
      return Float64Array.from((await forward.run(feeds(parameters, rows))).rewards);
    },
    async gradient(parameters, rows, slope) {
      // Slopes are scaled to at most 1, so that none overflows in float32.
      const scale = slope.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
      const scaled = Float32Array.from(slope, (x) => x / scale);
      const { gradient } = await backward.run({ ...feeds(parameters, rows), slope: scaled });
      return Float64Array.from(gradient as Float32Array, (x) => x * scale);
    },
  };
}
