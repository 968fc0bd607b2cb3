/**
 * @file Blackjack-v1: hit or stick against a dealer who hits below 17, with cards drawn with replacement
 * [Sutton & Barto 2018, example 5.1]. Observations, rewards and options are those of Blackjack-v1 in Gymnasium 1.3.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import type { Environment } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import type { TupleSpace } from "../../src/spaces/index.js";
import { discrete } from "../../src/spaces/index.js";
import { modelDiscount, optionalStepLimit } from "../options.js";
import { blackjackModel } from "./blackjack-model.js";
import { tablePicture, tableText } from "./blackjack-picture.js";

const ID = "Blackjack-v1";

export const blackjackOptions = z.strictObject({
  natural: z
    .boolean()
    .default(false)
    .describe("reward 1.5 for a win with an ace and a ten as first two cards; no effect with `sab`"),
  sab: z
    .boolean()
    .default(true)
    .describe(
      "the rule of Sutton and Barto: an ace and a ten as first two cards win unless the dealer has them too",
    ),
  discount: modelDiscount(),
  maxEpisodeSteps: optionalStepLimit("no limit"),
});

/** The player's sum, the dealer's open card (1 is the ace), and whether the player has a usable ace (counted as 11). */
const SPACE: TupleSpace = { kind: "tuple", spaces: [discrete(32), discrete(11), discrete(2)] };

/**
 * The blackjack table. Actions: 0 stick, 1 hit. Observations are [player's sum, dealer's open card, usable ace]. Reward 1
 * for a win, −1 for a loss, 0 for a draw and during the hand. Sticking or a sum above 21 ends the episode.
 * `reset({ options: { state } })` takes a state of the model or an observation.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function blackjack(options: z.input<typeof blackjackOptions> = {}): Environment {
  const { maxEpisodeSteps, ...rules } = resolveOptions(ID, blackjackOptions, options);
  const model = blackjackModel(rules);
  const hand = (state: number) => [...model.observations.subarray(3 * state, 3 * state + 3)];
  return tabularEnvironment(ID, model, {
    maxEpisodeSteps,
    observationSpace: SPACE,
    render: (state) => tableText(hand(state), model.terminal[state] === 1),
    renderSvg: (state) => tablePicture(hand(state), model.terminal[state] === 1),
  });
}
