/** @file A gridworld as tables: where each move leads, what each state pays, and the exact model. */

import { UsageError } from "../../src/errors.js";
import type { TabularModel } from "../../src/rollout/contracts.js";
import { checkLayout, currentOf, MOVES } from "./layout.js";

/** What a grid is made from; every number filled in. */
export interface GridRules {
  layout: readonly string[];
  /** Probability that a move is turned a quarter: half of it to either side. */
  slip: number;
  /** Reward of a step that ends on plain floor, on a goal, in lava. */
  stepReward: number;
  goalReward: number;
  lavaReward: number;
  goalTerminal: boolean;
  lavaTerminal: boolean;
  /** `[cells, k]` in reading order, walls included. */
  features?: readonly (readonly number[])[];
  /** `[k]`: adds features · weights of the cell that a step ends in to its reward. */
  featureWeights?: readonly number[];
  discount: number;
}

/** States are the cells that are not walls, in reading order. */
export interface Grid {
  readonly layout: readonly string[];
  readonly states: number;
  /** `[states]`: the cell of each state, row × columns + column. */
  readonly cells: Int32Array;
  /** `[states × 4]`: the state that each move leads to. */
  readonly next: Int32Array;
  /** `[states]`: the reward of a step that ends in the state. */
  readonly reward: Float64Array;
  /** `[states]`, 0 or 1. */
  readonly terminal: Uint8Array;
  /** The states where an episode may start, all equally likely. */
  readonly starts: number[];
  /** `[states][k]`, where the grid has features. */
  readonly features?: readonly (readonly number[])[];
}

/** @throws {UsageError} when the layout or the features do not fit. */
export function gridOf(id: string, rules: GridRules): Grid {
  const { layout, features, featureWeights } = rules;
  checkLayout(id, layout);
  const columns = layout[0].length;
  const symbols = [...layout.join("")];
  checkFeatures(id, symbols.length, rules);
  const cells = Int32Array.from(symbols.flatMap((symbol, cell) => (symbol === "#" ? [] : [cell])));
  const stateOf = new Int32Array(symbols.length).fill(-1);
  for (const [state, cell] of cells.entries()) stateOf[cell] = state;

  const next = new Int32Array(cells.length * 4);
  const reward = new Float64Array(cells.length);
  const terminal = new Uint8Array(cells.length);
  const starts: number[] = [];
  for (const [state, cell] of cells.entries()) {
    const symbol = symbols[cell];
    for (let move = 0; move < 4; move++) {
      const target = neighbour(cell, carried(symbol, move), layout.length, columns);
      next[4 * state + move] = target < 0 || stateOf[target] < 0 ? state : stateOf[target];
    }
    const base = symbol === "G" ? rules.goalReward : symbol === "L" ? rules.lavaReward : rules.stepReward;
    const extra = featureWeights?.reduce((sum, weight, k) => sum + weight * features![cell][k], 0) ?? 0;
    reward[state] = base + extra;
    terminal[state] =
      (symbol === "G" && rules.goalTerminal) || (symbol === "L" && rules.lavaTerminal) ? 1 : 0;
    if (symbol === "S") starts.push(state);
  }
  const stateFeatures = features && Array.from(cells, (cell) => features[cell]);
  return { layout, states: cells.length, cells, next, reward, terminal, starts, features: stateFeatures };
}

function checkFeatures(id: string, cells: number, { features, featureWeights }: GridRules): void {
  if (featureWeights && !features) throw new UsageError(`${id}: featureWeights need features`);
  if (!features) return;
  if (features.length !== cells) {
    throw new UsageError(
      `${id}: features must have a row for each of the ${cells} cells, not ${features.length}`,
    );
  }
  const k = featureWeights?.length ?? features[0].length;
  const odd = features.findIndex((row) => row.length !== k);
  if (odd >= 0)
    throw new UsageError(`${id}: features row ${odd} has ${features[odd].length} numbers, not ${k}`);
}

/** The move made in a cell: against a current one makes way, in any other direction one is carried along. */
function carried(symbol: string, move: number): number {
  const current = currentOf(symbol);
  return current < 0 || move === (current + 2) % 4 ? move : current;
}

/** The cell that a move leads to, or −1 off the grid. */
function neighbour(cell: number, move: number, rows: number, columns: number): number {
  const row = Math.floor(cell / columns) + MOVES[move].row;
  const column = (cell % columns) + MOVES[move].column;
  const onGrid = row >= 0 && row < rows && column >= 0 && column < columns;
  return onGrid ? row * columns + column : -1;
}

/** The exact model. The time limit is the environment's affair and is not in it. */
export function gridModel(grid: Grid, { slip, discount }: GridRules): TabularModel {
  const { states, layout } = grid;
  const rowStart = new Int32Array(4 * states + 1);
  const next: number[] = [];
  const probability: number[] = [];
  for (let pair = 0; pair < 4 * states; pair++) {
    const state = pair >> 2;
    const outcomes = new Map<number, number>();
    const add = (move: number, p: number) => {
      const target = grid.next[4 * state + (move & 3)];
      if (p > 0) outcomes.set(target, (outcomes.get(target) ?? 0) + p);
    };
    if (grid.terminal[state]) outcomes.set(state, 1);
    else {
      add(pair, 1 - slip);
      add(pair + 1, slip / 2);
      add(pair + 3, slip / 2);
    }
    next.push(...outcomes.keys());
    probability.push(...outcomes.values());
    rowStart[pair + 1] = next.length;
  }
  const reward = new Float64Array(next.length);
  for (let pair = 0; pair < 4 * states; pair++) {
    if (grid.terminal[pair >> 2]) continue;
    for (let entry = rowStart[pair]; entry < rowStart[pair + 1]; entry++)
      reward[entry] = grid.reward[next[entry]];
  }
  const initial = new Float64Array(states);
  for (const start of grid.starts) initial[start] = 1 / grid.starts.length;
  const symbols = [...layout.join("")];
  return {
    states,
    actions: 4,
    rowStart,
    next: Int32Array.from(next),
    probability: Float64Array.from(probability),
    reward,
    initial,
    terminal: grid.terminal,
    discount,
    observations: Float32Array.from({ length: states }, (_, state) => state),
    grid: {
      rows: layout.length,
      columns: layout[0].length,
      cells: grid.cells,
      walls: Uint8Array.from(symbols, (symbol) => (symbol === "#" ? 1 : 0)),
      labels: symbols.map((symbol) => (symbol === "#" || symbol === "." ? "" : symbol)),
    },
  };
}
