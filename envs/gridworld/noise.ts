/**
 * @file Action noise, as a table of probabilities for exact models and as draws for simulation. Either a move is turned
 * by 90°, as on a slippery floor, or another action is executed, as in [Abbeel & Ng 2004] and
 * [Levine, Popović & Koltun 2011].
 */

import { UsageError } from "../../src/errors.js";

export interface NoiseRules {
  /** Probability that a move by compass is turned by 90°, half of it to each side. */
  slip?: number;
  /** Probability that a uniformly drawn other action is executed instead. */
  failure?: number;
}

/** @throws {UsageError} for both kinds of noise at once, or for `slip` if some actions are not moves by compass. */
export function checkNoise(
  id: string,
  { slip = 0, failure = 0, stay, turns }: NoiseRules & { stay?: boolean; turns?: boolean },
): void {
  if (slip > 0 && failure > 0) {
    throw new UsageError(
      `${id}: give "slip" or "failure", not both: only one kind of action noise can be used`,
    );
  }
  if (slip > 0 && (stay || turns)) {
    const other = turns ? "the agent turns" : "staying is an action";
    throw new UsageError(`${id}: "slip" is only for moves by compass, but ${other}; use "failure"`);
  }
}

/** The actions that are executed when `action` of `actions` is chosen, with their probabilities; all are above 0. */
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
 * The move after a possible slip, given a uniform draw `u`: half of the slips turn it by 1, half by 3. It has no
 * branches, because a processor could not predict them.
 */
export const slipped = (move: number, slip: number, u: number): number =>
  (move + 2 * Number(2 * u < slip) + Number(u < slip)) & 3;

/** `action`, or with probability `failure` another one of `actions`, given a uniform draw `u`. */
export function failed(action: number, failure: number, actions: number, u: number): number {
  if (u >= failure) return action;
  const other = action + 1 + Math.floor((u * (actions - 1)) / failure);
  return other < actions ? other : other - actions;
}
