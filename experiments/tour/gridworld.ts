/**
 * @file The exact part of the tour: behaviour cloning against DAgger with equal numbers of expert labels, in environments
 * with exact models, so that every gap is exact.
 */

import { bc, dagger, valueIteration } from "../../algorithms/index.js";
import { collect, compare, type Demonstrations, type ExactDiagnostics, train } from "../../index.js";
import { firstEpisodes } from "../../src/datasets/demonstrations.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";

export const METHODS = ["bc", "dagger"] as const;
export type Method = (typeof METHODS)[number];

/** The result of one learner with one seed and one number of demonstrations. */
export interface GridworldResult {
  method: Method;
  seed: number;
  demonstrations: number;
  /** Number of state–action pairs labelled by the expert. */
  labels: number;
  exact: ExactDiagnostics;
  policy: Policy;
}

export interface GridworldOptions {
  env: string;
  demonstrations: readonly number[];
  seeds: number;
  onResult: (result: GridworldResult) => void;
}

/** A linear policy over one-hot states is a table: it can fit any labels and does not generalise to other states. */
const TABLE = { hidden: [], learningRate: 0.3, minibatchSize: 64 };
/** Number of rounds. Short rounds let the latest learner choose most of the queried states. */
const ROUNDS = 20;

/** Runs both methods with the same number of labels, for every seed and number of demonstrations. */
export async function gridworldPart(options: GridworldOptions): Promise<GridworldResult[]> {
  const { env, demonstrations, seeds, onResult } = options;
  const results: GridworldResult[] = [];
  const expert = await train(valueIteration(), { env });
  for (let seed = 0; seed < seeds; seed++) {
    const all = await collect(expert, {
      env,
      episodes: Math.max(...demonstrations),
      seed,
      deterministic: true,
    });
    for (const n of demonstrations) {
      const shown = firstEpisodes(all, n);
      const labels = shown.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
      for (const method of METHODS) {
        const policy = await train(learner(method, shown, expert, labels), { env, seed });
        const { exact } = await compare(expert, policy, { env, seed, sampled: false });
        if (!exact) throw new Error(`${env} has no exact model`);
        const result = { method, seed, demonstrations: n, labels, exact, policy };
        results.push(result);
        onResult(result);
      }
    }
  }
  return results;
}

/** DAgger with as many labels, in the states of the learner, as behaviour cloning has in the states of the expert. */
function learner(method: Method, demonstrations: Demonstrations, expert: Policy, labels: number): Algorithm {
  return method === "bc"
    ? bc({ ...TABLE, demonstrations, epochs: 30 })
    : dagger({
        ...TABLE,
        expert,
        rounds: ROUNDS,
        roundSteps: Math.max(1, Math.round(labels / ROUNDS)),
        epochs: 10,
      });
}
