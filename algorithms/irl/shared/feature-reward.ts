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
  /** Number of parameters. */
  readonly size: number;
  /** Whether rewards are linear in the parameters, so that the likelihood is concave. */
  readonly linear: boolean;
  initialise(rng: Rng): Float64Array;
  /** Whether the rewards of these rows can be computed in one run. */
  reads(rows: SparseRows): boolean;
  /** The reward of each row, `[rows]`. */
  rewards(parameters: Float64Array, rows: SparseRows): Promise<Float64Array>;
  /** Σ slope[i] ∂reward[i] / ∂parameters, `[size]`. */
  gradient(parameters: Float64Array, rows: SparseRows, slope: Float64Array): Promise<Float64Array>;
}

/** Largest number of entries in a dense feature matrix for one run of a network. */
const MOST_NUMBERS = 5e7;

const isReadable = ({ rows, width }: SparseRows): boolean => rows * width <= MOST_NUMBERS;

/** A reward of `width` features. */
export function rewardModel(
  width: number,
  { hidden, activation }: { hidden: number[]; activation: nn.Activation },
): RewardModel {
  return hidden.length === 0 ? linearReward(width) : networkReward(width, hidden, activation);
}

function linearReward(width: number): RewardModel {
  return {
    size: width,
    linear: true,
    reads: () => true,
    initialise: () => new Float64Array(width),
    rewards: async (weights, rows) => times(rows, weights),
    gradient: async (_, rows, slope) => weightedSum(rows, slope),
  };
}

function networkReward(width: number, hidden: number[], activation: nn.Activation): RewardModel {
  const module = nn.mlp({ inputs: width, hidden, outputs: 1, activation, outputGain: 0.1 });
  const layout = nn.layoutOf(module.parameters);
  const inputs = { parameters: t.float32([layout.size]), features: t.float32(["rows", width]) };
  const rewards = (parameters: nn.TensorTree, features: Tensor) =>
    t.squeeze(module.apply(parameters, features), -1);
  const forward = t.program(inputs, ({ parameters, features }) => ({
    rewards: rewards(layout.unflatten(parameters), features),
  }));
  const backward = t.program({ ...inputs, slope: t.float32(["rows"]) }, ({ parameters, features, slope }) => {
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
