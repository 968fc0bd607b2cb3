/** @file A small environment and a small learner that need only the contracts, for tests of layers above them. */

import type { Environment, VectorEnvironment } from "../../src/env/contracts.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { createRng, type Rng } from "../../src/random/rng.js";

const STATES = 8;
const ACTIONS = 2;

/**
 * A slippery chain: action 1 goes right and action 0 left, but one move in five goes the other way. The right end
 * pays 1 and ends the episode; 30 steps cut it.
 */
export function chainEnvironment(): Environment {
  let rng = createRng(0);
  let position = 0;
  let steps = 0;
  return {
    id: "Chain-v0",
    observationSpace: { kind: "discrete", n: STATES },
    actionSpace: { kind: "discrete", n: ACTIONS },
    reset({ seed } = {}) {
      if (seed !== undefined) rng = createRng(seed);
      position = rng.integer(2);
      steps = 0;
      return { observation: position, info: {} };
    },
    step(action) {
      const right = (action === 1) !== rng.uniform() < 0.2;
      position = Math.max(0, position + (right ? 1 : -1));
      steps++;
      const terminated = position === STATES - 1;
      const truncated = !terminated && steps === 30;
      return { observation: position, reward: terminated ? 1 : -0.01, terminated, truncated, info: {} };
    },
    getState: () => ({ position, steps, rng: { ...rng.getState() } }),
    setState(state) {
      const saved = state as unknown as { position: number; steps: number; rng: ReturnType<Rng["getState"]> };
      ({ position, steps } = saved);
      rng = createRng(0);
      rng.setState(saved.rng);
    },
  };
}

export interface SearchState {
  rng: Rng;
  vector: VectorEnvironment;
  /** The best policy so far and the one on trial, `[states × actions]`. */
  best: Float64Array;
  trial: Float64Array;
  bestReward: number;
  /** What happened to each trial: grows, nests and skips, so that a checkpoint has something to get wrong. */
  log: { reward: number; kept?: boolean }[];
  steps: number;
}

export interface SearchOptions {
  environments?: number;
  /** Steps of each environment for each trial. */
  rolloutSteps?: number;
  /** Called first in every update: a test breaks things here. */
  sabotage?: (state: SearchState) => void | Promise<void>;
}

/** Random search over action probabilities: everything that a checkpoint must carry, and no networks. */
export function randomSearch({
  environments = 4,
  rolloutSteps = 16,
  sabotage,
}: SearchOptions = {}): Algorithm<SearchState> {
  return {
    name: "randomSearch",
    options: { environments, rolloutSteps },
    unit: "environment steps",
    defaultSteps: 6400,
    async init(problem, rng) {
      const vector = await problem.vector(environments, rng.stream("env"));
      return {
        rng: rng.stream("search"),
        vector,
        best: new Float64Array(STATES * ACTIONS).fill(1 / ACTIONS),
        trial: new Float64Array(STATES * ACTIONS),
        bestReward: Number.NEGATIVE_INFINITY,
        log: [],
        steps: 0,
      };
    },
    async update(state) {
      await sabotage?.(state);
      const { rng, vector, best, trial } = state;
      for (let s = 0; s < STATES; s++) {
        const right = best[s * ACTIONS + 1] * Math.exp(rng.normal());
        const left = best[s * ACTIONS] * Math.exp(rng.normal());
        trial[s * ACTIONS] = left / (left + right);
        trial[s * ACTIONS + 1] = 1 - trial[s * ACTIONS];
      }
      let reward = 0;
      const actions = new Int32Array(environments);
      for (let step = 0; step < rolloutSteps; step++) {
        for (let i = 0; i < environments; i++) {
          const s = vector.observations[i];
          actions[i] = rng.categorical(trial.subarray(s * ACTIONS, (s + 1) * ACTIONS));
        }
        vector.step(actions);
        for (const r of vector.rewards) reward += r / environments;
      }
      const kept = reward > state.bestReward;
      if (kept) {
        state.bestReward = reward;
        best.set(trial);
      }
      state.log.push(kept ? { reward, kept } : { reward });
      if (state.log.length > 7) state.log.shift();
      state.steps += environments * rolloutSteps;
      return { steps: state.steps, reward, bestReward: state.bestReward };
    },
    policy: (state) => new TabularPolicy(STATES, state.best.slice()),
  };
}
