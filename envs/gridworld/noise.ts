/**
 * @file Actions that go wrong: the same odds as a table for exact models and as draws for simulation. Either a move is
 * turned a quarter, as on a slippery floor, or another action is taken, as in Abbeel & Ng (2004) and Levine et al. (2011).
 */

import { UsageError } from "../../src/errors.js";

export interface NoiseRules {
  /** Probability that a move by compass is turned a quarter: half of it to either side. */
  slip?: number;
  /** Probability that another action is taken instead: any of the others alike. */
  failure?: number;
}

/** @throws {UsageError} for two kinds of noise at once, or slips of actions that are not all moves by compass. */
export function checkNoise(
  id: string,
  { slip = 0, failure = 0, stay, turns }: NoiseRules & { stay?: boolean; turns?: boolean },
): void {
  if (slip > 0 && failure > 0) {
    throw new UsageError(
      `${id}: give "slip" or "failure", not both: the odds of a move come from one of them`,
    );
  }
  if (slip > 0 && (stay || turns)) {
    const what = turns ? "an agent that turns has none" : "staying is none";
    throw new UsageError(`${id}: "slip" turns moves by compass, and ${what}; use "failure"`);
  }
}

/** What is done, and with what probability, when `action` of `actions` is chosen. No probability is 0. */
export function chancesOf(
  { slip = 0, failure = 0 }: NoiseRules,
  action: number,
  actions: number,
): [action: number, probability: number][] {
  const others = (turn: number) => (action + turn) % actions;
  const all: [number, number][] = [[action, 1 - slip - failure]];
  if (slip > 0) all.push([others(1), slip / 2], [others(3), slip / 2]);
  if (failure > 0) {
    for (let turn = 1; turn < actions; turn++) all.push([others(turn), failure / (actions - 1)]);
  }
  return all.filter(([, probability]) => probability > 0);
}

/**
 * A move after a slip or none, by a uniform draw: half of the slips turn it by 1, half by 3. Without branches, which no
 * predictor could guess.
 */
export const slipped = (move: number, slip: number, u: number): number =>
  (move + 2 * Number(2 * u < slip) + Number(u < slip)) & 3;

/** An action of `actions`, or with probability `failure` another one, by a uniform draw. */
export function failed(action: number, failure: number, actions: number, u: number): number {
  if (u >= failure) return action;
  const other = action + 1 + Math.floor((u * (actions - 1)) / failure);
  return other < actions ? other : other - actions;
}
