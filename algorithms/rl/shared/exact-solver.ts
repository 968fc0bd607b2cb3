/** @file The common part of the exact methods: an algorithm whose single update solves the environment's model. */

import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics, PolicyOptimiser, RewardSource } from "../../../src/learning/contract.js";
import { evaluatePolicy, policyReturn, uniformTable } from "../../../src/mdp/index.js";
import { policyOfModel } from "../../../src/policies/index.js";
import type { Space } from "../../../src/spaces/index.js";

export interface ExactState {
  /** π, `[states × actions]`. */
  table: Float64Array;
  solved: boolean;
  live: { derived: true; model: TabularModel; observationSpace: Space };
}

/** The solution of a model by a method. */
interface Solved {
  values: Float64Array;
  policy: Float64Array;
  iterations: number;
  residual: number;
}

/**
 * The algorithm `name`, which is done when `solve` has returned. It uses the model's discount. With learnt rewards it
 * solves the model with these, and `value` is the policy's by the model's own.
 */
export const exactSolver = (
  name: string,
  options: Record<string, unknown>,
  solve: (model: TabularModel) => Solved,
): PolicyOptimiser<ExactState> => ({
  name,
  options,
  unit: "sweeps",
  defaultSteps: 1,

  async init({ id, model, observationSpace }: Problem): Promise<ExactState> {
    if (!model) throw new UsageError(`${name} needs an exact model, which ${id} does not have`);
    return { table: uniformTable(model), solved: false, live: { derived: true, model, observationSpace } };
  },

  async update(state: ExactState, rewards?: RewardSource): Promise<Metrics> {
    const { model } = state.live;
    const solved = solve(rewards ? { ...model, reward: await entryRewards(model, rewards) } : model);
    const { policy, iterations, residual } = solved;
    state.table = policy;
    state.solved = true;
    const values = rewards ? evaluatePolicy(model, policy) : solved.values;
    return { steps: iterations, value: policyReturn(model, values), residual };
  },

  policy: ({ table, live: { model, observationSpace } }) => policyOfModel(model, table, observationSpace),
  done: (state) => state.solved,
});

/** Number of transitions whose rewards are computed at once. */
const CHUNK = 4096;

/** The reward of each transition of a model, `[entries]`; 0 from terminal states, in which nothing is earned. */
async function entryRewards(model: TabularModel, rewards: RewardSource): Promise<Float64Array> {
  const { states, actions, rowStart, next, terminal, observations } = model;
  const width = observations.length / states;
  const pairs = new Int32Array(next.length);
  for (let pair = 0; pair < states * actions; pair++) pairs.fill(pair, rowStart[pair], rowStart[pair + 1]);
  const rowsOf = (chosen: Int32Array) => {
    const rows = new Float32Array(chosen.length * width);
    chosen.forEach((s, i) => void rows.set(observations.subarray(s * width, (s + 1) * width), i * width));
    return rows;
  };
  const found = new Float64Array(next.length);
  for (let from = 0; from < next.length; from += CHUNK) {
    const [ofPairs, to] = [pairs.subarray(from, from + CHUNK), next.subarray(from, from + CHUNK)];
    const transitions = {
      observations: rowsOf(ofPairs.map((pair) => Math.floor(pair / actions))),
      actions: ofPairs.map((pair) => pair % actions),
      nextObservations: rowsOf(to),
      terminated: Uint8Array.from(to, (s) => terminal[s]),
    };
    found.set(await rewards(transitions), from);
  }
  return found.map((reward, entry) => (terminal[Math.floor(pairs[entry] / actions)] ? 0 : reward));
}
