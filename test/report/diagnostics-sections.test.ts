import { describe, expect, it } from "vitest";
import { exactDiagnostics } from "../../src/diagnostics/exact.js";
import type { SampledDiagnostics } from "../../src/diagnostics/sampled.js";
import { deterministicTable, randomModel, tabularModel, uniformTable } from "../../src/mdp/index.js";
import { exactSections, gridPanel, sampledSections } from "../../src/report/diagnostics-sections.js";
import { renderReport } from "../../src/report/render.js";
import type { BarsSection, HeatmapSection, Section } from "../../src/report/types.js";
import "../../envs/index.js";
import { problemOf } from "../../src/env/problem.js";
import { createRng } from "../../src/random/rng.js";
import { byTag, parseMarkup } from "./markup.js";

/** Three cells in a row and a goal: action 0 goes right, action 1 goes left, and cell 1 may slip back to cell 0. */
const corridor = tabularModel({
  states: 4,
  actions: 2,
  discount: 0.9,
  transitions: [
    { state: 0, action: 0, next: 1, probability: 1 },
    { state: 0, action: 1, next: 0, probability: 1 },
    { state: 1, action: 0, next: 2, probability: 0.8 },
    { state: 1, action: 0, next: 0, probability: 0.2 },
    { state: 1, action: 1, next: 0, probability: 1 },
    { state: 2, action: 0, next: 3, probability: 1, reward: 1 },
    { state: 2, action: 1, next: 1, probability: 1 },
  ],
  initial: 0,
  terminal: [3],
  grid: {
    rows: 2,
    columns: 4,
    cells: Int32Array.of(4, 5, 6, 7),
    walls: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0),
    labels: ["", "", "", "", "S", "", "", "G"],
  },
});
const expert = deterministicTable(corridor, [0, 0, 0, 0]);
/** Turns back half the time in the last cell before the goal. */
const learner = Float64Array.of(1, 0, 1, 0, 0.5, 0.5, 1, 0);
const exact = exactDiagnostics(corridor, expert, learner);

const page = (sections: Section[]) =>
  renderReport({ title: "x", summary: [], sections, commands: [], provenance: {} });
const only = <K extends Section["kind"]>(sections: Section[], kind: K) =>
  sections.filter((section): section is Extract<Section, { kind: K }> => section.kind === kind);

describe("gridPanel", () => {
  it("puts each state's number in its cell, and leaves other cells empty", () => {
    const panel = gridPanel("x", corridor, [1, 2, 3, 4]);
    expect(Array.from(panel.values)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, 1, 2, 3, 4]);
  });

  it("sums the states of one cell", () => {
    const shared = { ...corridor, grid: { ...corridor.grid!, cells: Int32Array.of(4, 4, 6, 7) } };
    expect(Array.from(gridPanel("x", shared, [1, 2, 3, 4]).values).slice(4)).toEqual([3, Number.NaN, 3, 4]);
  });

  it("draws arrows in the direction of the most probable action, with its probability as length", () => {
    const { arrows } = gridPanel(
      "x",
      corridor,
      [0, 0, 0, 0],
      Float64Array.of(1, 0, 0.25, 0.75, 0.6, 0.4, 1, 0),
    );
    expect(Array.from(arrows!).slice(4)).toEqual([
      { dx: 1, dy: 0 },
      { dx: -0.75, dy: 0 },
      { dx: 0.6, dy: 0 },
      null,
    ]);
  });

  it("finds the intended direction under slips, walls and holes", async () => {
    const { model } = await problemOf("FrozenLake-v1");
    // Left, down, right, up, as published; state 0 is the start.
    const choices = [0, 1, 2, 3, ...new Array(12).fill(0)];
    const { arrows } = gridPanel("x", model!, new Array(16).fill(0), deterministicTable(model!, choices));
    const found = [0, 1, 2, 3].map((cell) => arrows![cell]);
    expect(found).toEqual([
      { dx: -1, dy: 0 },
      { dx: 0, dy: 1 },
      { dx: 1, dy: 0 },
      { dx: 0, dy: -1 },
    ]);
  });

  it("refuses a model without a grid", () => {
    const model = randomModel(createRng(0), { states: 3, actions: 2, branching: 2, discount: 0.9 });
    expect(() => gridPanel("bc", model, [0, 0, 0])).toThrow(/no heatmap of "bc": the model has no grid/);
  });
});

