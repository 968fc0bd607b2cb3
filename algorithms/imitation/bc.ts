/**
 * @file Behaviour cloning: imitation as supervised learning (Nalisnick, Human-in-the-Loop Machine Learning, §3.1,
 * eq. 49–50; Pomerleau 1991).
 */

import { z } from "zod";
import { count, fraction, nonNegative, positive, resolveOptions } from "../../src/config/options.js";
import { crc32c } from "../../src/data/crc32c.js";
import { type Demonstrations, splitEpisodes } from "../../src/data/demonstrations.js";
import { UsageError } from "../../src/errors.js";
import { NetworkPolicy } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import type { Algorithm, Metrics, Problem } from "../../src/rollout/contracts.js";
import { networkOptions } from "../networks.js";
import {
  type Cloner,
  type ClonerState,
  cloneBatches,
  clonerOf,
  createClonerState,
  heldOutLoss,
} from "./cloner.js";
import { type LabelledPairs, pairsOf } from "./pairs.js";

/** What supervised learning on labelled pairs needs, here and inside DAgger. */
export const cloningOptions = {
  minibatchSize: count().default(32).describe("pairs in a gradient step"),
  learningRate: positive().default(1e-3).describe("Adam's step size"),
  loss: z
    .enum(["log-likelihood", "squared-error"])
    .default("log-likelihood")
    .describe("squared-error compares the policy's mean with the action: boxes only"),
  entropyCoefficient: nonNegative().default(0).describe("weight of the entropy bonus"),
  l2: nonNegative().default(0).describe("weight of half the squared norm of the parameters"),
  ...networkOptions,
};

export const demonstrationsSchema = z.custom<Demonstrations>(
  (value) => Array.isArray((value as Partial<Demonstrations> | null | undefined)?.trajectories),
  "it must be demonstrations, as collect gives them",
);

export const bcSchema = z.strictObject({
  demonstrations: demonstrationsSchema,
  epochs: count().default(50).describe("passes over the demonstrations"),
  heldOut: fraction().default(0).describe("share of the episodes kept aside to stop early"),
  patience: count().default(10).describe("epochs without a better held-out loss before stopping"),
  ...cloningOptions,
});

export type BcOptions = z.input<typeof bcSchema>;

/** What a run's record says of demonstrations: enough to notice that a resumed run was given others. */
export function fingerprint(
  { env, trajectories }: Demonstrations,
  pairs: LabelledPairs,
): Record<string, unknown> {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const checksum = [pairs.observations, pairs.actions]
    .map((array) => crc32c(bytes(array)).toString(16))
    .join("-");
  return { env, episodes: trajectories.length, pairs: pairs.count, checksum };
}

export interface BcState {
  cloner: ClonerState;
  /** The parameters of the lowest held-out loss so far, where episodes are held out. */
  best: { loss: number; epoch: number; parameters: Float32Array };
  stopped: boolean;
  live: { derived: true; cloner: Cloner; train: LabelledPairs; heldOut?: LabelledPairs; updates: number };
}

/** Behaviour cloning of `demonstrations`, for discrete, multi-discrete and continuous actions. */
export function bc(input: BcOptions): Algorithm<BcState> {
  const options = resolveOptions("bc", bcSchema, input);
  const { demonstrations, heldOut: heldOutShare, patience, epochs, minibatchSize } = options;
  const all = pairsOf(demonstrations.trajectories, demonstrations);
  const perEpoch = (pairs: LabelledPairs) => Math.ceil(pairs.count / minibatchSize);
  return {
    name: "bc",
    options: { ...options, demonstrations: fingerprint(demonstrations, all) },
    unit: "updates",
    defaultSteps: epochs * perEpoch(all),

    async init(problem: Problem, rng: Rng): Promise<BcState> {
      matchSpaces("bc", problem, demonstrations);
      const parts = heldOutShare > 0 && splitEpisodes(demonstrations, heldOutShare, rng.stream("held-out"));
      const train = parts ? pairsOf(parts.train.trajectories, demonstrations) : all;
      const heldOut = parts ? pairsOf(parts.heldOut.trajectories, demonstrations) : undefined;
      const cloner = clonerOf(problem, options);
      const state = createClonerState(cloner, rng);
      return {
        cloner: state,
        best: { loss: Number.POSITIVE_INFINITY, epoch: 0, parameters: state.parameters },
        stopped: false,
        live: { derived: true, cloner, train, heldOut, updates: epochs * perEpoch(train) },
      };
    },

    /** One epoch, or what is left of the last one. */
    async update(state: BcState): Promise<Metrics> {
      const { cloner, train, heldOut, updates } = state.live;
      const left = updates - state.cloner.updates;
      const metrics = await cloneBatches(cloner, state.cloner, train, Math.min(left, perEpoch(train)));
      if (!heldOut) return metrics;
      const loss = await heldOutLoss(cloner, state.cloner, heldOut);
      const epoch = Math.ceil(state.cloner.updates / perEpoch(train));
      if (loss < state.best.loss) state.best = { loss, epoch, parameters: state.cloner.parameters };
      state.stopped = epoch - state.best.epoch >= patience;
      return { ...metrics, heldOutLoss: loss };
    },

    policy(state: BcState): NetworkPolicy {
      const parameters = state.live.heldOut ? state.best.parameters : state.cloner.parameters;
      return new NetworkPolicy(state.live.cloner.network.settings, parameters);
    },

    done: (state) => state.stopped || state.cloner.updates >= state.live.updates,
  };
}

/** @throws UsageError when demonstrations come from spaces other than those of the problem to be learnt */
export function matchSpaces(
  algorithm: string,
  problem: Problem,
  demonstrations: Pick<Demonstrations, "env" | "observationSpace" | "actionSpace">,
): void {
  for (const space of ["observationSpace", "actionSpace"] as const) {
    const [here, there] = [JSON.stringify(problem[space]), JSON.stringify(demonstrations[space])];
    if (here !== there) {
      throw new UsageError(
        `${algorithm}: the demonstrations are of ${demonstrations.env}, whose ${space} is ${there}; ` +
          `that of ${problem.id} is ${here}`,
      );
    }
  }
}
