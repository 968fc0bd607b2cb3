/** @file Estimates the gap between two policies by the performance difference lemma, from branched episodes. */

import type { Problem, VectorEnvironment } from "../env/contracts.js";
import { episodeLimitOf } from "../env/episode-limit.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";
import type { Trajectory } from "../rollout/trajectory.js";
import { createTurns } from "../rollout/turn.js";
import { allocateActions, executedActions, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";
import { replay } from "./replay.js";
import { mean } from "./statistics.js";

export interface BranchOptions {
  rng: Rng;
  /** The number of episodes of the learner to branch from. */
  episodes: number;
  deterministic: boolean;
  /** The approximate number of branch points per episode. */
  branchPoints: number;
  /** Other episodes of the learner; their lengths and disagreements determine the spacing of branch points. */
  pilots: readonly Trajectory[];
  /** Ends the measurement with the signal's reason. */
  signal?: AbortSignal;
}

export interface BranchedLosses {
  /** The loss of each episode of the learner against the expert, `[episodes]`; unbiased for the gap. */
  losses: number[];
  /** The number of states that were branched from. */
  branches: number;
}

/** A branch to play: from a snapshot, a first action and then the actions of the expert. */
interface Branch {
  episode: number;
  /** The number of steps of its episode before it. */
  elapsed: number;
  /** The weight of its return in the loss of its episode. */
  weight: number;
  snapshot: Tree;
  first: ActionBatch;
  /** The expert's recurrent state. */
  memory?: Float32Array;
}

/**
 * The lemma for whole episodes, undiscounted, with the time as part of the state [Kakade & Langford 2002, lemma 6.1]:
 * J(expert) − J(learner) = −E Σₜ A(sₜ, aₜ) over the learner's episodes, with the expert's advantage
 * A(s, a) = Q(s, a) − V(s), both to the end of the episode.
 *
 * In every episode, each `stride`-th step from a random one on is examined, so every step has probability 1 / stride
 * and weight `stride`. If learner and expert choose the same action, the loss of the step is 0. Otherwise two branches
 * are played from a snapshot: the first action of the learner or of the expert, and then the expert to the end. Both
 * branches use the same random numbers of the environment, which reduces the variance of their difference. These
 * numbers are independent of the choice of steps and of the past, so the sum of the differences is unbiased. Episodes
 * and branches are cut at the vector's `episodeLimit`, as all whole episodes are.
 *
 * @returns undefined when the environment has no snapshots.
 */
export async function branchedLosses(
  expert: Policy,
  learner: Policy,
  problem: Problem,
  { rng, episodes, deterministic, branchPoints, pilots, signal }: BranchOptions,
): Promise<BranchedLosses | undefined> {
  // Separate environments, not rows of a vector, because each is saved and restored by itself.
  const environments: VectorEnvironment[] = [];
  try {
    for (let i = 0; i < episodes; i++)
      environments.push(await problem.vector(1, rng.stream("environment", i)));
    if (!canSnapshot(environments[0])) return undefined;
    const request = { rng: rng.stream("policy"), deterministic, signal };
    const differing = await differingSteps(expert, learner, pilots, request);
    const stride = Math.max(1, Math.round(differing / branchPoints));
    const offsets = environments.map(() => rng.integer(stride));
    const branches = await walk(expert, learner, environments, request, { stride, offsets });
    const losses = new Array<number>(episodes).fill(0);
    await play(expert, environments, request, branches, losses);
    return { losses, branches: branches.length / 2 };
  } finally {
    for (const environment of environments) environment.close();
  }
}

interface Request {
  rng: Rng;
  deterministic: boolean;
  signal?: AbortSignal;
}

/** The mean number of steps per episode at which the two policies act differently. */
async function differingSteps(
  expert: Policy,
  learner: Policy,
  pilots: readonly Trajectory[],
  request: Request,
): Promise<number> {
  const [a, b] = [await replay(expert, pilots, request), await replay(learner, pilots, request)];
  const width = spaceWidth(expert.actionSpace);
  const differing = (i: number) =>
    pilots[i].rewards.reduce((count, _, t) => count + Number(!sameRow(a[i], b[i], t, width)), 0);
  return mean(pilots.map((_, i) => differing(i)));
}

/** Plays one episode of the learner in every environment, and records the branches to play. */
async function walk(
  expert: Policy,
  learner: Policy,
  environments: readonly VectorEnvironment[],
  { signal, ...request }: Request,
  { stride, offsets }: { stride: number; offsets: number[] },
): Promise<Branch[]> {
  const limit = episodeLimitOf(environments[0]);
  const turn = createTurns(signal);
  const batch = assemble(environments);
  const width = spaceWidth(expert.actionSpace);
  const branches: Branch[] = [];
  const running = environments.map(() => true);
  let [expertState, learnerState]: (Float32Array | undefined)[] = [];
  for (let step = 0; running.includes(true); step++) {
    await turn();
    const own = await learner.act(batch.observations, { ...request, state: learnerState });
    const expertResult = await expert.act(batch.observations, { ...request, state: expertState });
    [learnerState, expertState] = [own.state, expertResult.state];
    for (const [i, environment] of environments.entries()) {
      if (!running[i]) continue;
      if (step % stride === offsets[i] && !sameRow(own.actions, expertResult.actions, i, width)) {
        const snapshot = environment.getState();
        const memory = rowOf(expertState, i, environments.length);
        const branch = (weight: number, actions: ActionBatch) =>
          branches.push({
            episode: i,
            elapsed: step,
            weight,
            snapshot,
            memory,
            first: rowOf(actions, i, environments.length),
          });
        branch(stride, expertResult.actions);
        branch(-stride, own.actions);
      }
      running[i] = batch.step(i, own.actions) && step + 1 < limit;
    }
  }
  return branches;
}

/** Plays every branch to the end of its episode, one per environment at a time. */
async function play(
  expert: Policy,
  environments: readonly VectorEnvironment[],
  { signal, ...request }: Request,
  branches: readonly Branch[],
  losses: number[],
): Promise<void> {
  const count = environments.length;
  const limit = episodeLimitOf(environments[0]);
  const turn = createTurns(signal);
  const batch = assemble(environments);
  const elapsed = new Float64Array(count);
  const playing: (Branch | undefined)[] = environments.map(() => undefined);
  let state: Float32Array | undefined;
  let queued = 0;

  const earn = (i: number, goesOn: boolean) => {
    const { episode, weight } = playing[i]!;
    losses[episode] += weight * environments[i].rewards[0];
    elapsed[i]++;
    if (!goesOn || elapsed[i] >= limit) playing[i] = undefined;
  };
  /** Starts branches in environment i until one does not end with its first action. */
  const start = (i: number) => {
    while (!playing[i] && queued < branches.length) {
      const branch = branches[queued++];
      playing[i] = branch;
      elapsed[i] = branch.elapsed;
      environments[i].setState(branch.snapshot);
      if (branch.memory) {
        state ??= new Float32Array(count * branch.memory.length);
        state.set(branch.memory, i * branch.memory.length);
      }
      earn(i, batch.step(i, branch.first, 0));
    }
  };

  for (let i = 0; i < count; i++) start(i);
  while (playing.some((branch) => branch)) {
    await turn();
    const result = await expert.act(batch.observations, { ...request, state });
    state = result.state;
    for (let i = 0; i < count; i++) {
      if (playing[i]) earn(i, batch.step(i, result.actions));
      start(i);
    }
  }
}

/** Combines single environments to one batch of observations for the policies. */
function assemble(environments: readonly VectorEnvironment[]) {
  const [{ observationSpace, actionSpace }] = environments;
  const width = spaceWidth(observationSpace);
  const actionWidth = spaceWidth(actionSpace);
  const observations = new Float32Array(environments.length * width);
  const action = allocateActions(actionSpace, 1);
  for (const [i, environment] of environments.entries())
    observations.set(environment.observations, i * width);
  return {
    /** `[environments, width]`. */
    observations,
    /** Steps environment i with its row of `actions` (or row `row`); returns whether its episode continues. */
    step(i: number, actions: ActionBatch, row = i): boolean {
      for (let j = 0; j < actionWidth; j++) action[j] = actions[row * actionWidth + j];
      environments[i].step(executedActions(actionSpace, action));
      observations.set(environments[i].observations, i * width);
      return !environments[i].terminated[0] && !environments[i].truncated[0];
    },
  };
}

/** Row i of an array of `count` rows. */
function rowOf<T extends ActionBatch | undefined>(array: T, i: number, count: number): T {
  const width = (array?.length ?? 0) / count;
  return array?.slice(i * width, (i + 1) * width) as T;
}

function sameRow(a: ArrayLike<number>, b: ArrayLike<number>, i: number, width: number): boolean {
  for (let j = i * width; j < (i + 1) * width; j++) if (a[j] !== b[j]) return false;
  return true;
}

function canSnapshot(vector: VectorEnvironment): boolean {
  try {
    vector.getState();
    return true;
  } catch {
    return false;
  }
}
