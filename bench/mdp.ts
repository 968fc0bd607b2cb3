/**
 * @file Benchmark of exact solutions of large tabular models, on one core. Prints one JSON line per result. The argument
 * `sweeps` selects the models that the peer in bench/peers.py has too.
 */

import type { TabularModel } from "../src/env/contracts.js";
import {
  evaluatePolicy,
  occupancy,
  policyIteration,
  randomModel,
  softValueIteration,
  tabularModel,
  uniformTable,
  valueIteration,
} from "../src/mdp/index.js";
import { createRng } from "../src/random/rng.js";

/** An open square grid: every step costs 1 until the far corner is reached, and a move slips with probability 0.2. */
function field(side: number, discount: number): TabularModel {
  const clamp = (x: number) => Math.min(side - 1, Math.max(0, x));
  const goal = side * side - 1;
  const move = (state: number, direction: number) => {
    const row = clamp(Math.floor(state / side) + [-1, 0, 1, 0][direction % 4]);
    return row * side + clamp((state % side) + [0, 1, 0, -1][direction % 4]);
  };
  return tabularModel({
    states: side * side,
    actions: 4,
    discount,
    initial: 0,
    terminal: [goal],
    transitions: (s, a) =>
      [0, 1, 3].map((turn) => ({
        next: move(s, a + turn),
        probability: turn === 0 ? 0.8 : 0.1,
        reward: -1,
      })),
  });
}

/** A frozen lake: a move goes aside with probability 1/3 to each side, a tenth of the cells are holes, and the far corner pays 1. */
function lake(side: number, discount: number): TabularModel {
  const rng = createRng("lake");
  const goal = side * side - 1;
  const clamp = (x: number) => Math.min(side - 1, Math.max(0, x));
  const ends = Array.from({ length: goal + 1 }, (_, s) => s === goal || (s > 0 && rng.uniform() < 0.1));
  const move = (state: number, direction: number) => {
    const row = clamp(Math.floor(state / side) + [-1, 0, 1, 0][direction % 4]);
    return row * side + clamp((state % side) + [0, 1, 0, -1][direction % 4]);
  };
  return tabularModel({
    states: goal + 1,
    actions: 4,
    discount,
    initial: 0,
    terminal: ends.flatMap((ended, s) => (ended ? [s] : [])),
    transitions: (s, a) =>
      [0, 1, 3].map((turn) => {
        const next = move(s, a + turn);
        return { next, probability: 1 / 3, reward: Number(next === goal) };
      }),
  });
}

// The sizes of the peer in bench/peers.py, `value-iteration`, which has the same tolerance; processor time, because other
// processes share the core.
for (const side of [50, 100, 200]) {
  for (const discount of [0.9, 0.99]) {
    for (const [kind, model] of Object.entries({
      field: field(side, discount),
      lake: lake(side, discount),
    })) {
      const seconds = Array.from({ length: 5 }, () => {
        const before = process.cpuUsage();
        valueIteration(model);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1e6;
      }).sort((a, b) => a - b);
      const name = `value iteration, slippery ${kind} ${side}×${side}, discount ${discount}`;
      console.log(JSON.stringify({ name, value: seconds[2], unit: "s" }));
    }
  }
}

function time(name: string, run: () => unknown): void {
  const start = performance.now();
  run();
  const value = Number(((performance.now() - start) / 1000).toPrecision(3));
  console.log(JSON.stringify({ name, value, unit: "s" }));
}

if (process.argv.includes("sweeps")) process.exit();

for (const discount of [0.99, 0.9999]) {
  const models = {
    "random, 4 outcomes": randomModel(createRng("bench"), {
      states: 1e5,
      actions: 4,
      branching: 4,
      discount,
    }),
    "slippery field": field(316, discount),
  };
  for (const [kind, model] of Object.entries(models)) {
    const what = `${kind}, 1e5 states × 4 actions, discount ${discount}`;
    time(`value iteration, ${what}`, () => valueIteration(model));
    const { policy } = valueIteration(model);
    time(`evaluation of the optimal policy, ${what}`, () => evaluatePolicy(model, policy));
    time(`occupancy of the optimal policy, ${what}`, () => occupancy(model, policy));
    if (discount < 0.999) {
      time(`policy iteration, ${what}`, () => policyIteration(model));
      time(`soft value iteration, ${what}`, () => softValueIteration(model));
      time(`evaluation of the uniform policy, ${what}`, () => evaluatePolicy(model, uniformTable(model)));
    }
  }
}

const small = randomModel(createRng("bench"), { states: 400, actions: 4, branching: 4, discount: 0.99 });
time("linear solve, 400 states", () => evaluatePolicy(small, uniformTable(small), { method: "solve" }));
