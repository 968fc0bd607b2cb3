/** @file Keys and doors: the model against enumeration, plans that fetch the key, and keys that break. */

import { describe, expect, it } from "vitest";
import { keyDoor } from "../../../envs/gridworld/key-door.js";
import { valueIteration } from "../../../src/mdp/index.js";
import { createRng } from "../../../src/random/rng.js";
import { chances, randomMap, surprise } from "./support.js";

const MOVES = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
];

/** Keys and doors by the book: positions and sets of letters, of doors by their place. Written apart from the tables. */
class ByTheBook {
  row = 0;
  column = 0;
  taken = new Set<string>();
  opened = new Set<string>();
  constructor(
    readonly map: readonly string[],
    readonly keysBreak: boolean,
  ) {}

  hands(letter: string): number {
    const taken = [...this.taken].filter((key) => key.endsWith(letter)).length;
    const used = [...this.opened].filter((door) => door.endsWith(letter.toUpperCase())).length;
    return this.keysBreak ? taken - used : taken;
  }

  move(action: number): void {
    const row = this.row + MOVES[action][0];
    const column = this.column + MOVES[action][1];
    const symbol = this.map[row]?.[column];
    const name = `${row},${column}${symbol}`;
    if (symbol === undefined || symbol === "#") return;
    if (/[A-F]/.test(symbol) && !this.opened.has(name)) {
      if (this.hands(symbol.toLowerCase()) === 0) return;
      this.opened.add(name);
    }
    if (/[a-f]/.test(symbol)) this.taken.add(name);
    [this.row, this.column] = [row, column];
  }

  /** What tells two states apart: the place, the keys taken and, where keys break, the doors opened. */
  key(): string {
    const parts = [this.row, this.column, ...[...this.taken].sort()];
    return [...parts, ...(this.keysBreak ? [...this.opened].sort() : [])].join(" ");
  }

  copy(): ByTheBook {
    const copy = new ByTheBook(this.map, this.keysBreak);
    [copy.row, copy.column] = [this.row, this.column];
    copy.taken = new Set(this.taken);
    copy.opened = new Set(this.opened);
    return copy;
  }
}

/** The states that can be reached from the start, by breadth-first search over the book. */
function reached(map: readonly string[], keysBreak: boolean): ByTheBook[] {
  const start = new ByTheBook(map, keysBreak);
  const seen = new Map([[start.key(), start]]);
  for (const state of seen.values()) {
    for (const action of [0, 1, 2, 3]) {
      const next = state.copy();
      next.move(action);
      if (!seen.has(next.key())) seen.set(next.key(), next);
    }
  }
  return [...seen.values()];
}

