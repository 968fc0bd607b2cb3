/** @file Corridor-v0: the expert stays on path and ledges; a policy that fails in the strait ends in a river. */

import { describe, expect, it } from "vitest";
import { corridor } from "../../../envs/index.js";
import { evaluatePolicy, greedy, optimalValues } from "../../support/tabular.js";

const environment = corridor();
const model = environment.model!();
const { layout, cells } = environment.grid;
const columns = layout[0].length;
const expert = greedy(model, optimalValues(model));
const start = environment.grid.starts[0];
const rowOf = (state: number) => Math.floor(cells[state] / columns);

/** The expert where `known`, else uniform. */
function clone(known: (state: number) => boolean): Float64Array {
  const table = new Float64Array(4 * model.states).fill(1 / 4);
  for (let state = 0; state < model.states; state++) {
    if (known(state)) table.fill(0, 4 * state, 4 * state + 4)[4 * state + expert[state]] = 1;
  }
  return table;
}

describe("Corridor-v0", () => {
  it("is a path between two ledges and two rivers that meet behind a strait", () => {
    expect(corridor({ length: 4, strait: 2 }).grid.layout).toEqual([
      ">>>>>>>v",
      "....###v",
      "S...G>>>",
      "....###^",
      ">>>>>>>^",
    ]);
  });

  it("never lets the expert enter a river", () => {
    const rows = new Set<number>();
    for (let episode = 0; episode < 300; episode++) {
      let state = environment.reset(episode === 0 ? { seed: 0 } : {}).observation as number;
      for (let ended = false; !ended; ) {
        const step = environment.step(expert[state]);
        state = step.observation as number;
        ended = step.terminated || step.truncated;
        rows.add(rowOf(state));
      }
      expect(environment.grid.terminal[state]).toBe(1);
    }
    expect([...rows].sort()).toEqual([1, 2, 3]);
  });

  it("defeats a clone that knows the path only, and not one that also knows the recovery", () => {
    const ofExpert = evaluatePolicy(
      model,
      clone(() => true),
    )[start];
    const ofPath = evaluatePolicy(
      model,
      clone((state) => rowOf(state) === 2 && cells[state] % columns <= 40),
    )[start];
    const isLedge = (state: number) => rowOf(state) % 2 === 1 && cells[state] % columns < 40;
    const ofAllButLedges = evaluatePolicy(
      model,
      clone((state) => !isLedge(state)),
    )[start];
    expect(ofExpert - ofPath).toBeGreaterThan(30);
    expect(ofExpert - ofAllButLedges).toBeLessThan(8);
  });
});
