/** @file Partial views against a slow reference in map coordinates; turning, keys in hand, and decreasing rewards. */

import { describe, expect, it } from "vitest";
import { gridOf } from "../../../envs/gridworld/grid.js";
import { partialGrid } from "../../../envs/gridworld/partial-grid.js";
import { viewsOf } from "../../../envs/gridworld/view.js";
import { createRng } from "../../../src/random/rng.js";
import { randomMap } from "./support.js";

const [TURN_LEFT, TURN_RIGHT, FORWARD, PICK_UP, OPEN] = [0, 1, 2, 3, 4];
/** Left, down, right, up, as complex numbers x + iy with y upwards. */
const HEADINGS: [number, number][] = [
  [-1, 0],
  [0, -1],
  [1, 0],
  [0, 1],
];

/** Whether the straight way between two cells of a map is blocked, in coordinates of the map. */
function isHidden(opaque: (x: number, y: number) => boolean, from: number[], to: number[]): boolean {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const long = Math.max(Math.abs(dx), Math.abs(dy));
  for (let t = 1; t < long; t++) {
    // Every cell within half a cell of the point, exactly: twice the distance times the length is a whole number.
    let open = false;
    for (let x = Math.min(from[0], to[0]); x <= Math.max(from[0], to[0]); x++) {
      for (let y = Math.min(from[1], to[1]); y <= Math.max(from[1], to[1]); y++) {
        const away = [x - from[0], y - from[1]].map((d, i) => Math.abs(2 * (d * long - [dx, dy][i] * t)));
        const onTheWay =
          Math.abs(dx) === long ? x - from[0] === Math.sign(dx) * t : y - from[1] === Math.sign(dy) * t;
        if (onTheWay && away[0] <= long && away[1] <= long && !opaque(x, y)) open = true;
      }
    }
    if (!open) return true;
  }
  return false;
}

const RULES = {
  stepReward: 0,
  goalReward: 1,
  lavaReward: -1,
  goalTerminal: true,
  lavaTerminal: true,
  discount: 0.9,
};

