/** @file The exact model of blackjack with cards drawn with replacement: the dealer's hand is summed over. */

import type { TabularModel } from "../../src/env/contracts.js";
import { type Outcome, tabularModel } from "../../src/mdp/model.js";

/** A player's or a dealer's hand: its value, and whether that counts an ace as 11. */
interface Hand {
  sum: number;
  ace: boolean;
}

/** What the player knows, and more: whether the hand is an ace and a ten of two cards, and whether it has been played. */
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

/** Card values 1 (ace) to 10 and their odds: tens, jacks, queens and kings all count 10. */
const CARDS = Array.from({ length: 10 }, (_, i) => ({ card: i + 1, odds: i === 9 ? 4 / 13 : 1 / 13 }));

const EMPTY: Hand = { sum: 0, ace: false };

/** The hand with one more card. */
function add({ sum, ace }: Hand, card: number): Hand {
  const hard = (ace ? sum - 10 : sum) + card;
  const usable = (ace || card === 1) && hard + 10 <= 21;
  return { sum: usable ? hard + 10 : hard, ace: usable };
}

/** The odds of what the dealer ends with: 0 beyond 21, else the sum. */
type Ends = ReadonlyMap<number, number>;

/** {@link Ends} from a hand on; `known` holds those of the hands met before. */
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

/** One way in which the dealer can end. */
interface DealerEnd {
  /** 0 beyond 21. */
  sum: number;
  natural: boolean;
  odds: number;
}

/** How the dealer can end from an open card on: the hidden card is drawn, then more below 17. */
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

/** The odds of each reward of sticking. */
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
 * States are hands while they are played, and hands after that, whose observation is still made. Of hands that look the
 * same, naturals come last, and are told apart only under rules that pay them.
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
