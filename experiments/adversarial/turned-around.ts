/**
 * @file Reward transfer: the return of the optimal policy for a reward that was learnt on a grid, in a grid in which
 * every action moves in the opposite direction (similar to [Fu, Luo & Levine 2018, §7]).
 */

import type { AdversarialLearner } from "../../algorithms/imitation/adversarial/loop.js";
import { airl, gail, ppo } from "../../algorithms/index.js";
import { MOVES } from "../../envs/gridworld/layout.js";
import { gridSvg } from "../../envs/index.js";
import { collect, type Demonstrations, mean, train } from "../../index.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import {
  evaluatePolicy,
  policyReturn,
  softValueIteration,
  tabularModel,
  valueIteration,
} from "../../src/mdp/index.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { markdown } from "../lib/markdown.js";
import { panels, rangeAt } from "../lib/panels.js";
import { sideBySide } from "../lib/side-by-side.js";

const SIDE = 5;
const STATES = SIDE * SIDE;
const GOAL = 3 * SIDE + 3;

/** `[states]`: the reward of each state. */
const trueReward = Float64Array.from({ length: STATES }, (_, state) => (state === GOAL ? 1 : 0));

/**
 * A grid without end of episodes, with uniform starts and the given reward. Moves are turned by `turn` · 90°; with
 * probability `slip` a move goes in a uniformly drawn direction.
 */
function grid(turn: number, slip: number, reward: (state: number, action: number) => number): TabularModel {
  const go = (state: number, action: number) => {
    const move = MOVES[(action + turn) % 4];
    const row = Math.min(SIDE - 1, Math.max(0, Math.floor(state / SIDE) + move.row));
    const column = Math.min(SIDE - 1, Math.max(0, (state % SIDE) + move.column));
    return row * SIDE + column;
  };
  return tabularModel({
    states: STATES,
    actions: 4,
    transitions: (state, action) =>
      MOVES.map((_, way) => ({
        next: go(state, way),
        probability: (way === action ? 1 - slip : 0) + slip / 4,
        reward: reward(state, action),
      })),
    initial: new Float64Array(STATES).fill(1 / STATES),
    discount: 0.9,
    grid: {
      rows: SIDE,
      columns: SIDE,
      cells: Int32Array.from({ length: STATES }, (_, state) => state),
      walls: new Uint8Array(STATES),
      labels: Array.from({ length: STATES }, (_, state) => (state === GOAL ? "G" : "")),
    },
  });
}

const optimiser = () =>
  ppo({ environments: 40, rolloutSteps: 20, minibatchSize: 200, epochs: 5, discount: 0.9, hidden: [32] });
const discriminator = {
  hidden: [32],
  gradientPenalty: 0,
  minibatchSize: 400,
  updates: 10,
  learningRate: 3e-3,
};

/** The algorithms that learn a reward from demonstrations. */
export const learners: Record<string, (demonstrations: Demonstrations) => AdversarialLearner> = {
  "airl, of states": (demonstrations) => airl({ demonstrations, optimiser: optimiser(), discriminator }),
  "airl, of states and actions": (demonstrations) =>
    airl({ demonstrations, optimiser: optimiser(), discriminator, rewardInputs: "state-action" }),
  gail: (demonstrations) => gail({ demonstrations, optimiser: optimiser(), discriminator }),
};