describe("views", () => {
  it.each([
    { size: 5, from: "edge", occlude: true },
    { size: 7, from: "edge", occlude: false },
    { size: 5, from: "centre", occlude: true },
    { size: 1, from: "edge", occlude: true },
  ] as const)("equal a slow search of the map: %j", (view) => {
    const rng = createRng("maps");
    let hidden = 0;
    const wrong: string[] = [];
    for (let round = 0; round < 3; round++) {
      const map = randomMap(rng, 5, 6, "....###LGA<^");
      map[4][0] = "S";
      map[0][5] = "a";
      const layout = map.map((line) => line.join(""));
      const grid = gridOf("test", { ...RULES, layout, turns: true });
      const { planes, pixels, shape } = viewsOf(grid, view);
      expect(shape).toEqual([view.size, view.size, planes.length]);
      const symbol = (x: number, y: number) => layout[-y]?.[x] ?? "#";
      // Nothing is taken or open in the first set.
      const opaque = (x: number, y: number) => "#A".includes(symbol(x, y));
      for (
        let state = 0;
        state < Math.min(grid.states, 4 * [...layout.join("")].filter((s) => s !== "#").length);
        state++
      ) {
        const [hx, hy] = HEADINGS[grid.headings![state]];
        const at = [grid.cells[state] % 6, -Math.floor(grid.cells[state] / 6)];
        for (let i = 0; i < view.size ** 2; i++) {
          const middle = (view.size - 1) / 2;
          const ahead = (view.from === "edge" ? view.size - 1 : middle) - Math.floor(i / view.size);
          const right = (i % view.size) - middle;
          // A heading h turned a quarter clockwise is −i h.
          const to = [at[0] + ahead * hx + right * hy, at[1] + ahead * hy - right * hx];
          const seen: string[] = [];
          if (!view.occlude || !isHidden(opaque, at, to)) {
            seen.push("seen");
            const s = symbol(to[0], to[1]);
            if (s === "#") seen.push("wall");
            if (s === "G") seen.push("goal");
            if (s === "L") seen.push("lava");
            if (s === "A") seen.push("closed door a");
            if (s === "a") seen.push("key a");
            if ("<^".includes(s)) {
              const [cx, cy] = s === "<" ? [-1, 0] : [0, 1];
              // The current over the heading, as a complex number: 1 is forwards, i to the left.
              const over = `${cx * hx + cy * hy + 0},${cy * hx - cx * hy + 0}`;
              const names = {
                "1,0": "forwards",
                "0,1": "to the left",
                "-1,0": "backwards",
                "0,-1": "to the right",
              };
              seen.push(`current ${names[over as keyof typeof names]}`);
            }
          } else hidden++;
          const start = (state * view.size ** 2 + i) * planes.length;
          const shown = planes.filter((_, plane) => pixels[start + plane] === 1);
          if (shown.sort().join() !== seen.sort().join())
            wrong.push(`state ${state}, place ${i}: ${shown}, not ${seen}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(hidden > 0).toBe(view.occlude && view.size > 1);
  });
});

describe("PartialGrid-v0", () => {
  const layout = ["#####", "#Sa.#", "###A#", "#G..#", "#####"];
  /** Looking right from the start: heading 2. */
  const start = 2;

  function plane(
    environment: ReturnType<typeof partialGrid>,
    observation: unknown,
    name: string,
  ): number[][] {
    const { planes } = viewsOf(environment.grid, { size: 3, from: "edge", occlude: true });
    const cell = (i: number) => (observation as Float32Array)[i * planes.length + planes.indexOf(name)];
    return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cell(3 * row + column)));
  }

  it("shows the key ahead and in the agent's own cell, and the door closed and open", () => {
    const environment = partialGrid({ layout, view: 3 });
    let { observation } = environment.reset({ options: { state: start } });
    expect(plane(environment, observation, "key a")).toEqual([
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
    const act = (action: number) => {
      const step = environment.step(action);
      ({ observation } = step);
      return step;
    };
    // The key is in the way until it is taken.
    expect(act(FORWARD).info).toEqual({ state: start });
    act(PICK_UP);
    expect(plane(environment, observation, "key a")).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ]);
    for (const action of [FORWARD, FORWARD, TURN_RIGHT]) act(action);
    expect(plane(environment, observation, "closed door a")[1][1]).toBe(1);
    // What is behind the door is hidden; the door itself does not open by walking.
    expect(plane(environment, observation, "seen")[0]).toEqual([0, 0, 0]);
    const before = act(FORWARD).info;
    act(OPEN);
    expect(plane(environment, observation, "open door a")[1][1]).toBe(1);
    expect(plane(environment, observation, "seen")[0][1]).toBe(1);
    expect(environment.render!()).toBe("#####\n#S.▼#\n###/#\n#G..#\n#####\nkeys: a");
    for (const action of [FORWARD, FORWARD, TURN_RIGHT, FORWARD]) act(action);
    expect(before).not.toEqual(environment.step(TURN_LEFT).info);
    environment.step(TURN_RIGHT);
    // 13 steps so far; the next one is the 14th of 640.
    expect(environment.step(FORWARD)).toMatchObject({ terminated: true, reward: 1 - (0.9 * 14) / 640 });
  });

  it("does not open a door without its key, and picks nothing up from an empty cell", () => {
    const environment = partialGrid({ layout: ["SA"], view: 3 });
    environment.reset({ options: { state: start } });
    for (const action of [OPEN, FORWARD, PICK_UP]) {
      expect(environment.step(action).info).toEqual({ state: start });
    }
  });

  it("turns in place: four turns are a full circle, and left is opposite to right", () => {
    const environment = partialGrid({ layout: ["S.G"], view: 3 });
    environment.reset({ options: { state: start } });
    const headings = [TURN_LEFT, TURN_LEFT, TURN_LEFT, TURN_LEFT, TURN_RIGHT].map(
      (action) => environment.grid.headings![environment.step(action).info.state as number],
    );
    // From right to up, left, down and right again.
    expect(headings).toEqual([3, 0, 1, 2, 1]);
    expect(environment.actionSpace).toEqual({ kind: "discrete", n: 3 });
  });

  it("has a goal reward that decreases with time, down to 1 − decay", () => {
    const environment = partialGrid({ layout: ["SG"], view: 3, goalDecay: 0.5, maxEpisodeSteps: 10 });
    const rewardAfter = (waits: number) => {
      environment.reset({ options: { state: start } });
      for (let step = 0; step < waits; step++) environment.step(PICK_UP % 3);
      for (let step = 0; step < 4 - (waits % 4 || 4); step++) environment.step(TURN_LEFT);
      return environment.step(FORWARD).reward;
    };
    expect(rewardAfter(0)).toBeCloseTo(1 - (0.5 * 1) / 10, 12);
    expect(rewardAfter(8)).toBeCloseTo(1 - (0.5 * 9) / 10, 12);
  });

  it("has no model, because neither state nor reward is determined by the observation", () => {
    expect(partialGrid().model).toBeUndefined();
  });

  it("moves by compass under a view that does not turn, on request", () => {
    const environment = partialGrid({
      layout: ["..G", "S.."],
      view: 3,
      viewFrom: "centre",
      movement: "compass",
    });
    expect(environment.actionSpace).toEqual({ kind: "discrete", n: 4 });
    let { observation } = environment.reset();
    expect(plane(environment, observation, "wall")).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [1, 1, 1],
    ]);
    ({ observation } = environment.step(2));
    expect(plane(environment, observation, "goal")).toEqual([
      [0, 0, 1],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("starts with every heading", () => {
    const environment = partialGrid({ layout: ["S.G"] });
    const headings = Array.from(
      { length: 60 },
      () => environment.grid.headings![environment.reset().info.state as number],
    );
    expect(new Set(headings).size).toBe(4);
  });

  it.each([
    [{ view: 4 }, /option "view" is 4: it must be odd/],
    [{ slip: 0.1 }, /"slip" is only for moves by compass, but the agent turns; use "failure"/],
  ])("refuses %j", (options, message) => {
    expect(() => partialGrid(options)).toThrow(message);
  });
});
