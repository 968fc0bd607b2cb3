/**
 * @file What SAC and DQN share: acting into a replay, and drawing minibatches from it.
 *
 * Who builds imitation on top of them has two seams. `update(state, rewards)` replaces the rewards of what is drawn.
 * And where `state.demonstrations` holds a replay, half of every minibatch comes from that one, with the rewards that
 * were stored there: `init` leaves it unset, and whoever wants it sets it right afterwards. Rewards of 1 in it and a
 * source of zeros make soft Q imitation learning [Reddy, Dragan & Levine 2020, algorithm 1]:
 *
 *     const state = await learner.init(problem, rng);
 *     state.demonstrations = new Replay({ ...problem, count: 1 }, steps);
 *     state.demonstrations.add({ observations, actions, rewards: ones, nextObservations, terminated });
 *     await learner.update(state, async ({ terminated }) => new Float32Array(terminated.length));
 */

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

/** What every learner of this kind keeps. */
export interface OffPolicyState extends EpisodeRecord {
  steps: number;
  environments: VectorEnvironment;
  replay: Replay;
  /** What the first half of every minibatch is drawn from, if set. */
  demonstrations?: Replay;
  tracker: EpisodeTracker;
  actionRng: Rng;
  replayRng: Rng;
}

/** SAC and DQN, to those who build on them. */
export type OffPolicyLearner<S extends OffPolicyState = OffPolicyState> = PolicyOptimiser<S>;

/** @throws UsageError unless trainings fall on whole steps of all environments */
export function checkTrainEvery(
  name: string,
  { trainEvery, environments }: { trainEvery: number; environments: number },
): void {
  if (trainEvery % environments === 0) return;
  throw new UsageError(`${name}: trainEvery ${trainEvery} is not a multiple of environments ${environments}`);
}

/** @throws UsageError unless the replay holds a step of every environment */
export function checkReplaySize(
  name: string,
  { replaySize, environments }: { replaySize: number; environments: number },
): void {
  if (replaySize >= environments) return;
  throw new UsageError(
    `${name}: replaySize ${replaySize} does not hold one step of the ${environments} environments: raise it`,
  );
}

/** @throws UsageError where rewards would be replaced that n-step returns have already summed */
export function checkRelabelling(name: string, { nStep }: NStep, rewards: RewardSource | undefined): void {
  if (!rewards || nStep === 1) return;
  throw new UsageError(
    `${name}: nStep is ${nStep}, but rewards other than the environment's are asked for one step at a time: ` +
      "set nStep to 1",
  );
}

/** Steps the environments so many times in all, acting with what `policyAt` gives, and stores the transitions. */
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

/** Room for the minibatches of one run of the update program. */
export interface Minibatches {
  /** Of the replay, or of the demonstrations. */
  readonly rows: Int32Array;
  readonly batch: TransitionBatch;
}

/** For `size` transitions in all. */
export const createMinibatches = (
  spaces: Pick<Problem, "observationSpace" | "actionSpace">,
  size: number,
): Minibatches => ({ rows: new Int32Array(size), batch: createTransitionBatch(spaces, size) });

/**
 * Fills `minibatches` with rows that `draw` chooses, and gives them the rewards of `source` where there is one: what it
 * says of demonstrations is ignored. Returns what an update program reads of them.
 *
 * @throws UsageError when the source gives another number of rewards than there are transitions
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
      const shown = demonstrations.sample(rows.subarray(start, own), replayRng);
      demonstrations.gather(shown, options, batch, start);
    }
    replay.gather(draw(rows.subarray(own, start + size)), options, batch, own);
  }
  const { terminated: _, ...read } = batch;
  if (!source) return read;
  const rewards = await source(batch);
  if (rewards.length !== rows.length) {
    throw new UsageError(`${rewards.length} rewards were given for ${rows.length} transitions`);
  }
  for (let i = 0; i < rows.length; i++) if (i % size >= demonstrated) batch.returns[i] = rewards[i];
  return read;
}
