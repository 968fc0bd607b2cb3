/**
 * @file Imitation with a fixed reward: the log-density of the expert's state–action pairs, estimated with Gaussian
 * kernels [Parzen 1962]. A baseline for the adversarial methods, whose reward adapts to the learner.
 */

import * as z from "zod";
import { count, positive } from "../../src/config/options.js";
import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import { mean } from "../../src/diagnostics/statistics.js";
import type { Problem } from "../../src/env/contracts.js";
import { addRow, createMoments, standardisation } from "../../src/env/moments.js";
import type { Algorithm, Metrics, State } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { actionInput } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { actionFeatures, featureWidths, type Spaces, stateFeatures } from "../shared/transition-features.js";
import {
  copyRows,
  createRows,
  drawRows,
  expertRows,
  learnerRows,
  type RowSource,
  type Rows,
} from "../shared/transition-rows.js";
import { aroundOptimiser, rewardOptions, rewardTask } from "./shared/options.js";

const densitySchema = z.strictObject({
  ...rewardOptions,
  bandwidth: z
    .union([z.literal("scott"), positive()], 'it must be "scott" or a positive number')
    .default("scott")
    .describe(
      "standard deviation of the kernels, in standard deviations of the demonstrations; scott: n^(−1/(d + 4))",
    ),
  lowest: z
    .number()
    .default(-100)
    .describe("lower bound of the reward: log-density relative to the centre of a single kernel (nats)"),
  kernels: count()
    .default(2000)
    .describe("largest number of kernels; of more pairs, this many are drawn at random"),
});

export type DensityOptions = z.input<typeof densitySchema>;
type Resolved = z.output<typeof densitySchema>;

/** Rows in one run of the program: large enough to be fast, small enough for the rows × kernels distances to fit. */
const CHUNK = 1024;

/** Distance of the absorbing state from all others, so that only demonstrations that end in it give it a density. */
const FAR = 100;

/** Scott's rule: the bandwidth for n pairs in d dimensions [Scott 1992, §6.3.2]. */
export const scottBandwidth = (pairs: number, dimensions: number): number => pairs ** (-1 / (dimensions + 4));

/** Log-densities of rows and of the absorbing state. */
export type Density = (rows: RowSource) => Promise<{ rewards: Float64Array; absorbing: number }>;

export interface DensityState {
  /** The policy optimiser's state. */
  optimiser: State;
  live: { derived: true; density: Density };
}

/** Imitation by a policy that maximises the log-density of the demonstrated pairs. */
export const density = defineAlgorithm({
  name: "density",
  summary: "imitation with a fixed reward: the kernel log-density of the demonstrated state-action pairs",
  schema: densitySchema,
  needs: [["demonstrations"]],
  optimiser: "ppo",
  create(options): Algorithm<DensityState> {
    const task = rewardTask("density", options);
    const { demonstrations, optimiser, withAbsorbing } = task;
    return {
      name: "density",
      options: { ...options, ...task.record },
      ...aroundOptimiser(optimiser),

      async init(problem: Problem, rng: Rng): Promise<DensityState> {
        task.requireProblem(problem);
        return {
          optimiser: await optimiser.init(problem, rng.stream("optimiser")),
          live: {
            derived: true,
            density: await densityOf(problem, demonstrations, options, rng.stream("kernels")),
          },
        };
      },

      async update(state: DensityState): Promise<Metrics> {
        let meanReward: number | undefined;
        const metrics = await optimiser.update(state.optimiser, async (transitions) => {
          task.requireRollout(transitions);
          const { rewards, absorbing } = await state.live.density(learnerRows(transitions, withAbsorbing));
          meanReward = mean(rewards);
          task.addAbsorbing(rewards, transitions.terminated, absorbing);
          return rewards;
        });
        return { ...metrics, ...(meanReward !== undefined && { meanReward }) };
      },
    };
  },
});

/**
 * The program that computes max(lowest, log Σ w_i exp(−‖x − x_i‖² / 2h²)) of rows, where x are the features of a state
 * and an action. Box observations are divided by the standard deviation of the demonstrations; the weights w sum to 1.
 */
