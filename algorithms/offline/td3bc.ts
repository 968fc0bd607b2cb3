/**
 * @file TD3 with behaviour cloning [Fujimoto & Gu 2021]: TD3 on a fixed data set, whose policy maximises λ Q and stays
 * close to the actions of the data. The steps of TD3 are in `../rl/td3/losses.ts`.
 */

import * as z from "zod";
import { nonNegative } from "../../src/config/options.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { toUnit } from "../../src/policies/action-values.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { type Td3States, targetOptions, td3Networks, td3Trainer } from "../rl/td3/losses.js";
import { uniformsFor } from "../shared/twin-critics.js";
import { type OfflineState, offlineLearner } from "./shared/learner.js";
import { offlineOptions } from "./shared/options.js";

/** Deviation of the policy's samples (half-widths of the bounds), as TD3 explores; its mode is what is learnt. */
const DEVIATION = 0.1;

const td3bcSchema = z.strictObject({
  ...offlineOptions,
  normaliseObservations: offlineOptions.normaliseObservations
    .unwrap()
    .default(true)
    .describe(offlineOptions.normaliseObservations.description!),
  ...targetOptions,
  alpha: nonNegative()
    .default(2.5)
    .describe("α, weight of the normalised value against the cloning of actions; 0: cloning alone"),
});

export type Td3bcOptions = z.input<typeof td3bcSchema>;

/** TD3+BC from a data set, for actions in a bounded box. */
export const td3bc = defineAlgorithm({
  name: "td3bc",
  summary: "TD3 with behaviour cloning: offline reinforcement learning, the simplest of it",
  schema: td3bcSchema,
  needs: [["demonstrations"]],
  create: (options): Algorithm<OfflineState<Td3States>> =>
    offlineLearner<Td3States>("td3bc", options, (problem, steps) => {
      const { actionSpace } = problem;
      const networks = td3Networks(
        problem,
        { ...options, explorationNoise: DEVIATION },
        { name: "td3bc", discrete: "iql or cql", unbounded: "bc" },
      );
      return {
        actor: networks.actor,
        trainer: td3Trainer(networks, options, { steps, variable: true }, ({ action, value }, { actions }) =>
          policyLoss(value, toUnit(actionSpace, action), toUnit(actionSpace, actions), options.alpha),
        ),
        noise: { uniforms: uniformsFor(actionSpace, options.minibatchSize) },
      };
    }),
});

/**
 * −λ E Q(s, μ(s)) + E (μ(s) − a)² with λ = α / E |Q(s, μ(s))|, which has no gradient [Fujimoto & Gu 2021, eq. 3–4]. The
 * square is the mean over the entries of actions scaled to [−1, 1].
 *
 * @param value Q(s, μ(s)) `[B]`
 * @param action μ(s) `[B, d]`, and `taken` the action of the data, both scaled
 */
export function policyLoss(value: Tensor, action: Tensor, taken: Tensor, alpha: number) {
  const size = t.mean(t.abs(value));
  // Linear critics of a state that is 0 have the value 0 at first.
  const weight = t.stopGradient(t.where(t.greater(size, 0), t.div(alpha, size), t.fillLike(size, 0)));
  const cloning = t.mean(t.square(t.sub(action, taken)));
  const actorLoss = t.sub(cloning, t.mul(weight, t.mean(value)));
  return { actorLoss, reported: { cloning, weight } };
}