describe("KeyDoor-v0", () => {
  const layout = ["Sa.", "##A", "G.."];
  const steady = { layout, slip: 0 };

  it.each([
    false,
    true,
  ])("has the documented transitions from every state of random maps (keys break: %s)", (keysBreak) => {
    const rng = createRng("maps");
    let doors = 0;
    for (let round = 0; round < 15; round++) {
      const map = randomMap(rng, 3, 4, "....#aAb.B");
      map[0][0] = "S";
      const rows = map.map((line) => line.join(""));
      const environment = keyDoor({ layout: rows, slip: 0, keysBreak });
      const model = environment.model!();
      const states = reached(rows, keysBreak);
      // The same walk through both gives each state of the book its number in the tables.
      const numbers = new Map([[states[0].key(), environment.grid.starts[0]]]);
      for (const state of states) {
        const number = numbers.get(state.key())!;
        expect(environment.grid.cells[number]).toBe(state.row * 4 + state.column);
        for (const action of [0, 1, 2, 3]) {
          const next = state.copy();
          next.move(action);
          environment.reset({ options: { state: number } });
          const { observation } = environment.step(action);
          expect(chances(model, number, action)).toEqual(new Map([[observation, 1]]));
          if (!numbers.has(next.key())) numbers.set(next.key(), observation as number);
          expect(observation).toBe(numbers.get(next.key()));
        }
        doors += state.opened.size;
      }
      expect(new Set(numbers.values()).size).toBe(states.length);
    }
    expect(doors).toBeGreaterThan(10);
  });

  it("has an optimal plan that fetches the key before the door, with its discounted value", () => {
    const environment = keyDoor({
      layout: ["..S.A.G", "a#####."],
      slip: 0,
      stepReward: 0,
    });
    const model = environment.model!();
    const { policy, values } = valueIteration(model);
    let { observation } = environment.reset();
    const cells: number[] = [];
    for (let ended = false; !ended; ) {
      const action = policy.subarray(4 * (observation as number), 4 * (observation as number) + 4).indexOf(1);
      const step = environment.step(action);
      ({ observation } = step);
      cells.push(environment.grid.cells[observation as number]);
      ended = step.terminated || step.truncated;
    }
    // Left, left, down on the key; back and through the door at 4 to the goal at 6.
    expect(cells).toEqual([1, 0, 7, 0, 1, 2, 3, 4, 5, 6]);
    expect(values[environment.grid.starts[0]]).toBeCloseTo(0.99 ** 9, 10);
  });

  it("has an optimal plan that fetches both keys of the default map in order", () => {
    const environment = keyDoor({ slip: 0 });
    const { policy } = valueIteration(environment.model!());
    const { layout: map, cells } = environment.grid;
    let state = environment.reset().observation as number;
    let walked = "";
    for (let ended = false; !ended; ) {
      const step = environment.step(policy.subarray(4 * state, 4 * state + 4).indexOf(1));
      state = step.observation as number;
      walked += map.join("")[cells[state]];
      ended = step.terminated || step.truncated;
    }
    expect(walked.replace(/[.S]/g, "").replace(/(.)\1+/g, "$1")).toMatch(/^aA+bA?BG$/);
  });

  it("has the transition probabilities and rewards of its model", () => {
    const options = { layout: ["Sa.", "##A", "B.b", "..G"], slip: 0.3, goalTerminal: false };
    expect(Math.abs(surprise(keyDoor({ ...options, maxEpisodeSteps: 40 }), 60_000))).toBeLessThan(4);
  });

  it("keeps its keys, unless they break in the first door", () => {
    const row = { layout: ["SaAA.G"], slip: 0 };
    const walk = (keysBreak: boolean) => {
      const environment = keyDoor({ ...row, keysBreak });
      environment.reset();
      return [2, 2, 2, 2].map((action) => {
        const { observation } = environment.step(action);
        return environment.grid.cells[observation as number];
      });
    };
    expect(walk(false)).toEqual([1, 2, 3, 4]);
    expect(walk(true)).toEqual([1, 2, 2, 2]);
  });

  it("has a copy of the map for each reachable set of keys", () => {
    expect(keyDoor(steady).grid.states).toBe(2 * 7);
    // None, the key, the key and the door.
    expect(keyDoor({ ...steady, keysBreak: true }).grid.states).toBe(3 * 7);
    // A key behind its own door cannot be taken.
    expect(keyDoor({ layout: ["SAa"] }).grid.states).toBe(3);
  });

  it("renders the remaining keys, the keys in hand, and open doors", () => {
    const environment = keyDoor({ ...steady, keysBreak: true });
    environment.reset();
    expect(environment.render!()).toBe("@a.\n##A\nG..");
    environment.step(2);
    expect(environment.render!()).toBe("S@.\n##A\nG..\nkeys: a");
    for (const action of [2, 1, 1]) environment.step(action);
    expect(environment.render!()).toBe("S..\n##/\nG.@");
    expect(environment.renderSvg!()).toContain("keys: none");
  });

  it("refuses more keys than it supports", () => {
    expect(() => keyDoor({ layout: [`S${"a".repeat(17)}`] })).toThrow(/17 keys and doors; at most 12/);
  });
});