export async function densityOf(
  spaces: Spaces,
  demonstrations: Demonstrations,
  options: Pick<Resolved, "bandwidth" | "kernels" | "lowest" | "horizon">,
  rng: Rng,
): Promise<Density> {
  const expert = expertRows(demonstrations, options.horizon === "absorbing");
  const { state, action } = featureWidths(spaces);
  const { bandwidth, lowest } = options;
  const h = bandwidth === "scott" ? scottBandwidth(expert.count, state + action) : bandwidth;
  const features = featureProgram(spaces, expert);
  const chosen = kernelRows(spaces, expert, options.kernels, rng);
  const centres = await features.run(feedsOf(chosen.rows));
  const logWeights = chosen.weights.map(Math.log);
  const inputs = {
    x: t.float32(["batch", state + action]),
    centres: t.float32([logWeights.length, state + action]),
    logWeights: t.float32([logWeights.length]),
  };
  const program = t.program(inputs, (given) => {
    const norms = (rows: Tensor) => t.sum(t.square(rows), -1);
    const products = t.matmul(given.x, t.transpose(given.centres));
    const sums = t.add(t.expandDims(norms(given.x), -1), norms(given.centres));
    const distances = t.maximum(t.sub(sums, t.mul(products, 2)), 0);
    const kernels = t.add(t.mul(distances, -0.5 / h ** 2), given.logWeights);
    return { densities: t.maximum(t.logSumExp(kernels, -1), lowest) };
  });
  const given = { centres: centres.features, logWeights };

  return async (source) => {
    const rows = copyRows(spaces, source, 0, source.count + 1);
    const { features: x } = await features.run(feedsOf(rows));
    const densities = new Float64Array(source.count + 1);
    const size = CHUNK * (state + action);
    for (let at = 0; at * size < x.length; at++) {
      const part = (x as Float32Array).slice(at * size, (at + 1) * size);
      densities.set((await program.run({ x: part, ...given })).densities, at * CHUNK);
    }
    return { rewards: densities.subarray(0, source.count), absorbing: densities[source.count] };
  };
}

const feedsOf = ({ observations, actions, absorbing }: Rows) => ({ observations, actions, absorbing });

/** The features of states and actions, side by side. */
function featureProgram(spaces: Spaces, expert: RowSource): t.Program {
  const { observationSpace, actionSpace } = spaces;
  const width = spaceWidth(observationSpace);
  const moments = createMoments(width);
  for (let i = 0; i < expert.count; i++) addRow(moments, expert.block(i).observations, expert.index(i));
  const { mean, scale } = standardisation(moments);
  const scaling =
    observationSpace.kind === "box" ? { mean: t.constant(mean), scale: t.constant(scale) } : undefined;
  const { state } = featureWidths(spaces);
  const apart = t.constant(Float32Array.from({ length: state }, (_, i) => (i === state - 1 ? FAR : 1)));
  const inputs = {
    observations: t.float32(["batch", width]),
    actions: actionInput(actionSpace, "batch"),
    absorbing: t.float32(["batch"]),
  };
  return t.program(inputs, (given) => ({
    features: t.concat(
      [
        t.mul(stateFeatures(observationSpace, given.observations, given.absorbing, scaling), apart),
        actionFeatures(actionSpace, given.actions, given.absorbing),
      ],
      1,
    ),
  }));
}

/** The rows at the centres of kernels: all rows with their weights, or `kernels` rows drawn at random. */
function kernelRows(
  spaces: Spaces,
  source: RowSource,
  most: number,
  rng: Rng,
): { rows: Rows; weights: Float32Array } {
  const { count, weights, absorbingWeight } = source;
  const total = count + (absorbingWeight > 0 ? 1 : 0);
  if (total > most) {
    const rows = createRows(spaces, most);
    drawRows(source, rows, rng);
    return { rows, weights: new Float32Array(most).fill(1 / most) };
  }
  const all = Float32Array.from({ length: total }, (_, i) =>
    i < count ? (weights?.[i] ?? 1) : absorbingWeight,
  );
  const sum = all.reduce((a, b) => a + b, 0);
  return { rows: copyRows(spaces, source, 0, total), weights: all.map((weight) => weight / sum) };
}
