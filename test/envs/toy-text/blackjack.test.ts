/**
 * @file Blackjack-v1 against a calculation over card lists, Sutton & Barto's optimal policy, and games in Gymnasium
 * 1.3.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blackjack } from "../../../envs/toy-text/blackjack.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { finiteHorizonEvaluate, finiteHorizonValueIteration } from "../../../src/mdp/index.js";

const { blackjack: games } = JSON.parse(
  readFileSync(new URL("../../data-files/toy-text/tables.json", import.meta.url), "utf8"),
) as { blackjack: { options: object; mean: number; standardError: number }[] };

/** Thirteen equally likely cards. */
const DECK = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10];
const worth = (hand: readonly number[]) => {
  const hard = hand.reduce((sum, card) => sum + card, 0);
  return hand.includes(1) && hard + 10 <= 21 ? hard + 10 : hard;
};
const isNatural = (hand: readonly number[]) => hand.length === 2 && worth(hand) === 21;

/** Hands that nothing can tell apart from here on have the same key. */
const keyOf = (hand: readonly number[]) =>
  `${hand.reduce((sum, card) => sum + card, 0)} ${hand.includes(1)} ${isNatural(hand)}`;

function memoised<R>(f: (hand: number[], dealer: number) => R): (hand: number[], dealer: number) => R {
  const known = new Map<string, R>();
  return (hand, dealer) => {
    const key = `${keyOf(hand)} ${dealer}`;
    if (!known.has(key)) known.set(key, f(hand, dealer));
    return known.get(key)!;
  };
}

/** The value of the game, playing hands of real cards: by `hits`, or as well as can be. */
function gameValue(options: { sab?: boolean; natural?: boolean }, hits?: (sum: number) => boolean): number {
  const { sab = true, natural = false } = options;
  /** Probabilities of [what the dealer's hand is worth, whether it is a natural]. */
  const dealerEnds = memoised((hand): [number, boolean, number][] => {
    if (worth(hand) >= 17) return [[worth(hand) > 21 ? 0 : worth(hand), isNatural(hand), 1]];
    const ends = DECK.flatMap((card) => dealerEnds([...hand, card], 0));
    return ends.map(([end, isNat, p]) => [end, isNat, p / 13]);
  });
  const merged = memoised((_, dealer) => {
    const sums = new Map<string, [number, boolean, number]>();
    for (const card of DECK) {
      for (const [end, isNat, p] of dealerEnds([dealer, card], 0)) {
        const before = sums.get(`${end} ${isNat}`)?.[2] ?? 0;
        sums.set(`${end} ${isNat}`, [end, isNat, before + p / 13]);
      }
    }
    return [...sums.values()];
  });
  const stick = memoised((hand, dealer) => {
    let value = 0;
    for (const [end, isNat, p] of merged([], dealer)) {
      let reward = Math.sign(worth(hand) - end);
      if (isNatural(hand)) {
        if (sab && !isNat) reward = 1;
        else if (!sab && natural && reward === 1) reward = 1.5;
      }
      value += p * reward;
    }
    return value;
  });
  const hit = (hand: number[], dealer: number): number =>
    DECK.reduce((sum, card) => {
      const after = [...hand, card];
      return sum + (worth(after) > 21 ? -1 : play(after, dealer)) / 13;
    }, 0);
  const play = memoised((hand, dealer): number => {
    if (hits) return hits(worth(hand)) ? hit(hand, dealer) : stick(hand, dealer);
    return Math.max(stick(hand, dealer), hit(hand, dealer));
  });
  let total = 0;
  for (const a of DECK) for (const b of DECK) for (const d of DECK) total += play([a, b], d) / 13 ** 3;
  return total;
}

/** More hits than a hand can take. */
const horizon = 20;
const atStart = ({ initial, states }: TabularModel, values: Float64Array) =>
  initial.reduce((sum, p, state) => sum + (state < states ? p * values[state] : 0), 0);

const RULES = [{}, { sab: false }, { sab: false, natural: true }, { sab: true, natural: true }];

