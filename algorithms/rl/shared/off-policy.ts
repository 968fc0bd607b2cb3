/**
 * @file The common part of SAC, TD3 and DQN: acting into a replay, and drawing minibatches from it.
 *
 * Imitation algorithms extend them in two ways. `update(state, rewards)` replaces the rewards of drawn transitions. If
 * `state.demonstrations` holds a replay, half of every minibatch is drawn from it, with its stored rewards. `init`
 * leaves it unset; set it after `init`. Demonstrations with reward 1 and replaced rewards of 0 give soft Q imitation
 * learning [Reddy, Dragan & Levine 2020, algorithm 1]:
 *
 *     const state = await learner.init(problem, rng);
 *     state.demonstrations = new Replay({ ...problem, count: 1 }, steps);
 *     state.demonstrations.add({ observations, actions, rewards: ones, nextObservations, terminated });
 *     await learner.update(state, async ({ terminated }) => new Float32Array(terminated.length));
 */

import { count, fraction } from "../../../src/config/options.js";
import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics, PolicyOptimiser, RewardSource } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import {
  createTransitionBatch,
  type NStep,
  type Replay,
  type TransitionBatch,
} from "../../../src/rollout/replay.js";
import { type EpisodeTracker, trackEpisodes } from "../../../src/rollout/rollout-buffer.js";
import { type EpisodeRecord, recordEpisodes } from "../../shared/episodes.js";

/** The options that SAC, TD3 and DQN share. They differ in the defaults of `replaySize` and `nStep`. */
export const offPolicyOptions = {
  environments: count().default(1).describe("number of environments stepped in parallel"),
  discount: fraction().default(0.99).describe("γ"),
  replaySize: count().describe("number of transitions that the replay keeps, the most recent ones"),
  learningStarts: count()
    .default(1000)
    .describe("number of environment steps with random actions before the first gradient step"),
  trainEvery: count()
    .default(64)
    .describe("number of environment steps between trainings; a multiple of environments"),
  nStep: count().describe("n of n-step returns: number of rewards summed before bootstrapping"),
};

/** The state that SAC, TD3 and DQN share. */
export interface OffPolicyState extends EpisodeRecord {
  steps: number;
  environments: VectorEnvironment;
  replay: Replay;
  /** If set, the replay from which the first half of every minibatch is drawn. */
  demonstrations?: Replay;
  tracker: EpisodeTracker;
  actionRng: Rng;
  replayRng: Rng;
}

/** SAC, TD3 or DQN, as seen by algorithms that extend them. */
export type OffPolicyLearner<S extends OffPolicyState = OffPolicyState> = PolicyOptimiser<S>;

/** @throws UsageError unless `trainEvery` is a multiple of the number of environments */
export function checkTrainEvery(
  name: string,
  { trainEvery, environments }: { trainEvery: number; environments: number },
): void {
  if (trainEvery % environments === 0) return;
  throw new UsageError(`${name}: trainEvery ${trainEvery} is not a multiple of environments ${environments}`);
}

/** @throws UsageError unless the replay has room for one step of every environment */
export function checkReplaySize(
  name: string,
  { replaySize, environments }: { replaySize: number; environments: number },
): void {
  if (replaySize >= environments) return;
  throw new UsageError(
    `${name}: replaySize ${replaySize} must be at least the number of environments, ${environments}`,
  );
}

/** @throws UsageError for replaced rewards with n-step returns, which were summed when they were stored */
export function checkRelabelling(name: string, { nStep }: NStep, rewards: RewardSource | undefined): void {
  if (!rewards || nStep === 1) return;
  throw new UsageError(
    `${name}: nStep is ${nStep}, but learnt rewards are computed for single steps: set nStep to 1`,
  );
}

/** Takes `steps` environment steps in total with the policy from `policyAt`, and stores the transitions. */
export async function interact(
  state: OffPolicyState,
  steps: number,
  policyAt: (steps: number) => Policy,
): Promise<Metrics> {
  const { environments, replay, tracker, actionRng } = state;
  const finished = { episodeReturns: [] as number[], episodeLengths: [] as number[] };
  for (let taken = 0; taken < steps; taken += environments.count) {
    const { actions } = await policyAt(state.steps).act(environments.observations, { rng: actionRng });
    replay.step(environments, actions);
    trackEpisodes(tracker, environments, finished);
    state.steps += environments.count;
  }
  return { steps: state.steps, ...recordEpisodes(state, finished.episodeReturns) };
}

/** Buffers for the minibatches of one run of the update program. */
export interface Minibatches {
  /** Row indices in the replay or in the demonstrations. */
  readonly rows: Int32Array;
  readonly batch: TransitionBatch;
}

/** Buffers for `size` transitions in total. */
export const createMinibatches = (
  spaces: Pick<Problem, "observationSpace" | "actionSpace">,
  size: number,
): Minibatches => ({ rows: new Int32Array(size), batch: createTransitionBatch(spaces, size) });

/**
 * Fills `minibatches` with rows chosen by `draw`. If `source` is given, its rewards replace the stored ones, except for
 * demonstrations. Returns the inputs of the update program.
 *
 * @throws UsageError when the source returns a number of rewards other than the number of transitions
 */
export async function drawMinibatches(
  { replay, demonstrations, replayRng }: Pick<OffPolicyState, "replay" | "demonstrations" | "replayRng">,
  options: NStep & { minibatchSize: number },
  { rows, batch }: Minibatches,
  source?: RewardSource,
  draw = (own: Int32Array) => replay.sample(own, replayRng),
): Promise<Omit<TransitionBatch, "terminated">> {
  const { minibatchSize: size } = options;
  const demonstrated = demonstrations ? size >> 1 : 0;
  for (let start = 0; start < rows.length; start += size) {
    const own = start + demonstrated;
    if (demonstrations) {
      const demonstratedRows = demonstrations.sample(rows.subarray(start, own), replayRng);
      demonstrations.gather(demonstratedRows, options, batch, start);
    }
    replay.gather(draw(rows.subarray(own, start + size)), options, batch, own);
  }
  const { terminated: _, ...read } = batch;
  if (!source) return read;
  const rewards = await source(batch);
  if (rewards.length !== rows.length) {
    throw new UsageError(
      `the reward source returned ${rewards.length} rewards for ${rows.length} transitions`,
    );
  }
  for (let i = 0; i < rows.length; i++) if (i % size >= demonstrated) batch.returns[i] = rewards[i];
  return read;
}
