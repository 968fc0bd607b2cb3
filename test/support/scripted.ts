/** @file Vector environments with scripted episodes, and a policy whose actions encode its observations. */

import type { VectorEnvironment } from "../../src/env/contracts.js";
import type { Policy } from "../../src/policies/contract.js";
import { box, discrete } from "../../src/spaces/index.js";

export interface Script {
  count: number;
  /** Steps of the given episode of the given environment. */
  length: (environment: number, episode: number) => number;
  ending: (environment: number, episode: number) => "terminated" | "truncated";
  reward?: (environment: number, clock: number) => number;
}

/** How far apart the clocks of one environment's episodes start, so that a clock tells its episode. */
export const EPISODE = 1000;

/** Observations are (environment, clock), where the clock starts at `EPISODE * episode` and counts steps. */
export function scriptedVector({ count, length, ending, reward = () => 1 }: Script): VectorEnvironment {
  const episodes = new Int32Array(count).fill(-1);
  const steps = new Int32Array(count);
  const vector: VectorEnvironment = {
    id: "Scripted-v0",
    count,
    observationSpace: box([2], 0, Number.POSITIVE_INFINITY),
    actionSpace: discrete(EPISODE),
    observations: new Float32Array(count * 2),
    finalObservations: new Float32Array(count * 2).fill(Number.NaN),
    rewards: new Float64Array(count),
    terminated: new Uint8Array(count),
    truncated: new Uint8Array(count),
    reset() {
      for (let i = 0; i < count; i++) begin(i);
    },
    step() {
      for (let i = 0; i < count; i++) {
        const before = EPISODE * episodes[i] + steps[i];
        vector.rewards[i] = reward(i, before);
        steps[i]++;
        const ended = steps[i] === length(i, episodes[i]);
        const how = ending(i, episodes[i]);
        vector.terminated[i] = Number(ended && how === "terminated");
        vector.truncated[i] = Number(ended && how === "truncated");
        if (ended) {
          vector.finalObservations.set([i, before + 1], i * 2);
          begin(i);
        } else vector.observations[i * 2 + 1] = before + 1;
      }
    },
    close() {},
    getState: () => null,
    setState() {},
  };
  const begin = (i: number) => {
    episodes[i]++;
    steps[i] = 0;
    vector.observations.set([i, EPISODE * episodes[i]], i * 2);
  };
  vector.reset();
  return vector;
}

/** Acts with the clock modulo `EPISODE`, and values an observation with `value(clock)`. */
export function clockPolicy(
  vector: VectorEnvironment,
  value: (clock: number) => number = (clock) => clock,
): Policy & { valueCalls: number } {
  const clocks = (observations: Float32Array) => observations.filter((_, k) => k % 2 === 1);
  const policy = {
    observationSpace: vector.observationSpace,
    actionSpace: vector.actionSpace,
    valueCalls: 0,
    act: async (observations: Float32Array) => ({
      actions: Int32Array.from(clocks(observations), (clock) => clock % EPISODE),
      logProbs: clocks(observations).map((clock) => -clock),
      values: clocks(observations).map(value),
    }),
    value: async (observations: Float32Array) => {
      policy.valueCalls++;
      return clocks(observations).map(value);
    },
    logProb: async (observations: Float32Array) => clocks(observations).map((clock) => -clock),
    toData: () => ({ kind: "clock", settings: {}, arrays: {} }),
  };
  return policy;
}
