/**
 * @file Chain-v0: walk to the end of a chain for a large reward, or return to its start for a small immediate reward. The
 * problem is that of [Dearden et al. 1998] and [Strens 2000], and of NChain-v0 in early versions of Gym.
 */

import * as z from "zod";
import { fraction, resolveOptions } from "../../src/config/options.js";
import type { TabularEnvironment } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import { modelDiscount, stepLimit } from "../options.js";
import { inARow } from "./options.js";

const ID = "Chain-v0";

export const chainOptions = z.strictObject({
  states: z.int().min(2).default(5).describe("number of states of the chain"),
  slip: fraction().default(0.2).describe("probability that the other action is executed"),
  small: z.number().default(2).describe("reward of going back to the start"),
  large: z.number().default(10).describe("reward of a step forward in the last state, which stays there"),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(1000),
});

/**
 * The chain. Actions: 0 a step forward, 1 back to the start. Observations are states. With slip p, N states and
 * q = γ (1 − p), the value of always going forward is (q^(N−1) (1 − p) large + p small) / (1 − q − p γ) at the start.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function chain(options: z.input<typeof chainOptions> = {}): TabularEnvironment<number> {
  const { states, slip, small, large, maxEpisodeSteps, ...rest } = resolveOptions(ID, chainOptions, options);
  const last = states - 1;
  const model = tabularModel({
    ...rest,
    states,
    actions: 2,
    transitions: (state, action) => [
      {
        next: Math.min(state + 1, last),
        probability: action === 0 ? 1 - slip : slip,
        reward: state === last ? large : 0,
      },
      { next: 0, probability: action === 0 ? slip : 1 - slip, reward: small },
    ],
    initial: 0,
  });
  return tabularEnvironment(ID, model, { maxEpisodeSteps, render: (state) => inARow(states, state) });
}
