/**
 * @file Garnet-v0: random Markov decision processes of a given size (Archibald, McKinnon & Thomas 1995, "On the
 * generation of Markov decision processes"), in the form of Bhatnagar et al. (2009, "Natural actor–critic algorithms"):
 * each pair leads to `branching` different states, drawn without preference, with probabilities that are the pieces
 * of the unit interval cut at uniform points, and has a standard normal reward.
 */

import { z } from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import type { Environment, TabularModel } from "../../src/env/contracts.js";
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

/** One of the processes, in which every state is as likely a start. Observations are states; nothing is terminal. */
export function garnet(options: z.input<typeof garnetOptions> = {}): Environment {
  const { seed, maxEpisodeSteps, ...size } = resolveOptions(ID, garnetOptions, options);
  const { states, branching } = size;
  if (branching > states) {
    throw new UsageError(
      `${ID}: option "branching" is ${branching}: a pair cannot lead to more than the ${states} states`,
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

/** The lengths of the `n` pieces of the unit interval when it is cut at n − 1 uniform points. */
function pieces(n: number, rng: Rng): number[] {
  const cuts = [0, ...range(n - 1).map(() => rng.uniform()), 1].sort((a, b) => a - b);
  return range(n).map((i) => cuts[i + 1] - cuts[i]);
}

/** `k` different numbers below n, every set of them as likely (Floyd, in Bentley 1987). */
function distinct(k: number, n: number, rng: Rng): number[] {
  const chosen = new Set<number>();
  for (let largest = n - k; largest < n; largest++) {
    const drawn = rng.integer(largest + 1);
    chosen.add(chosen.has(drawn) ? largest : drawn);
  }
  return [...chosen];
}