describe("Blackjack-v1", () => {
  it.each(RULES)("has with %j the value of a calculation over card lists", (options) => {
    const model = blackjack(options).model!();
    const { values } = finiteHorizonValueIteration(model, { horizon });
    expect(atStart(model, values)).toBeCloseTo(gameValue(options), 10);
  });

  it.each(games)("returns with $options what Gymnasium's returns to a policy that sticks at 17", ({
    options,
    ...game
  }) => {
    const model = blackjack(options).model!();
    const table = Float64Array.from({ length: 2 * model.states }, (_, pair) =>
      Number(model.observations[3 * (pair >> 1)] < 17 === (pair % 2 === 1)),
    );
    const value = atStart(model, finiteHorizonEvaluate(model, table, { horizon }));
    expect(value).toBeCloseTo(
      gameValue(options, (sum) => sum < 17),
      10,
    );
    expect(Math.abs(value - game.mean)).toBeLessThan(4 * game.standardError);
  });

  it("has the optimal policy of figure 5.2 of Sutton and Barto", () => {
    const model = blackjack().model!();
    const { policy } = finiteHorizonValueIteration(model, { horizon });
    /** The lowest sum to stick on against each dealer's card from the ace on. */
    const sticksFrom = (ace: number) =>
      Array.from({ length: 10 }, (_, i) => {
        const sums = [...model.terminal.keys()].filter(
          (s) =>
            !model.terminal[s] &&
            model.observations[3 * s + 1] === i + 1 &&
            model.observations[3 * s + 2] === ace &&
            policy[2 * s] === 1,
        );
        return Math.min(...sums.map((s) => model.observations[3 * s]));
      });
    expect(sticksFrom(0)).toEqual([17, 13, 13, 12, 12, 12, 17, 17, 17, 17]);
    // Hitting 18 against the ace is the notch that they remark on.
    expect(sticksFrom(1)).toEqual([19, 18, 18, 18, 18, 18, 18, 18, 19, 19]);
  });

  it("observes the player's sum, the dealer's open card and a usable ace, to the end", () => {
    const environment = blackjack();
    environment.reset({ seed: 1, options: { state: [20, 7, 0] } });
    expect(environment.step(0)).toMatchObject({ observation: [20, 7, 0], terminated: true });
    let bust = environment.step.length;
    for (let game = 0; game < 50; game++) {
      environment.reset({ options: { state: [21, 7, 0] } });
      const { observation, reward, terminated } = environment.step(1);
      const [sum, dealer, ace] = observation as number[];
      expect([dealer, ace, reward, terminated]).toEqual([7, 0, -1, true]);
      bust = Math.max(bust, sum);
    }
    expect(bust).toBe(31);
  });

  it("counts an ace as 11 unless the sum exceeds 21", () => {
    const environment = blackjack();
    environment.reset({ seed: 2 });
    for (let game = 0; game < 30; game++) {
      environment.reset({ options: { state: [15, 2, 1] } });
      const [sum, , ace] = environment.step(1).observation as number[];
      expect(ace).toBe(sum > 15 ? 1 : 0);
      expect(sum).toBeLessThanOrEqual(21);
    }
  });

  it("has no limit by default, and renders itself", () => {
    expect(blackjack().maxEpisodeSteps).toBeUndefined();
    expect(blackjack({ maxEpisodeSteps: 3 }).maxEpisodeSteps).toBe(3);
    const environment = blackjack();
    environment.reset({ options: { state: [16, 1, 1] } });
    expect(environment.render!()).toBe("player 16 with a usable ace; dealer shows A");
    expect(environment.renderSvg!()).toContain(">16</text>");
    environment.step(0);
    expect(environment.render!()).toContain("stuck");
  });

  it.each([[[22, 1, 0]], [[3, 1, 0]], [[16, 1]], [1e6], ["ace"]])("refuses to start from %j", (state) => {
    expect(() => blackjack().reset({ options: { state } })).toThrow(/Blackjack-v1: reset option "state" is/);
  });
});
