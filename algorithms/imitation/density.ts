/**
 * @file Imitation with a fixed reward: the log-density of the expert's state–action pairs, estimated with Gaussian
 * kernels [Parzen 1962]. A baseline for the adversarial methods, whose reward adapts to the learner.
 */

import * as z from "zod";
import { mean } from "../../src/diagnostics/statistics.js";
import type { Problem } from "../../src/env/contracts.js";
import type { Algorithm, Metrics, State } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import { type Density, densityOf, kernelFields, kernelsOf } from "../shared/kernel-density.js";
import { expertRows, learnerRows } from "../shared/transition-rows.js";
import { aroundOptimiser, rewardOptions, rewardTask } from "./shared/options.js";

const densitySchema = z.strictObject({ ...rewardOptions, ...kernelFields });

export type DensityOptions = z.input<typeof densitySchema>;

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
        const expert = expertRows(demonstrations, withAbsorbing);
        return {
          optimiser: await optimiser.init(problem, rng.stream("optimiser")),
          live: {
            derived: true,
            density: densityOf(problem, await kernelsOf(problem, expert, options, rng.stream("kernels"))),
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
