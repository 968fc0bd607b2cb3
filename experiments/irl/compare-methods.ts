/** @file Runs every inverse method in one environment with one seed: the value of its policy and its reward distance. */

import { apprenticeship, gameTheoretic, maxCausalEntIrl, maxEntIrl } from "../../algorithms/index.js";
import type { InverseAlgorithm } from "../../algorithms/irl/shared/contract.js";
import type { GridEnvironment } from "../../envs/gridworld/environment.js";
import { collect, type Demonstrations, TabularPolicy, train, UniformPolicy } from "../../index.js";
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
import { discount, STEPS } from "./worlds.js";

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

type Method = (demonstrations: Demonstrations, features?: number[][]) => InverseAlgorithm<State>;

const methods: Record<string, Method> = {
  "apprenticeship, max-margin": (demonstrations, features) =>
    apprenticeship({ demonstrations, features, iterations: 100 }),
  "apprenticeship, projection": (demonstrations, features) =>
    apprenticeship({
      demonstrations,
      features,
      iterations: 100,
      variant: "projection",
    }),
  gameTheoretic: (demonstrations, features) => gameTheoretic({ demonstrations, features, iterations: 400 }),
  maxEntIrl: (demonstrations, features) =>
    maxEntIrl({
      demonstrations,
      features,
      horizon: STEPS,
      discount,
      iterations: 100,
      l2: 1e-4,
    }),
  maxCausalEntIrl: (demonstrations, features) =>
    maxCausalEntIrl({
      demonstrations,
      features,
      iterations: 60,
      l2: 1e-4,
    }),
  "maxCausalEntIrl, network": (demonstrations, features) =>
    maxCausalEntIrl({
      demonstrations,
      features,
      iterations: 40,
      learningRate: 0.05,
      hidden: [32],
      l2: 1e-4,
    }),
};

/** Name of the negative control: maxCausalEntIrl from demonstrations of a random policy. */
const CONTROL = "maxCausalEntIrl, random expert";

export async function compareMethods(
  make: () => GridEnvironment,
  seed: number,
  onResult: (result: MethodResult) => void,
): Promise<{ results: MethodResult[]; environment: GridEnvironment }> {
  const environment = make();
  const model = environment.model!();
  const { observationSpace, actionSpace } = environment;
  const expert = new TabularPolicy(model.states, valueIteration(model).policy);
  const random = new UniformPolicy(observationSpace, actionSpace);
  const show = (policy: Policy) => collect(policy, { env: make, episodes: EPISODES, seed });
  const [good, poor] = [await show(expert), await show(random)];
  const features = environment.grid.features as number[][] | undefined;
  const results: MethodResult[] = [];
  for (const method of [...Object.keys(methods), CONTROL]) {
    const started = performance.now();
    const algorithm =
      method === CONTROL ? methods.maxCausalEntIrl(poor, features) : methods[method](good, features);
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
