/**
 * @file Kernel density estimation of state–action pairs: max(lowest, log Σ w_i exp(−‖x − x_i‖² / 2h²)), where x are the
 * features of a state and an action [Parzen 1962]. Box observations are divided by the standard deviation of the
 * demonstrations; the weights w sum to 1.
 */

import * as z from "zod";
import { count, positive } from "../../src/config/options.js";
import { addRow, createMoments, standardisation } from "../../src/env/moments.js";
import { actionInput } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import {
  actionFeatures,
  featureWidths,
  type Scaling,
  type Spaces,
  stateFeatures,
} from "./transition-features.js";
import { copyRows, createRows, drawRows, type RowSource, type Rows } from "./transition-rows.js";

export const kernelFields = {
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
};

export type KernelOptions = z.output<z.ZodObject<typeof kernelFields>>;

/** The kernels of a density. Plain data. */
export interface Kernels {
  /** `[n, w]`: features of states and actions. */
  centres: Float32Array;
  /** `[n]` */
  logWeights: Float32Array;
  /** Of box observations: x ↦ (x − mean) × scale, `[w]` each. */
  scaling?: { mean: Float32Array; scale: Float32Array };
  /** h */
  bandwidth: number;
  lowest: number;
}

/** Rows in one run of the program: large enough to be fast, small enough for the rows × kernels distances to fit. */
const CHUNK = 1024;

/** Distance of the absorbing state from all others, so that only demonstrations that end in it give it a density. */
const FAR = 100;

/** Scott's rule: the bandwidth for n pairs in d dimensions [Scott 1992, §6.3.2]. */
export const scottBandwidth = (pairs: number, dimensions: number): number => pairs ** (-1 / (dimensions + 4));

/** Log-densities of rows and of the absorbing state. */
export type Density = (rows: RowSource) => Promise<{ rewards: Float64Array; absorbing: number }>;

/** The kernels of demonstrated rows. */
export async function kernelsOf(
  spaces: Spaces,
  expert: RowSource,
  { bandwidth, kernels, lowest }: KernelOptions,
  rng: Rng,
): Promise<Kernels> {
  const { state, action } = featureWidths(spaces);
  const scaling = spaces.observationSpace.kind === "box" ? scalingOf(spaces, expert) : undefined;
  const chosen = kernelRows(spaces, expert, kernels, rng);
  const { features } = await featureProgram(spaces, scaling).run(feedsOf(chosen.rows));
  return {
    centres: features as Float32Array,
    logWeights: chosen.weights.map(Math.log),
    ...(scaling && { scaling }),
    bandwidth: bandwidth === "scott" ? scottBandwidth(expert.count, state + action) : bandwidth,
    lowest,
  };
}

/** The log-density of kernels, as a function of rows. */
export function densityOf(
  spaces: Spaces,
  { centres, logWeights, scaling, bandwidth: h, lowest }: Kernels,
): Density {
  const { state, action } = featureWidths(spaces);
  const features = featureProgram(spaces, scaling);
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
  const given = { centres, logWeights };

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

const scalingOf = ({ observationSpace }: Spaces, expert: RowSource) => {
  const moments = createMoments(spaceWidth(observationSpace));
  for (let i = 0; i < expert.count; i++) addRow(moments, expert.block(i).observations, expert.index(i));
  return standardisation(moments);
};

/** The features of states and actions, side by side. */
function featureProgram(spaces: Spaces, scaling: Kernels["scaling"]): t.Program {
  const { observationSpace, actionSpace } = spaces;
  const scale: Scaling | undefined = scaling && {
    mean: t.constant(scaling.mean),
    scale: t.constant(scaling.scale),
  };
  const { state } = featureWidths(spaces);
  const apart = t.constant(Float32Array.from({ length: state }, (_, i) => (i === state - 1 ? FAR : 1)));
  const inputs = {
    observations: t.float32(["batch", spaceWidth(observationSpace)]),
    actions: actionInput(actionSpace, "batch"),
    absorbing: t.float32(["batch"]),
  };
  return t.program(inputs, (given) => ({
    features: t.concat(
      [
        t.mul(stateFeatures(observationSpace, given.observations, given.absorbing, scale), apart),
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