/** The grid of the demonstrations, the grid with reversed actions, and the transfer of rewards between them. */
export function turnedAround({ slip = 0 } = {}) {
  const [here, there] = [0, 2].map((turn) => grid(turn, slip, (state) => trueReward[state]));
  const env = () => tabularEnvironment("Grid-v0", here, { maxEpisodeSteps: 20 });

  /** Learns a reward in the grid of the demonstrations, `[states × actions]`. */
  async function learn(algorithm: AdversarialLearner, seed: number): Promise<ArrayLike<number>> {
    const { state } = await train.run(algorithm, { env, steps: 20_000, seed });
    const pairs = Array.from({ length: STATES * 4 }, (_, k) => k);
    return algorithm.reward(state)({
      observations: Float32Array.from(pairs, (k) => k >> 2),
      nextObservations: new Float32Array(pairs.length),
      actions: Int32Array.from(pairs, (k) => k & 3),
      terminated: new Uint8Array(pairs.length),
    });
  }

  return {
    here,

    /** Demonstrations of the policy `table`, `[states × actions]`. */
    demonstrated: (table: Float64Array): Promise<Demonstrations> =>
      collect(new TabularPolicy(STATES, table), { env, episodes: 60, seed: 0 }),

    /**
     * The return of the optimal policy for a learnt reward in the grid with reversed actions, as a fraction of the
     * largest return, and a picture of the reward (mean over actions of each state) with the moves of that policy.
     */
    async carriedOver(algorithm: AdversarialLearner, seed: number): Promise<{ share: number; svg: string }> {
      const learnt = await learn(algorithm, seed);
      const { policy } = valueIteration(grid(2, slip, (s, a) => learnt[4 * s + a]));
      const earned = (table: Float64Array) => policyReturn(there, evaluatePolicy(there, table));
      const heat = Array.from(
        { length: STATES },
        (_, s) => [0, 1, 2, 3].reduce((sum, a) => sum + learnt[4 * s + a], 0) / 4,
      );
      const moves = MOVES.map((_, action) => MOVES[(action + 2) % 4]);
      return {
        share: earned(policy) / earned(valueIteration(there).policy),
        svg: gridSvg(there.grid!, { heat, policy, moves, cell: 40 }),
      };
    },
  };
}

const SLIPS = [0, 0.25, 0.5, 0.75];
/** Names and colours of the learners in the pictures. */
const SHOWN_AS: Record<keyof typeof learners, { name: string; colour: string }> = {
  "airl, of states": { name: "AIRL, state reward", colour: "#0969da" },
  "airl, of states and actions": { name: "AIRL, state-action reward", colour: "#8250df" },
  gail: { name: "GAIL", colour: "#cf222e" },
};

/** The transfer of the reward of one learner at one slip probability. */
export interface CarriedRow {
  slip: number;
  learner: string;
  mean: number;
  /** The share of the optimal return, by seed. */
  shares: number[];
}

/** One row per learner and one column per slip probability: mean and range over the seeds. */
export function carriedTable(rows: readonly CarriedRow[]): string {
  const cell = ({ mean: middle, shares }: CarriedRow) => {
    const [low, high] = [Math.min(...shares), Math.max(...shares)].map((share) => share.toFixed(2));
    return `${middle.toFixed(2)}${low === high ? "" : ` (${low} to ${high})`}`;
  };
  return markdown([
    ["reward", ...SLIPS.map((slip) => `slip ${slip}`)],
    ...Object.entries(SHOWN_AS).map(([learner, { name }]) => [
      name,
      ...SLIPS.map((slip) => cell(rows.find((row) => row.learner === learner && row.slip === slip)!)),
    ]),
  ]);
}

/** Transfer of rewards learnt from near-optimal experts, by slip probability, and maps of the rewards without slips. */
export async function carriedRewards(seeds: number) {
  const rows: CarriedRow[] = [];
  const maps: { title: string; svg: string }[] = [];
  for (const slip of SLIPS) {
    const { here, demonstrated, carriedOver } = turnedAround({ slip });
    const ways = await demonstrated(softValueIteration(here, { temperature: 0.05 }).policy);
    if (slip === 0)
      maps.push({ title: "true reward", svg: gridSvg(here.grid!, { heat: trueReward, cell: 40 }) });
    for (const [learner, make] of Object.entries(learners)) {
      const found = [];
      for (let seed = 0; seed < seeds; seed++) found.push(await carriedOver(make(ways), seed));
      const shares = found.map(({ share }) => share);
      rows.push({ slip, learner, mean: mean(shares), shares });
      if (slip === 0) maps.push({ title: SHOWN_AS[learner].name, svg: found[0].svg });
      console.log(
        `${learner}, slip ${slip}, reversed actions: ${shares.map((x) => x.toFixed(2)).join(", ")}`,
      );
    }
  }
  const curves = Object.entries(SHOWN_AS).map(([key, shownAs]) => ({
    ...shownAs,
    points: rows.filter(({ learner }) => learner === key).map(({ slip, shares }) => rangeAt(slip, shares)),
  }));
  const picture = await panels(
    [
      {
        title: "Reward transfer to reversed actions",
        x: "slip probability",
        y: "return / optimal return",
        xScale: "linear",
        yScale: { type: "linear" },
        from: 0,
        reference: 1,
        curves,
      },
    ],
    1,
  );
  return { rows, picture, maps: sideBySide(maps) };
}
