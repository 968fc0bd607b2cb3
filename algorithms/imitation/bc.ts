/**
 * @file Behaviour cloning: imitation as supervised learning [Pomerleau 1991] [N §3.1, eq. 49–50]. The loss (eq. 50) and
 * its gradient steps are in `cloning/supervised.ts`, those of policies with memory in `cloning/sequences.ts`.
 */

import * as z from "zod";
import { count, fraction } from "../../src/config/options.js";
import { type Demonstrations, splitEpisodes } from "../../src/datasets/demonstrations.js";
import { countPairs } from "../../src/datasets/transitions.js";
import type { Problem } from "../../src/env/contracts.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { NetworkPolicy } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { type Fit, type FitState, fitOf, type Parts } from "./cloning/fit.js";
import { cloningOptions, epochsSchema, passesOf } from "./cloning/options.js";
import { imitationOptions, imitationTask } from "./shared/options.js";

const bcSchema = z.strictObject({
  ...imitationOptions,
  epochs: epochsSchema
    .default(50)
    .describe("number of passes over the demonstrations; or the number of gradient steps, --epochs.updates"),
  heldOut: fraction().default(0).describe("fraction of the episodes held out for early stopping; 0: none"),
  patience: count()
    .default(10)
    .describe("with heldOut: number of epochs without a lower held-out loss before training stops"),
  ...cloningOptions,
  recurrentUnits: count()
    .optional()
    .describe("units of a GRU after the hidden layers; unset: the policy has no memory"),
  sequenceLength: count()
    .default(16)
    .describe(
      "with recurrentUnits: consecutive steps of an episode in a gradient step; must divide minibatchSize",
    ),
});

export type BcOptions = z.input<typeof bcSchema>;

export interface BcState {
  cloner: FitState;
  /** The parameters with the lowest held-out loss so far; used only with held-out episodes. */
  best: { loss: number; epoch: number; parameters: Float32Array };
  stopped: boolean;
  live: { derived: true; fit: Fit; updates: number; perEpoch: number; heldOut?: Demonstrations };
}

/** Behaviour cloning from `demonstrations`, for discrete, multi-discrete and continuous actions. */
export const bc = defineAlgorithm({
  name: "bc",
  summary: "behaviour cloning: supervised learning from demonstrations",
  schema: bcSchema,
  needs: [["demonstrations"]],
  create(options): Algorithm<BcState> {
    const { heldOut, patience, epochs, minibatchSize } = options;
    const task = imitationTask("bc", options);
    const { demonstrations } = task;
    const updatesFor = (pairs: number) =>
      passesOf(epochs, pairs, minibatchSize) * Math.ceil(pairs / minibatchSize);
    return {
      name: "bc",
      options: { ...options, ...task.record },
      unit: "updates",
      defaultSteps: updatesFor(countPairs(demonstrations.trajectories)),
      dataSet: demonstrations,
      ...(heldOut > 0 && { heldOut: ({ live }: BcState) => live.heldOut! }),

      async init(problem: Problem, rng: Rng): Promise<BcState> {
        task.requireProblem(problem);
        const parts: Parts =
          heldOut > 0
            ? splitEpisodes(demonstrations, heldOut, rng.stream("held-out"))
            : { train: demonstrations };
        const fit = fitOf(problem, options, parts);
        const cloner = fit.start(rng);
        const perEpoch = Math.ceil(fit.count / minibatchSize);
        return {
          cloner,
          best: { loss: Number.POSITIVE_INFINITY, epoch: 0, parameters: cloner.parameters },
          stopped: false,
          live: { derived: true, fit, updates: updatesFor(fit.count), perEpoch, heldOut: parts.heldOut },
        };
      },

      /** Trains for one epoch. */
      async update(state: BcState): Promise<Metrics> {
        const { cloner, live } = state;
        const { fit, perEpoch } = live;
        const metrics = await fit.train(cloner, perEpoch);
        if (!fit.heldOutLoss) return metrics;
        const loss = await fit.heldOutLoss(cloner);
        const epoch = Math.ceil(cloner.steps / perEpoch);
        if (loss < state.best.loss) state.best = { loss, epoch, parameters: cloner.parameters };
        state.stopped = epoch - state.best.epoch >= patience;
        return { ...metrics, heldOutLoss: loss };
      },

      policy({ cloner, best, live: { fit } }: BcState): NetworkPolicy {
        const parameters = fit.heldOutLoss ? best.parameters : cloner.parameters;
        return new NetworkPolicy(fit.settings, parameters, fit.statistics);
      },

      done: (state) => state.stopped || state.cloner.steps >= state.live.updates,
    };
  },
});
