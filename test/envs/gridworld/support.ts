/** @file Shared by the tests of gridworlds: reading models, and enumerating an environment by stepping it. */

import type { Environment, TabularModel } from "../../../src/env/contracts.js";
import { createRng, type Rng } from "../../../src/random/rng.js";

/** Where a pair of a model leads: next state → probability. */
export function chances(model: TabularModel, state: number, action: number): Map<number, number> {
  const pair = state * model.actions + action;
  const result = new Map<number, number>();
  for (let entry = model.rowStart[pair]; entry < model.rowStart[pair + 1]; entry++) {
    result.set(model.next[entry], (result.get(model.next[entry]) ?? 0) + model.probability[entry]);
  }
  return result;
}

/**
 * How far the frequencies of a long random walk are from the model's odds: χ² in units of its standard deviation, above
 * its mean. Throws at a step that the model does not know, or that pays something else.
 */
export function surprise(environment: Environment, steps: number): number {
  const model = environment.model!();
  const counts = new Map<number, number>();
  const visits = new Float64Array(model.states * model.actions);
  const rng = createRng("walk");
  let state = environment.reset({ seed: 0 }).observation as number;
  for (let step = 0; step < steps; step++) {
    const action = rng.integer(model.actions);
    const pair = state * model.actions + action;
    const { observation, reward, terminated, truncated } = environment.step(action);
    let entry = model.rowStart[pair];
    while (entry < model.rowStart[pair + 1] && model.next[entry] !== observation) entry++;
    if (entry === model.rowStart[pair + 1] || model.reward[entry] !== reward) {
      throw new Error(`state ${state}, action ${action} led to ${observation} with reward ${reward}`);
    }
    counts.set(entry, (counts.get(entry) ?? 0) + 1);
    visits[pair]++;
    state = (terminated || truncated ? environment.reset().observation : observation) as number;
  }
  let [chiSquare, freedom] = [0, 0];
  for (let pair = 0; pair < visits.length; pair++) {
    if (visits[pair] < 60) continue;
    for (let entry = model.rowStart[pair]; entry < model.rowStart[pair + 1]; entry++) {
      const expected = visits[pair] * model.probability[entry];
      chiSquare += ((counts.get(entry) ?? 0) - expected) ** 2 / expected;
    }
    freedom += model.rowStart[pair + 1] - model.rowStart[pair] - 1;
  }
  if (freedom < 20) throw new Error(`only ${freedom} degrees of freedom: walk for longer`);
  return (chiSquare - freedom) / Math.sqrt(2 * freedom);
}

/** The shortest number of steps between two cells of a map, by moves that avoid walls. */
export function stepsBetween(layout: readonly string[], from: number, to: number): number {
  const columns = layout[0].length;
  const distance = new Map([[from, 0]]);
  for (const [cell, steps] of distance) {
    for (const [down, right] of [
      [0, -1],
      [1, 0],
      [0, 1],
      [-1, 0],
    ]) {
      const [row, column] = [Math.floor(cell / columns) + down, (cell % columns) + right];
      const symbol = layout[row]?.[column];
      const next = row * columns + column;
      if (symbol !== undefined && symbol !== "#" && !distance.has(next)) distance.set(next, steps + 1);
    }
  }
  return distance.get(to) ?? Infinity;
}

/** A map of so many rows and columns whose cells are drawn from `symbols`. */
export function randomMap(rng: Rng, rows: number, columns: number, symbols: string): string[][] {
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => symbols[rng.integer(symbols.length)]),
  );
}
