/** @file Benchmark of inverse reinforcement learning on large grids, on one core. Prints one JSON line per result. */

import { apprenticeship, maxCausalEntIrl } from "../algorithms/index.js";
import { gridworld } from "../envs/gridworld/gridworld.js";
import { macroCells } from "../envs/gridworld/macro-cells.js";
import type { Environment } from "../src/env/contracts.js";
import { problemOf } from "../src/env/problem.js";
import type { Algorithm, State } from "../src/learning/contract.js";
import { evaluatePolicy, policyReturn, valueIteration } from "../src/mdp/index.js";
import { TabularPolicy } from "../src/policies/index.js";
import { createRng } from "../src/random/rng.js";

const print = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(3)), unit }));

/** An open slippery grid of `rows × columns` cells with one goal. */
const field = (rows: number, columns: number) => () =>
  gridworld({
    layout: Array.from({ length: rows }, (_, row) =>
      row === rows - 2 ? `${".".repeat(columns - 2)}G.` : ".".repeat(columns),
    ),
    startAnywhere: true,
    discount: 0.99,
  });

async function run(make: () => Environment, create: (expert: TabularPolicy) => Algorithm<State>) {
  const model = make().model!();
  const best = valueIteration(model).policy;
  const algorithm = create(new TabularPolicy(model.states, best));
  const problem = await problemOf(make);
  const started = performance.now();
  const state = await algorithm.init(problem, createRng(0));
  let rounds = 0;
  while (!algorithm.done!(state)) {
    await algorithm.update(state);
    rounds++;
  }
  return {
    seconds: (performance.now() - started) / 1000,
    rounds,
    policy: algorithm.policy(state),
    model,
    best,
  };
}

for (const objective of ["actions", "moments"] as const) {
  const { seconds, rounds } = await run(field(25, 40), (expert) =>
    maxCausalEntIrl({
      expert,
      objective,
      horizon: 100,
      iterations: 50,
      tolerance: 1e-12,
    }),
  );
  print(`MCE-IRL, 1000-state grid, horizon 100, objective ${objective}, ${rounds} rounds`, seconds, "s");
  print(`MCE-IRL, 1000-state grid, horizon 100, objective ${objective}, a round`, seconds / rounds, "s");
}

const cells = macroCells({ size: 100, macro: 10 });
const features = cells.grid.features as number[][];
for (const [name, create] of Object.entries({
  "MCE-IRL, 10 000-state macro-cells, discount 0.99": (expert: TabularPolicy) =>
    maxCausalEntIrl({ expert, features, iterations: 25 }),
  "apprenticeship, 10 000-state macro-cells, discount 0.99": (expert: TabularPolicy) =>
    apprenticeship({ expert, features, iterations: 10, tolerance: 0.5 }),
})) {
  const { seconds, rounds, policy, model, best } = await run(() => cells, create);
  const value = (table: Float64Array) => policyReturn(model, evaluatePolicy(model, table));
  print(`${name}, ${rounds} rounds`, seconds, "s");
  const table = policy.toData().arrays.table.data as Float64Array;
  print(`${name}, share of the expert's value`, value(table) / value(best), "");
}
