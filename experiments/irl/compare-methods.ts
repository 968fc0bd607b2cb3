/** @file Runs every inverse method in one environment with one seed: the value of its policy and its reward distance. */

import type { InverseAlgorithm } from "../../algorithms/irl/shared/contract.js";
import type { GridEnvironment } from "../../envs/gridworld/environment.js";
import { collect, TabularPolicy, train, UniformPolicy } from "../../index.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { TabularModel } from "../../src/env/contracts.js";
import type { State } from "../../src/learning/contract.js";
import {
  evaluatePolicy,
  finiteHorizonEvaluate,
  policyReturn,
  uniformTable,
  valueIteration,
} from "../../src/mdp/index.js";
import type { Policy } from "../../src/policies/contract.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import { discount, STEPS, worlds } from "./worlds.js";

const EPISODES = 100;

export interface MethodResult {
  method: string;
  seed: number;
  /** Exact score (J(learner) − J(random)) / (J(expert) − J(random)). */
  score: number;
  featureGap: number;
  epic: number;
  seconds: number;
  /** The learnt reward, `[states]`. */
  reward: Float64Array;
}

/** A method of the table: its algorithm, and its options in every world. */
const methods: Record<string, { algorithm: string; options?: Record<string, unknown> }> = {
  "apprenticeship, max-margin": { algorithm: "apprenticeship" },
  "apprenticeship, projection": { algorithm: "apprenticeship", options: { variant: "projection" } },
  gameTheoretic: { algorithm: "gameTheoretic" },
  maxEntIrl: { algorithm: "maxEntIrl", options: { horizon: STEPS, discount } },
  maxCausalEntIrl: { algorithm: "maxCausalEntIrl" },
  "maxCausalEntIrl, network": {
    algorithm: "maxCausalEntIrl",
    options: { iterations: 40, learningRate: 0.05, hidden: [32] },
  },
};

/** Name of the negative control: maxCausalEntIrl from demonstrations of a random policy. */
const CONTROL = "maxCausalEntIrl, random expert";

/** A method in the world of a seed as a plain run. */
function rowOf(world: string, method: string, seed: number): PlainRun {
  const { algorithm, options } = methods[method === CONTROL ? "maxCausalEntIrl" : method];
  const { env, options: optionsOf, own } = worlds[world];
  return { algorithm, env, environmentOptions: optionsOf(seed), options: { ...own[algorithm], ...options } };
}

/** The commands and the settings of the rows, in the worlds of seed 0. `DEMOS` are 100 episodes of an exact planner. */
export const recordedRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(
    Object.keys(worlds).flatMap((world) =>
      [...Object.keys(methods), CONTROL].map((method) => [
        `${world}/${method}`,
        recordOf(rowOf(world, method, 0), "--demos DEMOS"),
      ]),
    ),
  );

export async function compareMethods(
  world: string,
  seed: number,
  onResult: (result: MethodResult) => void,
): Promise<{ results: MethodResult[]; environment: GridEnvironment }> {
  const { make: makeWith, options } = worlds[world];
  const make = () => makeWith(options(seed));
  const environment = make();
  const model = environment.model!();
  const { observationSpace, actionSpace } = environment;
  const expert = new TabularPolicy(model.states, valueIteration(model).policy);
  const random = new UniformPolicy(observationSpace, actionSpace);
  const show = (policy: Policy) => collect(policy, { env: make, episodes: EPISODES, seed });
  const [good, poor] = [await show(expert), await show(random)];
  const results: MethodResult[] = [];
  for (const method of [...Object.keys(methods), CONTROL]) {
    const started = performance.now();
    const from = { demonstrations: method === CONTROL ? poor : good };
    const algorithm = learnerOf(rowOf(world, method, seed), from).algorithm as InverseAlgorithm<State>;
    const { policy, metrics, state } = await train.run(algorithm, { env: make, seed });
    const last = metrics[metrics.length - 1];
    const result = {
      method,
      seed,
      score: score(model, policy),
      featureGap: last.featureGap,
      epic: last.epic,
      seconds: (performance.now() - started) / 1000,
      reward: algorithm.reward(state).table!,
    };
    results.push(result);
    onResult(result);
  }
  return { results, environment };
}

/** Exact normalised value over an infinite horizon, or over `STEPS` steps for a time-dependent policy. */
export function score(model: TabularModel, policy: Policy): number {
  const { kind, arrays } = policy.toData();
  const table = arrays.table.data as Float64Array;
  const worth = (given: Float64Array) =>
    kind === "time-indexed"
      ? policyReturn(model, finiteHorizonEvaluate(model, given, { horizon: STEPS }).subarray(0, model.states))
      : policyReturn(model, evaluatePolicy(model, given));
  const [own, expert, random] = [table, valueIteration(model).policy, uniformTable(model)].map(worth);
  return normalisedScore(own, { expert, random });
}
