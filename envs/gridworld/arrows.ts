/** @file Draws a policy on a grid as arrows; with action probabilities, the length of an arrow shows the probability. */

import { UsageError } from "../../src/errors.js";
import { INK, short } from "./drawing.js";
import { MOVES } from "./layout.js";
import type { GridPicture } from "./model.js";

/** A displacement in rows (down) and columns (right). */
export interface Move {
  readonly row: number;
  readonly column: number;
}

const STAY: Move = { row: 0, column: 0 };

/** Actions with a smaller probability are not drawn. */
const LEAST = 0.02;

/** The moves of a policy, by state. */
export interface PolicyMoves {
  /** The moves of a state and their probabilities, without those below {@link LEAST}. */
  of(state: number): [move: Move, probability: number][];
  /** The arrow of the most likely action as a character, or "" if there is none. */
  text(state: number): string;
}

/**
 * The moves of a policy: `policy` holds an action per state, `[states]`, or probabilities, `[states × actions]`.
 *
 * @throws {UsageError} when the policy has another length, or more actions than there are moves.
 */
export function policyMoves(
  states: number,
  options: {
    policy?: ArrayLike<number>;
    moves?: readonly (Move | null)[];
    terminal?: ArrayLike<number>;
  },
): PolicyMoves {
  const { policy = [], moves = [...MOVES, STAY], terminal } = options;
  const actions = policy.length / states;
  if (!Number.isInteger(actions) || actions < 1) {
    throw new UsageError(
      `"policy" has ${policy.length} numbers for ${states} states: give one action per state, or one probability per ` +
        "state and action",
    );
  }
  if (actions > moves.length) {
    throw new UsageError(
      `the policy has ${actions} actions, but "moves" has ${moves.length} entries: give "moves" an entry per action`,
    );
  }
  const all = (state: number): [Move | null, number][] =>
    actions === 1
      ? [[moves[policy[state]] ?? null, 1]]
      : Array.from({ length: actions }, (_, action) => [moves[action], policy[state * actions + action]]);
  const known = (state: number) =>
    terminal?.[state]
      ? []
      : all(state).filter((entry): entry is [Move, number] => entry[0] !== null && entry[1] >= LEAST);
  return {
    of: known,
    text(state) {
      const [best] = known(state).sort((one, other) => other[1] - one[1]);
      if (!best) return "";
      const { row, column } = best[0];
      return ["↖↑↗", "←·→", "↙↓↘"][Math.sign(row) + 1][Math.sign(column) + 1];
    },
  };
}

/** The arrows of one panel as a single path. */
export function arrowMarks(grid: GridPicture, layer: Int32Array, size: number, moves: PolicyMoves): string {
  let path = "";
  for (const [cell, state] of layer.entries()) {
    if (state < 0) continue;
    const x = (cell % grid.columns) + 0.5;
    const y = Math.floor(cell / grid.columns) + 0.5;
    const chosen = moves.of(state);
    for (const [{ row, column }, probability] of chosen) {
      const norm = Math.hypot(row, column);
      if (norm === 0) {
        const r = 0.04 + 0.1 * probability;
        path += `M${at(x - r)} ${at(y)}a${at(r)} ${at(r)} 0 1 0 ${at(2 * r)} 0a${at(r)} ${at(r)} 0 1 0 ${at(-2 * r)} 0z`;
        continue;
      }
      // A single arrow is centred in its cell; several arrows start at the centre.
      const [dx, dy] = [column / norm, row / norm];
      const tail = chosen.length === 1 ? -0.3 : 0;
      const tip = chosen.length === 1 ? 0.32 : 0.1 + 0.34 * probability;
      const barb = chosen.length === 1 ? 0.17 : 0.05 + 0.1 * probability;
      const [tipX, tipY] = [x + dx * tip, y + dy * tip];
      path +=
        `M${at(x + dx * tail)} ${at(y + dy * tail)}L${at(tipX)} ${at(tipY)}` +
        `M${at(tipX - barb * (dx - dy))} ${at(tipY - barb * (dy + dx))}L${at(tipX)} ${at(tipY)}` +
        `L${at(tipX - barb * (dx + dy))} ${at(tipY - barb * (dy - dx))}`;
    }
  }
  const strokeWidth = short(Math.max(0.7, Math.min(2, size * 0.05)));
  return `<path d="${path}" fill="none" stroke="${INK}" stroke-width="${strokeWidth}" stroke-linejoin="round"/>`;

  function at(value: number): string {
    return String(Math.round(value * size * 10) / 10);
  }
}
