/**
 * @file Taxi-v3 and Taxi-v4: pick up a passenger and drive them to their destination [Dietterich 2000, §3.1; rain and the
 * fickle passenger: §7.1]. Map, numbering, rewards and starts are those of Gymnasium. The two versions are equal without
 * rain and fickle passengers. With them, both ids follow version 4 (Gymnasium 1.3), which corrects version 3.
 */

import * as z from "zod";
import { fraction, resolveOptions } from "../../src/config/options.js";
import type { TabularEnvironment, TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import type { Outcome } from "../../src/mdp/model.js";
import { discrete, type Space } from "../../src/spaces/index.js";
import { modelDiscount, stepLimit } from "../options.js";
import {
  ABOARD,
  decode,
  encode,
  actionMask as maskAt,
  neighbour,
  STATES,
  STOPS,
  taxiPicture,
  taxiText,
} from "./taxi-map.js";

const ID = "Taxi-v3";
const ID_V4 = "Taxi-v4";
const PICK_UP = 4;
/** Each move turned by 90° to the left and to the right; moves are 0 south, 1 north, 2 east, 3 west. */
const LEFT = [2, 3, 1, 0];
const RIGHT = [3, 2, 0, 1];

export const taxiOptions = z.strictObject({
  rainy: z
    .boolean()
    .default(false)
    .describe("whether a move may be turned by 90° to the left or to the right"),
  rainyProbability: fraction()
    .default(0.8)
    .describe("with `rainy`: probability that a move is not turned; left and right share the rest"),
  fickle: z
    .boolean()
    .default(false)
    .describe("whether the passenger may change their destination once the taxi has moved with them aboard"),
  fickleProbability: fraction()
    .default(0.3)
    .describe("with `fickle`: probability per episode that the passenger changes their destination"),
  actionMask: z
    .boolean()
    .default(false)
    .describe(
      "whether observations have the mask of actions that change the state, which learners then honour",
    ),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(200),
});

/**
 * The taxi. Actions: 0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off. Observations are
 * ((row · 5 + column) · 5 + passenger) · 4 + destination, with stops 0 red, 1 green, 2 yellow, 3 blue, and passenger 4
 * aboard. Reward −1 per step, −10 for an illegal pick-up or drop-off, 20 for the delivery, which ends the episode.
 * `info.action_mask` `[6]` is 1 for actions that change the state; `info.prob` is the probability of the transition.
 * With `actionMask` an observation has the parts `observation` and `actionMask`.
 *
 * The agent does not observe whether a fickle passenger will change their destination. With `fickle` the model has 1000
 * states: 500 in which the passenger will not, then the same 500 in which they will.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function taxi(options: z.input<typeof taxiOptions> = {}): TabularEnvironment {
  return cab(ID, resolveOptions(ID, taxiOptions, options));
}

/** {@link taxi} under the id Taxi-v4. */
export function taxiV4(options: z.input<typeof taxiOptions> = {}): TabularEnvironment {
  return cab(ID_V4, resolveOptions(ID_V4, taxiOptions, options));
}

/** Observations with their mask. */
const MASKED: Space = {
  kind: "dict",
  spaces: { observation: discrete(STATES), actionMask: { kind: "multi-binary", n: 6 } },
};

function cab(id: string, options: z.output<typeof taxiOptions>): TabularEnvironment {
  return tabularEnvironment(id, taxiModel(options), {
    maxEpisodeSteps: options.maxEpisodeSteps,
    observationSpace: options.actionMask ? MASKED : discrete(STATES),
    info: (state, prob) => ({ prob, action_mask: maskAt(state % STATES) }),
    render: (state) => taxiText(state % STATES),
    renderSvg: (state) => taxiPicture(state % STATES),
  });
}

function taxiModel(options: z.output<typeof taxiOptions>): TabularModel {
  const { fickle, fickleProbability, discount } = options;
  const observationOf = (state: number) => (options.actionMask ? [state, ...maskAt(state)] : [state]);
  const rain = options.rainy ? options.rainyProbability : 1;
  const all = Array.from({ length: STATES }, (_, state) => state);
  const states = fickle ? 2 * STATES : STATES;
  const starts = all.map((state) => {
    const { passenger, destination } = decode(state);
    return passenger !== ABOARD && passenger !== destination ? 1 / 300 : 0;
  });
  const delivered = all.filter((state) => {
    const { cell, passenger, destination } = decode(state);
    return passenger === destination && cell === STOPS[destination];
  });
  return tabularModel({
    states,
    actions: 6,
    transitions: (state, action) =>
      state < STATES
        ? outcomes(state, action, rain)
        : outcomes(state - STATES, action, rain).flatMap((outcome) => second(state - STATES, outcome)),
    initial: fickle
      ? [...starts.map((p) => p * (1 - fickleProbability)), ...starts.map((p) => p * fickleProbability)]
      : starts,
    terminal: fickle ? [...delivered, ...delivered.map((state) => state + STATES)] : delivered,
    discount,
    observations: Float32Array.from(
      Array.from({ length: states }, (_, state) => observationOf(state % STATES)).flat(),
    ),
  });
}

/** The outcomes of an action, in the order of Gymnasium's tables. */
function outcomes(state: number, action: number, rain: number): Outcome[] {
  const { cell, passenger, destination } = decode(state);
  if (action >= PICK_UP) return [{ probability: 1, ...stop(state, action) }];
  const move = (way: number, probability: number) => ({
    next: encode(neighbour(cell, way), passenger, destination),
    probability,
    reward: -1,
  });
  if (rain === 1) return [move(action, 1)];
  // If a wall blocks the intended move, the taxi does not move sideways either.
  const isBlocked = neighbour(cell, action) === cell;
  const [left, right] = isBlocked ? [action, action] : [LEFT[action], RIGHT[action]];
  return [move(action, rain), move(left, (1 - rain) / 2), move(right, (1 - rain) / 2)];
}

/** The outcome of picking up or dropping off. */
function stop(state: number, action: number): { next: number; reward: number } {
  const { cell, passenger, destination } = decode(state);
  const here = STOPS.indexOf(cell);
  if (action === PICK_UP) {
    const isThere = passenger !== ABOARD && passenger === here;
    return isThere ? { next: encode(cell, ABOARD, destination), reward: -1 } : { next: state, reward: -10 };
  }
  if (passenger !== ABOARD || here < 0) return { next: state, reward: -10 };
  return { next: encode(cell, here, destination), reward: here === destination ? 20 : -1 };
}

/** Outcomes if the passenger will change their destination, which happens at the first move with them aboard. */
function second(from: number, outcome: Outcome): Outcome[] {
  const [before, after] = [decode(from), decode(outcome.next)];
  if (before.passenger !== ABOARD || before.cell === after.cell) {
    return [{ ...outcome, next: outcome.next + STATES }];
  }
  return [0, 1, 2, 3]
    .filter((destination) => destination !== before.destination)
    .map((destination) => ({
      ...outcome,
      probability: outcome.probability / 3,
      next: encode(after.cell, after.passenger, destination),
    }));
}
