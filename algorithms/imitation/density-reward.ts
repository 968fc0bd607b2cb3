/**
 * @file The reward of {@link density} by itself, from demonstrations alone: the log-density of the demonstrated pairs,
 * estimated with Gaussian kernels [Parzen 1962]. Nothing acts; a reinforcement learner may maximise it later.
 */

import * as z from "zod";
import { fraction } from "../../src/config/options.js";
import { type Demonstrations, splitEpisodes } from "../../src/datasets/demonstrations.js";
import { playedWithIn } from "../../src/datasets/provenance.js";
import { demonstratedTransitions } from "../../src/datasets/transitions.js";
import { mean } from "../../src/diagnostics/statistics.js";
import type { Artefact, Learner, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import type { LearnedReward } from "../irl/shared/contract.js";
import { kernelReward } from "../irl/shared/kernel-reward.js";
import { horizonSchema, requireHorizon } from "../shared/horizon.js";
import { type Density, densityOf, type Kernels, kernelFields, kernelsOf } from "../shared/kernel-density.js";
import { expertRows } from "../shared/transition-rows.js";

const densityRewardSchema = z.strictObject({
  ...kernelFields,
  horizon: horizonSchema,
  heldOut: fraction()
    .default(0)
    .describe("share of the episodes that is held out, to measure the density; 0: none"),
});

export type DensityRewardOptions = z.input<typeof densityRewardSchema>;

/** The fitted reward, which `train ppo --reward RUN` maximises. */
export type DensityReward = LearnedReward & Artefact;

export interface DensityRewardState {
  steps: number;
  /** Mean log-densities of the pairs, of training and held-out episodes. */
  logDensity: number;
  heldOutLogDensity?: number;
  live: {
    derived: true;
    demonstrations: Demonstrations;
    kernels: Kernels;
    density: Density;
    /** The log-density of the absorbing state, if episodes continue in it. */
    absorbing?: number;
    heldOut?: Demonstrations;
  };
}

export interface DensityRewardLearner extends Learner<Demonstrations, DensityReward, DensityRewardState> {
  reward(state: DensityRewardState): DensityReward;
}

/** A reward fitted to demonstrations alone. */
export const densityReward = defineAlgorithm({
  name: "densityReward",
  summary: "fits the kernel log-density of demonstrated state-action pairs, as a reward, without acting",
  schema: densityRewardSchema,
  source: {
    summary: "demonstrations: a folder or file, as of --demos",
    example: "demos/cartpole",
    async read(path) {
      const { readDemonstrations } = await import("../../src/datasets/read-demonstrations.js");
      return readDemonstrations(path);
    },
    evaluate: async (reward: DensityReward, demonstrations: Demonstrations) => ({
      logDensity: mean(await reward.rewards(demonstratedTransitions(demonstrations))),
    }),
  },
  create(options): DensityRewardLearner {
    const withAbsorbing = options.horizon === "absorbing";
    const rewardIn = ({ live: { demonstrations, kernels, absorbing } }: DensityRewardState) => {
      const { env: id, observationSpace, actionSpace } = demonstrations;
      const playedWith = playedWithIn(demonstrations);
      return kernelReward({ ...{ id, observationSpace, actionSpace, kernels, playedWith }, absorbing });
    };
    return {
      name: "densityReward",
      options,
      unit: "updates",
      defaultSteps: 1,

      async init(given: Demonstrations, rng: Rng): Promise<DensityRewardState> {
        requireHorizon("densityReward", options.horizon, given);
        const parts = options.heldOut > 0 && splitEpisodes(given, options.heldOut, rng.stream("held-out"));
        const { train: shown, heldOut } = parts || { train: given, heldOut: undefined };
        const expert = expertRows(shown, withAbsorbing);
        const kernels = await kernelsOf(given, expert, options, rng.stream("kernels"));
        const density = densityOf(given, kernels);
        const { absorbing } = await density(expert);
        return {
          steps: 0,
          logDensity: 0,
          live: {
            ...{ derived: true, demonstrations: shown, kernels, density },
            ...(withAbsorbing && { absorbing }),
            ...(heldOut && { heldOut }),
          },
        };
      },

      /** Measures the density, which is whole from the start. */
      async update(state): Promise<Metrics> {
        const { density, demonstrations, heldOut } = state.live;
        const meanOf = async (of: Demonstrations) => mean((await density(expertRows(of, false))).rewards);
        state.steps++;
        state.logDensity = await meanOf(demonstrations);
        state.heldOutLogDensity = heldOut && (await meanOf(heldOut));
        const { steps, logDensity, heldOutLogDensity } = state;
        return { steps, logDensity, ...(heldOutLogDensity !== undefined && { heldOutLogDensity }) };
      },

      artefact: rewardIn,
      reward: rewardIn,
      done: ({ steps }) => steps >= 1,
      outcome: ({ logDensity, heldOutLogDensity }) =>
        `mean log-density of the demonstrated pairs ${logDensity.toFixed(3)}` +
        (heldOutLogDensity === undefined ? "" : `, of those held out ${heldOutLogDensity.toFixed(3)}`),
    };
  },
});
