/**
 * @file The exact part of the tour: behaviour cloning against DAgger at equal numbers of expert labels, on worlds
 * whose models are known, so that every gap is a true one.
 */

import { bc, dagger, valueIteration } from "../../algorithms/index.js";
import { collect, compare, type Demonstrations, type ExactDiagnostics, train } from "../../index.js";
import { firstEpisodes } from "../../src/datasets/demonstrations.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";

export const METHODS = ["bc", "dagger"] as const;
export type Method = (typeof METHODS)[number];

/** One learner of one seed, from the labels of one number of demonstrations. */
export interface GridworldResult {
  method: Method;
  seed: number;
  demonstrations: number;
  /** State–action pairs that the expert labelled. */
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

/** A linear policy over one-hot states is a table: it can fit any labels, and says nothing where it has none. */
const TABLE = { hidden: [], learningRate: 0.3, minibatchSize: 64 };
/** Short rounds: a label is worth most where the latest learner goes. */
const ROUNDS = 20;

/** Both methods from the same number of labels, for every seed and number of demonstrations. */
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

/** DAgger spends on its own states the labels that behaviour cloning gets on the expert's. */
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
