/** @file The CartPole part of the tour: trains an expert and two learners that imitate it. */

import { bc, dagger, ppo } from "../../algorithms/index.js";
import { collect, compare, type Row, type SampledDiagnostics, train } from "../../index.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Method } from "./gridworld.js";

const ENV = "CartPole-v1";
const ROUNDS = 10;

export interface CartPoleResult {
  /** Metrics of PPO for each seed, one row per update. */
  curves: Row[][];
  /** Environment steps per second of the whole PPO training, median over the seeds. */
  stepsPerSecond: number;
  learners: { method: Method; labels: number; sampled: SampledDiagnostics }[];
}

export interface CartPoleOptions {
  steps: number;
  seeds: number;
  demonstrations: number;
  onDone: (what: string) => void;
}

/** Trains PPO for all seeds; BC and DAgger learn from the expert of seed 0, with equal numbers of labels. */
export async function cartPolePart(options: CartPoleOptions): Promise<CartPoleResult> {
  const { steps, seeds, demonstrations, onDone } = options;
  const runs = [];
  for (let seed = 0; seed < seeds; seed++) {
    runs.push(await train.run(ppo(), { env: ENV, steps, seed }));
    onDone(`ppo of seed ${seed}`);
  }
  const expert = runs[0].policy;
  const shown = await collect(expert, { env: ENV, episodes: demonstrations, seed: 1, deterministic: true });
  const labels = shown.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
  const algorithms: Record<Method, Algorithm> = {
    bc: bc({ demonstrations: shown, epochs: 10 }),
    dagger: dagger({ expert, rounds: ROUNDS, roundSteps: Math.round(labels / ROUNDS), epochs: 4 }),
  };
  const learners: CartPoleResult["learners"] = [];
  for (const method of ["bc", "dagger"] as const) {
    const policy = await train(algorithms[method], { env: ENV, seed: 0 });
    const { sampled } = await compare(expert, policy, { env: ENV, seed: 3 });
    learners.push({ method, labels, sampled });
    onDone(method);
  }
  const rates = runs.map(({ metrics }) => metrics[metrics.length - 1]).map((row) => row.steps / row.seconds);
  return {
    curves: runs.map(({ metrics }) => metrics),
    stepsPerSecond: rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)],
    learners,
  };
}
