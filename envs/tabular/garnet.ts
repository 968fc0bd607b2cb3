/**
 * @file Garnet-v0: random Markov decision processes of a given size [Archibald, McKinnon & Thomas 1995], in the form of
 * [Bhatnagar et al. 2009]. Each state-action pair leads to `branching` different, uniformly drawn states. Their
 * probabilities are the lengths of the pieces of the unit interval cut at uniform points. Rewards of pairs are standard
 * normal.
 */

import * as z from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { MOST_OUTCOMES, requireModelSize } from "../../src/env/check-model.js";
import type { TabularEnvironment, TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { UsageError } from "../../src/errors.js";
import { type Outcome, tabularModel } from "../../src/mdp/index.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { modelDiscount, stepLimit } from "../options.js";
import { instance } from "./options.js";

const ID = "Garnet-v0";

export const garnetOptions = z.strictObject({
  states: count().default(30).describe("number of states"),
  actions: count().default(4).describe("number of actions in each state"),
  branching: count()
    .default(2)
    .describe("number of states that a state-action pair can lead to; at most `states`"),
  rewarded: fraction()
    .default(1)
    .describe("fraction of the state-action pairs that have a reward; the others give 0"),
  seed: instance(),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(100),
});

/**
 * A random process. Starts are uniform, observations are states, and no state is terminal.
 *
 * @throws {UsageError} when `branching` is larger than `states`.
 */
export function garnet(options: z.input<typeof garnetOptions> = {}): TabularEnvironment<number> {
  const { seed, maxEpisodeSteps, ...size } = resolveOptions(ID, garnetOptions, options);
  const { states, branching } = size;
  if (branching > states) {
    throw new UsageError(
      `${ID}: option "branching" is ${branching}; it must be at most the number of states, ${states}`,
    );
  }
  requireModelSize(ID, states, size.actions);
  if (states * size.actions * branching > MOST_OUTCOMES) {
    throw new UsageError(
      `${ID}: ${states} states × ${size.actions} actions × ${branching} next states are ` +
        `${states * size.actions * branching} outcomes; at most ${MOST_OUTCOMES} fit into a model`,
    );
  }
  return tabularEnvironment(ID, garnetModel(size, createRng(seed)), { maxEpisodeSteps });
}

type Size = Omit<z.output<typeof garnetOptions>, "seed" | "maxEpisodeSteps">;

function garnetModel({ states, actions, branching, rewarded, discount }: Size, rng: Rng): TabularModel {
  const pairs = states * actions;
  const hasReward = new Set(rng.shuffle(range(pairs)).slice(0, Math.round(rewarded * pairs)));
  const outcomes = range(pairs).map((pair): Outcome[] => {
    const reward = hasReward.has(pair) ? rng.normal() : 0;
    const probabilities = pieces(branching, rng);
    return distinct(branching, states, rng).map((next, k) => ({
      next,
      probability: probabilities[k],
      reward,
    }));
  });
  return tabularModel({
    states,
    actions,
    transitions: (state, action) => outcomes[state * actions + action],
    initial: new Float64Array(states).fill(1 / states),
    discount,
  });
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The lengths of the `n` pieces of the unit interval cut at n − 1 uniform points. */
function pieces(n: number, rng: Rng): number[] {
  const cuts = [0, ...range(n - 1).map(() => rng.uniform()), 1].sort((a, b) => a - b);
  return range(n).map((i) => cuts[i + 1] - cuts[i]);
}

/** `k` different numbers below n; all such sets are equally likely [Bentley 1987, Floyd's algorithm]. */
function distinct(k: number, n: number, rng: Rng): number[] {
  const chosen = new Set<number>();
  for (let largest = n - k; largest < n; largest++) {
    const drawn = rng.integer(largest + 1);
    chosen.add(chosen.has(drawn) ? largest : drawn);
  }
  return [...chosen];
}
