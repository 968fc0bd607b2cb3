/** @file Pictures of grids: shapes, positions, colours, text, and refused overlays. */

import { describe, expect, it } from "vitest";
import { colourOf, rangeOf } from "../../../envs/gridworld/drawing.js";
import { gridworld } from "../../../envs/gridworld/gridworld.js";
import { keyDoor } from "../../../envs/gridworld/key-door.js";
import { gridSvg, gridText } from "../../../envs/gridworld/picture.js";
import { valueIteration } from "../../../src/mdp/index.js";

const environment = gridworld({ layout: ["S.#", "L.G"], slip: 0 });
const model = environment.model!();
const grid = model.grid!;

/** The area that paths of each colour cover: the sum of width × height of their rectangles. */
function areas(svg: string): Map<string, number> {
  const result = new Map<string, number>();
  for (const [, fill, path] of svg.matchAll(/<path (?:fill="([^"]+)" )d="([^"]+)"/g)) {
    let area = 0;
    for (const [, width, height] of path.matchAll(/h(\d+)v(\d+)/g)) area += Number(width) * Number(height);
    result.set(fill, area);
  }
  return result;
}

describe("gridText", () => {
  it("draws walls, labels, floor and the agent", () => {
    expect(gridText(grid)).toBe("S.#\nL.G");
    expect(gridText(grid, { agent: 1 })).toBe("S@#\nL.G");
    expect(gridText(grid, { agent: 1, heading: 1 })).toBe("S▼#\nL.G");
  });

  it("draws a policy as arrows, from actions and from probabilities", () => {
    expect(gridText(grid, { policy: [0, 1, 2, 2, 3] })).toBe("S↓#\nL→G");
    const probabilities = new Float64Array(20);
    for (let state = 0; state < 5; state++) probabilities.set([0.1, 0.2, 0, 0.7], 4 * state);
    expect(
      gridText({ ...grid, labels: undefined }, { policy: probabilities, terminal: model.terminal }),
    ).toBe("↑↑#\n.↑.");
    expect(gridText(grid, { policy: [4, 4, 4, 4, 4] })).toBe("S·#\nL·G");
  });

  it("draws a heatmap as numbers in columns", () => {
    expect(gridText(grid, { heat: [0.5, -1, 12.345, Number.NaN, 1e-4] })).toBe(
      "   0.5     -1      #\n  12.3        0.0001",
    );
  });
});

describe("gridSvg", () => {
  it("fills walls and labelled cells, and only those, with their colours", () => {
    const found = areas(gridSvg(grid, { cell: 10 }));
    expect(found.get("#8fd19e")).toBe(100);
    expect(found.get("#f2926c")).toBe(100);
    expect(gridSvg(grid, { cell: 10 })).toContain(`<path d="M20 0h10v10h-10z" fill="#3b4452"/>`);
  });

  it("colours each cell by its number, and merges equal neighbours", () => {
    const found = areas(gridSvg(grid, { cell: 10, heat: [1, 1, 3, 2, 2] }));
    const range = [1, 3] as const;
    expect(found.get(colourOf(1, range))).toBe(200);
    expect(found.get(colourOf(2, range))).toBe(200);
    expect(found.get(colourOf(3, range))).toBe(100);
  });

  it("keeps the colour of states without a number, and leaves floor empty", () => {
    const nan = Number.NaN;
    const found = areas(gridSvg(grid, { cell: 10, heat: [0, 1, nan, nan, 0] }));
    expect(found.get("#f2926c")).toBe(100);
    expect([...found.values()].reduce((sum, area) => sum + area)).toBe(400);
  });

  it("draws an arrow for the policy's moves, and none in terminal states", () => {
    const tips = (options: object) =>
      [
        ...(
          gridSvg(grid, options).match(/<path d="([^"]*)" fill="none" stroke="#1f2933"/)?.[1] ?? ""
        ).matchAll(/M/g),
      ].length / 2;
    const { policy } = valueIteration(model);
    expect(tips({ policy })).toBe(5);
    expect(tips({ policy, terminal: model.terminal })).toBe(3);
    expect(tips({ policy: new Float64Array(20).fill(0.25), terminal: model.terminal })).toBe(12);
  });

  it("draws arrows in the direction of the move", () => {
    const svg = gridSvg(
      { rows: 1, columns: 1, cells: new Int32Array(1), walls: new Uint8Array(1) },
      { cell: 10, policy: [2] },
    );
    // From left to right through the middle.
    expect(svg).toContain("M2 5L8.2 5");
  });

  it("has a panel for each set of keys", () => {
    const keys = keyDoor({ layout: ["Sa.", "##A", "G.."] }).model!();
    const panels = (options: object) => gridSvg(keys.grid!, options).match(/<g transform/g)!.length;
    expect(panels({ heat: new Float64Array(14) })).toBe(2);
    expect(panels({})).toBe(1);
    expect(gridSvg(keys.grid!, { heat: new Float64Array(14), title: ["no key", "key a & more"] })).toContain(
      "key a &amp; more",
    );
  });

  it("is well-formed, with a light background, and equals the environment's rendering", () => {
    environment.reset();
    const svg = environment.renderSvg!();
    expect(svg).toMatch(
      /^<svg [^>]*viewBox="0 0 \d+ \d+"[^>]*><rect width="100%" height="100%" fill="#ffffff"\/>/,
    );
    const tags = [...svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)];
    let depth = 0;
    for (const [, closing, , selfClosing] of tags) depth += closing ? -1 : selfClosing ? 0 : 1;
    expect(depth).toBe(0);
    expect(svg).toContain("<circle");
  });

  it("uses the whole colour scale for numbers of one sign, and keeps 0 neutral between two signs", () => {
    expect(colourOf(5, [5, 9])).toBe("#eff5fc");
    expect(colourOf(9, [5, 9])).toBe("#1454a0");
    expect(colourOf(0, [-1, 4])).toBe("#f7f7f7");
    expect(colourOf(4, [-1, 4])).toBe("#1454a0");
    expect(colourOf(-4, [-4, 1])).toBe("#c44a1e");
    expect(rangeOf([3, Number.NaN, -2])).toEqual([-2, 3]);
    expect(rangeOf([])).toEqual([0, 1]);
  });

  it.each([
    [{ heat: [1, 2] }, /"heat" has 2 numbers, but the grid has 5 states/],
    [{ policy: [1, 2, 3] }, /"policy" has 3 numbers for 5 states/],
    [{ policy: new Float64Array(30) }, /the policy has 6 actions, but "moves" has 5 entries/],
    [{ agent: 5 }, /"agent" is 5, but the grid's states are 0 to 4/],
    [{ cell: 0 }, /"cell" is 0: it must be above 0/],
  ])("refuses %j", (options, message) => {
    expect(() => gridSvg(grid, options)).toThrow(message);
  });
});