describe("exactSections", () => {
  it("shows the gap, ε and the bound of the diagnostics", () => {
    const [table] = byTag(parseMarkup(page(exactSections("bc", exact, corridor, learner))), "table");
    const rows = new Map(byTag(table, "tr").map((row) => [row.children[0].text, row.children[1].text]));
    expect(Number(rows.get("gap"))).toBeCloseTo(exact.gap, 3);
    expect(Number(rows.get("bound"))).toBeCloseTo(exact.bound, 1);
    expect(Number(rows.get("ε"))).toBeCloseTo(exact.epsilon, 4);
    expect(rows.has("KL(expert ‖ learner)")).toBe(true);
  });

  it("splits the gap by state: the parts sum to the whole, with the largest first", () => {
    const [bars] = only(exactSections("bc", exact, corridor, learner), "bars");
    const [whole, ...parts] = bars.bars;
    expect(whole.value).toBeGreaterThan(0.01);
    expect(parts.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(whole.value, 10);
    expect(parts[0].label).toBe("row 2, column 3");
    expect(bars.reading).toBe("The largest contribution is at row 2, column 3.");
  });

  it("sums the states that it does not list", () => {
    const model = randomModel(createRng(1), { states: 30, actions: 3, branching: 4, discount: 0.9 });
    const best = deterministicTable(model, new Array(30).fill(0));
    const sections = exactSections("x", exactDiagnostics(model, best, uniformTable(model)), model);
    const { bars } = sections[1] as BarsSection;
    expect(bars.length).toBe(8);
    expect(bars[7].label).toBe("24 other states");
    expect(bars.slice(1).reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(bars[0].value, 10);
    expect(bars[1].label).toMatch(/^state \d+$/);
    expect(only(sections, "heatmap")).toEqual([]);
  });

  it("maps the loss of value and both occupancies, each with its sum", () => {
    const maps = only(exactSections("bc", exact, corridor, learner), "heatmap");
    const sum = (section: HeatmapSection, panel: number) =>
      Array.from(section.panels[panel].values).reduce((total, value) => total + (value || 0), 0);
    expect(sum(maps[0], 0)).toBeCloseTo(exact.gap, 10);
    // The goal is left out: the episode has ended there.
    expect(sum(maps[1], 0)).toBeCloseTo(1 - exact.states.expert[3], 10);
    expect(sum(maps[1], 1)).toBeCloseTo(1 - exact.states.learner[3], 10);
    expect(maps[1].panels[0].values[7]).toBeNaN();
  });

  it("is readable for a learner without a gap", () => {
    const same = exactSections("bc", exactDiagnostics(corridor, expert, expert), corridor, expert);
    expect(same[0].reading).toMatch(/^bc is 0 below the expert's 0\.\d+\.$/);
    expect(same[1].reading).toBe("No state contributes to the gap.");
    // Rounding is not drawn as a loss.
    expect(Array.from(only(same, "heatmap")[0].panels[0].values).slice(4)).toEqual([0, 0, 0, 0]);
    expect(() => parseMarkup(page(same))).not.toThrow();
  });
});

describe("sampledSections", () => {
  const summary = (value: number) => ({
    value,
    low: value - 5,
    high: value + 5,
    std: 9,
    iqm: value,
    returns: [value, value],
    truncatedByLimit: 0,
  });
  const sampled: SampledDiagnostics = {
    expert: summary(500),
    learner: summary(450),
    random: summary(22),
    gap: { value: 50, low: 41, high: 60 },
    normalisedScore: 0.895,
    disagreement: { onExpert: 0.02, onLearner: 0.11 },
    performanceDifference: { value: 47, low: 30, high: 65, residual: 3, branches: 400 },
  };

  it("shows the returns and the gap with intervals, measured and by the lemma", () => {
    const sections = sampledSections("bc", sampled);
    expect(sections[0].reading).toBe("bc returns 450 [445, 455] where the expert returns 500 [495, 505].");
    const [bars] = only(sections, "bars");
    expect(bars.bars.map(({ value, low, high }) => [low, value, high])).toEqual([
      [41, 50, 60],
      [30, 47, 65],
    ]);
    const [table] = byTag(parseMarkup(page(sections)), "table");
    expect(table.text).toContain("0.895");
    expect(table.text).toContain("from 400 branches");
  });

  it("omits a missing lemma, and shows an undefined score as n/a", () => {
    const sections = sampledSections("bc", {
      ...sampled,
      performanceDifference: undefined,
      normalisedScore: Number.NaN,
    });
    expect(only(sections, "bars")[0].bars.length).toBe(1);
    expect(byTag(parseMarkup(page(sections)), "table")[0].text).toContain("n/a");
  });
});
