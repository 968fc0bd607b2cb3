/**
 * @file The exact models of toy text against Gymnasium 1.3's transition tables, and the environments against their
 * models.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { make } from "../../../envs/index.js";
import { toyText } from "../../../envs/toy-text/index.js";
import { actionMask, decode, STATES } from "../../../envs/toy-text/taxi-map.js";
import type { Environment, TabularModel } from "../../../src/env/contracts.js";
import { createRng } from "../../../src/random/rng.js";

interface Table {
  id: string;
  options: Record<string, unknown>;
  states: number;
  terminal: number[];
  starts: [number, [number, number], [number, number]];
  startSum: number;
  rows: string[];
  sha256: string;
  masksSha256?: string;
}

const tables: Table[] = JSON.parse(
  readFileSync(new URL("../../data-files/toy-text/tables.json", import.meta.url), "utf8"),
).tables;

const NAMES: Record<string, string> = {
  is_slippery: "slippery",
  desc: "layout",
  success_rate: "successRate",
  reward_schedule: "rewardSchedule",
  is_rainy: "rainy",
  rainy_probability: "rainyProbability",
};
const ours = ({ id, options }: Table) =>
  make(id, Object.fromEntries(Object.entries(options).map(([name, value]) => [NAMES[name], value])));

const entriesOf = ({ rowStart, actions }: TabularModel, state: number, action: number) => {
  const pair = state * actions + action;
  return Array.from({ length: rowStart[pair + 1] - rowStart[pair] }, (_, i) => rowStart[pair] + i);
};

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the model", () => {
  it.each(tables)("equals Gymnasium's table, entry by entry, for $id with $options", async (table) => {
    const model = (await ours(table)).model!();
    expect(model.states).toBe(table.states);
    const states = [...model.terminal.keys()];
    expect(states.filter((state) => model.terminal[state])).toEqual(table.terminal);
    const lines = states
      .filter((state) => !model.terminal[state])
      .flatMap((state) =>
        Array.from({ length: model.actions }, (_, action) => {
          const row = entriesOf(model, state, action).map(
            (e) => `${model.next[e]} ${model.probability[e].toFixed(9)} ${model.reward[e].toFixed(3)}`,
          );
          return `${state},${action}: ${row.join(" | ")}`;
        }),
      );
    expect(lines).toEqual(expect.arrayContaining(table.rows));
    expect(digest(lines.join("\n"))).toBe(table.sha256);
  });

  it.each(tables)("has Gymnasium's start distribution for $id with $options", async (table) => {
    const { initial } = (await ours(table)).model!();
    const starts = [...initial.keys()].filter((state) => initial[state] > 0);
    const pair = (state: number) => [state, expect.closeTo(initial[state], 10)];
    expect([starts.length, pair(starts[0]), pair(starts.at(-1)!)]).toEqual(table.starts);
    expect(starts.reduce((sum, state) => sum + state, 0)).toBe(table.startSum);
  });
});

it("masks the same actions of the taxi as Gymnasium", () => {
  const masks = Array.from({ length: STATES }, (_, state) => [...actionMask(state)].join("")).join("");
  expect(digest(masks)).toBe(tables.find(({ masksSha256 }) => masksSha256)!.masksSha256);
  expect(decode(0)).toEqual({ cell: 0, passenger: 0, destination: 0 });
});

/** Pearson's statistic of `draws` steps from a state, less its degrees of freedom, in standard deviations. */
function surprise(environment: Environment, state: number, action: number, draws: number): number {
  const model = environment.model!();
  const expected = new Map<string, number>();
  const seen = new Map<string, number>();
  const width = model.observations.length / model.states;
  for (const e of entriesOf(model, state, action)) {
    const row = [...model.observations.subarray(model.next[e] * width, (model.next[e] + 1) * width)];
    const key = `${row} ${model.reward[e]} ${model.terminal[model.next[e]]}`;
    expected.set(key, (expected.get(key) ?? 0) + model.probability[e]);
  }
  for (let draw = 0; draw < draws; draw++) {
    environment.reset({ options: { state } });
    const { observation, reward, terminated } = environment.step(action);
    const key = `${[observation].flat()} ${reward} ${Number(terminated)}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  for (const key of seen.keys()) expect(expected.has(key), `${key} is not in the model`).toBe(true);
  let statistic = 0;
  for (const [key, p] of expected) statistic += ((seen.get(key) ?? 0) - draws * p) ** 2 / (draws * p);
  const freedom = expected.size - 1;
  return freedom === 0 ? 0 : (statistic - freedom) / Math.sqrt(2 * freedom);
}

it.each(
  toyText.flatMap(({ id }) => [
    [id, {}] as const,
    ...(id === "Taxi-v4" ? [[id, { rainy: true, fickle: true }] as const] : []),
  ]),
)("%s with %j has the transition frequencies of its model", async (id, options) => {
  const environment = await make(id, options);
  const model = environment.model!();
  environment.reset({ seed: 5 });
  const rng = createRng("pairs");
  const open = [...model.terminal.keys()].filter((state) => !model.terminal[state]);
  for (let pair = 0; pair < 12; pair++) {
    const state = open[rng.integer(open.length)];
    expect(surprise(environment, state, rng.integer(model.actions), 400)).toBeLessThan(5);
  }
});

it("has the start frequencies of its model", async () => {
  for (const { id } of toyText) {
    const environment = await make(id);
    const { initial, observations, states } = environment.model!();
    const width = observations.length / states;
    const expected = new Map<string, number>();
    for (let state = 0; state < states; state++) {
      if (initial[state] === 0) continue;
      const key = String(observations.subarray(state * width, (state + 1) * width));
      expected.set(key, (expected.get(key) ?? 0) + initial[state]);
    }
    environment.reset({ seed: 8 });
    const seen = new Map<string, number>();
    const draws = 6000;
    for (let draw = 0; draw < draws; draw++) {
      const key = String([environment.reset().observation].flat());
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    let statistic = 0;
    for (const [key, p] of expected) statistic += ((seen.get(key) ?? 0) - draws * p) ** 2 / (draws * p);
    expect([...seen.keys()].every((key) => expected.has(key))).toBe(true);
    expect(statistic - expected.size + 1).toBeLessThanOrEqual(5 * Math.sqrt(2 * expected.size));
  }
});
