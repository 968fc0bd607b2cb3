/** @file The exact model of blackjack with cards drawn with replacement; it sums over the dealer's hands. */

import type { TabularModel } from "../../src/env/contracts.js";
import { type Outcome, tabularModel } from "../../src/mdp/model.js";

/** A hand of the player or the dealer: its value, and whether it has a usable ace (counted as 11). */
interface Hand {
  sum: number;
  ace: boolean;
}

/**
 * A state of the model: the player's hand, the dealer's open card, `natural`: whether the hand is an ace and a ten, and
 * `over`: whether the hand has been played.
 */
interface Situation extends Hand {
  dealer: number;
  natural: boolean;
  over: boolean;
}

export interface BlackjackRules {
  natural: boolean;
  sab: boolean;
  discount: number;
}

/** Card values 1 (ace) to 10 and their probabilities; tens, jacks, queens and kings count 10. */
const CARDS = Array.from({ length: 10 }, (_, i) => ({ card: i + 1, odds: i === 9 ? 4 / 13 : 1 / 13 }));

const EMPTY: Hand = { sum: 0, ace: false };

/** The hand after one more card. */
function add({ sum, ace }: Hand, card: number): Hand {
  const hard = (ace ? sum - 10 : sum) + card;
  const usable = (ace || card === 1) && hard + 10 <= 21;
  return { sum: usable ? hard + 10 : hard, ace: usable };
}

/** Probabilities of the dealer's final sum; the key 0 stands for sums above 21. */
type Ends = ReadonlyMap<number, number>;

/** Final sums of the dealer who holds `hand`; `known` caches results by hand. */
function dealerEnds(hand: Hand, known: Map<number, Ends>): Ends {
  if (hand.sum >= 17) return new Map([[hand.sum > 21 ? 0 : hand.sum, 1]]);
  const key = 2 * hand.sum + Number(hand.ace);
  const before = known.get(key);
  if (before) return before;
  const ends = new Map<number, number>();
  for (const { card, odds } of CARDS) {
    for (const [end, p] of dealerEnds(add(hand, card), known)) ends.set(end, (ends.get(end) ?? 0) + odds * p);
  }
  known.set(key, ends);
  return ends;
}

/** A final outcome of the dealer, with its probability. */
interface DealerEnd {
  /** The final sum; 0 if above 21. */
  sum: number;
  natural: boolean;
  odds: number;
}

/** Outcomes of a dealer with the given open card, who draws the hidden card and then hits below 17. */
function dealerEndsFrom(open: number, known: Map<number, Ends>): DealerEnd[] {
  return CARDS.flatMap(({ card, odds }) => {
    const hand = add(add(EMPTY, open), card);
    return [...dealerEnds(hand, known)].map(([sum, p]) => ({
      sum,
      natural: hand.sum === 21,
      odds: odds * p,
    }));
  });
}

/** Probabilities of the rewards of sticking. */
function stickRewards(
  { sum, natural }: Situation,
  dealer: readonly DealerEnd[],
  rules: BlackjackRules,
): Map<number, number> {
  const rewards = new Map<number, number>();
  for (const end of dealer) {
    let reward = Math.sign(sum - end.sum);
    if (natural && rules.sab && !end.natural) reward = 1;
    else if (natural && rules.natural && !rules.sab && reward === 1) reward = 1.5;
    rewards.set(reward, (rewards.get(reward) ?? 0) + end.odds);
  }
  return rewards;
}

/**
 * The tabular model. States are hands in play, followed by finished hands, which still have observations. Naturals are
 * separate states, listed last among the hands in play, only if the rules reward them.
 */
export function blackjackModel(rules: BlackjackRules): TabularModel {
  const countsNaturals = rules.sab || rules.natural;
  const situations: Situation[] = [];
  const numbers = new Map<string, number>();
  const key = (s: Situation) => `${s.sum} ${s.ace} ${s.dealer} ${s.natural} ${s.over}`;
  const list = (situation: Situation) => {
    numbers.set(key(situation), situations.length);
    situations.push(situation);
  };
  const forEachDealer = (sums: readonly number[], rest: Omit<Situation, "sum" | "dealer">) => {
    for (const sum of sums) for (let dealer = 1; dealer <= 10; dealer++) list({ sum, dealer, ...rest });
  };
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  for (const over of [false, true]) {
    forEachDealer(range(4, over ? 31 : 21), { ace: false, natural: false, over });
    forEachDealer(range(12, 21), { ace: true, natural: false, over });
    if (!over && countsNaturals) forEachDealer([21], { ace: true, natural: true, over });
  }
  const numberOf = (situation: Situation) => numbers.get(key(situation))!;

  const initial = new Float64Array(situations.length);
  for (const first of CARDS) {
    for (const second of CARDS) {
      const hand = add(add(EMPTY, first.card), second.card);
      const natural = countsNaturals && hand.sum === 21;
      for (const open of CARDS) {
        const start = { ...hand, dealer: open.card, natural, over: false };
        initial[numberOf(start)] += first.odds * second.odds * open.odds;
      }
    }
  }

  const known = new Map<number, Ends>();
  const dealers = CARDS.map(({ card }) => dealerEndsFrom(card, known));
  const outcomes = (state: number, action: number): Outcome[] => {
    const now = situations[state];
    if (action === 0) {
      const next = numberOf({ ...now, natural: false, over: true });
      return [...stickRewards(now, dealers[now.dealer - 1], rules)].map(([reward, probability]) => ({
        next,
        probability,
        reward,
      }));
    }
    return CARDS.map(({ card, odds }) => {
      const hand = add(now, card);
      const over = hand.sum > 21;
      const next = numberOf({ ...hand, dealer: now.dealer, natural: false, over });
      return { next, probability: odds, reward: over ? -1 : 0 };
    });
  };

  return tabularModel({
    states: situations.length,
    actions: 2,
    transitions: outcomes,
    initial,
    terminal: [...situations.keys()].filter((state) => situations[state].over),
    discount: rules.discount,
    observations: Float32Array.from(situations.flatMap(({ sum, dealer, ace }) => [sum, dealer, Number(ace)])),
  });
}
