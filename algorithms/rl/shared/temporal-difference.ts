/**
 * @file The common part of Q-learning and SARSA: ε-greedy acting in N parallel environments, and a table of action
 * values that every transition moves towards a target [Sutton & Barto 2018, §6.4 and §6.5].
 */

import * as z from "zod";
import { count, fraction } from "../../../src/config/options.js";
import { requireModelSize } from "../../../src/env/check-model.js";
import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm, Metrics } from "../../../src/learning/contract.js";
import { argmaxRow, greedyTable } from "../../../src/mdp/tables.js";
import { TabularPolicy } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import {
  createEpisodeTracker,
  type EpisodeTracker,
  trackEpisodes,
} from "../../../src/rollout/rollout-buffer.js";
import { actionMaskOf, describeSpace } from "../../../src/spaces/index.js";
import { type EpisodeRecord, noEpisodes, recordEpisodes } from "../../shared/episodes.js";
import { scheduled, valueAt } from "../../shared/schedule.js";

export const temporalDifferenceSchema = z.strictObject({
  environments: count().default(8).describe("number of environments stepped in parallel"),
  updateSteps: count().default(128).describe("number of steps of each environment in an iteration"),
  discount: fraction().default(0.99).describe("γ"),
  learningRate: scheduled(fraction())
    .default(1)
    .describe("α: step size at the first visit of a pair, or { from, to, steps, shape }"),
  learningRatePower: fraction()
    .default(0.6)
    .describe("exponent p of the step size α / nᵖ at the n-th visit of a pair; 0: constant α"),
  exploration: scheduled(fraction())
    .default({ from: 1, to: 0.1, steps: 100_000, shape: "linear" })
    .describe("ε: probability of a random action, or { from, to, steps, shape }"),
  initialValue: z
    .number()
    .default(0)
    .describe("initial action value of every pair; a high value encourages exploration"),
});

export type TemporalDifferenceOptions = z.input<typeof temporalDifferenceSchema>;

export interface TemporalDifferenceState extends EpisodeRecord {
  steps: number;
  /** Q, `[states × actions]`. */
  q: Float64Array;
  /** Number of visits of each pair, `[states × actions]`. */
  visits: Uint32Array;
  /** The action that each environment takes next, `[N]`. */
  actions: Int32Array;
  environments: VectorEnvironment;
  tracker: EpisodeTracker;
  rng: Rng;
}

/** The action values Q, and the layout of the table. */
export interface ActionValues {
  q: Float64Array;
  /** Number of actions. */
  actions: number;
}

/**
 * The value of the state that follows a transition.
 *
 * @param next The next state, and the action taken there.
 */
export type Bootstrap = (values: ActionValues, next: number, nextAction: number) => number;

/** The algorithm `name`: Q(s, a) moves towards r + γ · bootstrap, or r alone where the episode terminated. */
export function temporalDifference(
  name: string,
  options: z.output<typeof temporalDifferenceSchema>,
  bootstrap: Bootstrap,
): Algorithm<TemporalDifferenceState> {
  const { environments: count, discount, learningRate, learningRatePower } = options;
  return {
    name,
    options,
    unit: "environment steps",
    defaultSteps: 200_000,

    async init({ id, observationSpace, actionSpace, vector }: Problem, rng: Rng) {
      if (observationSpace.kind !== "discrete" || actionSpace.kind !== "discrete") {
        const spaces = `${describeSpace(observationSpace)} and ${describeSpace(actionSpace)}`;
        const hint = actionMaskOf({ observationSpace, actionSpace })
          ? "; it takes no action masks: leave them out, or set the environment's option actionMask to false"
          : "";
        throw new UsageError(`${name} needs discrete observations and actions; ${id} has ${spaces}${hint}`);
      }
      requireModelSize(`${name} on ${id}`, observationSpace.n, actionSpace.n);
      const pairs = observationSpace.n * actionSpace.n;
      const state: TemporalDifferenceState = {
        steps: 0,
        q: new Float64Array(pairs).fill(options.initialValue),
        visits: new Uint32Array(pairs),
        actions: new Int32Array(count),
        environments: await vector(count, rng.stream("environments")),
        tracker: createEpisodeTracker(count),
        ...noEpisodes(),
        rng: rng.stream("actions"),
      };
      const values = { q: state.q, actions: actionSpace.n };
      for (let i = 0; i < count; i++) {
        const epsilon = valueAt(options.exploration, 0);
        state.actions[i] = explore(values, state.environments.observations[i], epsilon, state.rng);
      }
      return state;
    },

    async update(state): Promise<Metrics> {
      const { q, visits, environments, rng, tracker } = state;
      const { observations, finalObservations, rewards, terminated, truncated } = environments;
      const width = actionsOf(environments);
      const values = { q, actions: width };
      const before = new Int32Array(count);
      const finished = { episodeReturns: [] as number[], episodeLengths: [] as number[] };
      let squaredError = 0;
      for (let t = 0; t < options.updateSteps; t++) {
        const epsilon = valueAt(options.exploration, state.steps);
        for (let i = 0; i < count; i++) before[i] = observations[i] * width + state.actions[i];
        environments.step(state.actions);
        trackEpisodes(tracker, environments, finished);
        for (let i = 0; i < count; i++) {
          const ended = (terminated[i] | truncated[i]) === 1;
          const next = ended ? finalObservations[i] : observations[i];
          const nextAction = explore(values, next, epsilon, rng);
          const follows = terminated[i] ? 0 : bootstrap(values, next, nextAction);
          const pair = before[i];
          const alpha = valueAt(learningRate, state.steps) / (++visits[pair]) ** learningRatePower;
          const error = rewards[i] + discount * follows - q[pair];
          q[pair] += alpha * error;
          squaredError += error * error;
          state.actions[i] = ended ? explore(values, observations[i], epsilon, rng) : nextAction;
        }
        state.steps += count;
      }
      return {
        steps: state.steps,
        ...recordEpisodes(state, finished.episodeReturns),
        exploration: valueAt(options.exploration, state.steps),
        error: Math.sqrt(squaredError / (count * options.updateSteps)),
      };
    },

    policy({ q, environments }) {
      const actions = actionsOf(environments);
      const states = q.length / actions;
      return new TabularPolicy(states, greedyTable({ states, actions }, q));
    },
  };
}

const actionsOf = ({ actionSpace }: VectorEnvironment): number =>
  actionSpace.kind === "discrete" ? actionSpace.n : Number.NaN;

/** A random action with probability ε, else the greedy action; ties go to the first. */
function explore({ q, actions }: ActionValues, state: number, epsilon: number, rng: Rng): number {
  if (rng.uniform() < epsilon) return rng.integer(actions);
  return argmaxRow(q, state * actions, actions);
}
