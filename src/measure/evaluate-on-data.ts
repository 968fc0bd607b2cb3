/** @file Evaluates a policy on a data set: how likely the recorded actions are, and how far its own are from them. */

import type { Demonstration, Demonstrations } from "../datasets/demonstrations.js";
import { countPairs, demonstratedSteps } from "../datasets/transitions.js";
import { bootstrapInterval } from "../diagnostics/statistics.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import { requireObserver } from "../policies/contract.js";
import type { ActingPolicy } from "../policies/controller.js";
import { createRng, type Rng } from "../random/rng.js";
import { allocateActions, describeSpace, isIntegral, spaceWidth } from "../spaces/index.js";

/** Measures of a policy on recorded pairs of observation and action. Pairs have the weights of their episodes. */
export interface DataEvaluation {
  /** Mean log-probability (density) of the recorded action (nats); −Infinity where the policy excludes one. */
  logLikelihood: number;
  /** Of actions in a box: root of the mean squared distance of the policy's mode from the recorded action. */
  actionError?: number;
  /** Of other actions: fraction of pairs in which the policy's mode is the recorded action. */
  accuracy?: number;
  episodes: number;
  /** Number of pairs. */
  pairs: number;
  /** 95 % bootstrap intervals over episodes, because the steps within one are correlated. */
  intervals: {
    logLikelihood: [low: number, high: number];
    actionError?: [number, number];
    accuracy?: [number, number];
  };
}

export interface EvaluateOnDataOptions {
  /** Draws the bootstrap samples, and the actions of a policy without a mode. Default: seed 0. */
  rng?: Rng;
}

type Data = Pick<Demonstrations, "env" | "observationSpace" | "actionSpace" | "trajectories">;

/** Rows in one call of a policy without memory. */
const ROWS = 4096;

/**
 * Evaluates a policy on demonstrations that it has not learnt from, such as those that `splitEpisodes` holds out. Nothing
 * acts. A policy with memory sees each episode from its start.
 *
 * @throws UsageError when the spaces differ, there are no pairs, or the policy adapts to tasks
 */
export async function evaluateOnData(
  policy: Policy,
  data: Data,
  { rng = createRng(0) }: EvaluateOnDataOptions = {},
): Promise<DataEvaluation> {
  requireFit(policy, data);
  const episodes = data.trajectories.filter((trajectory) => countPairs([trajectory]) > 0);
  if (episodes.length === 0)
    throw new UsageError(`the demonstrations of ${data.env} have no demonstrated steps`);
  const sums = await sumsOf(policy, data, episodes, rng.stream("policy"));
  const isBox = data.actionSpace.kind === "box";
  const mean = (of: (sum: Sums) => number) => (chosen: Iterable<number>) => {
    let [total, weight] = [0, 0];
    for (const i of chosen) {
      total += of(sums[i]);
      weight += sums[i].weight;
    }
    return total / weight;
  };
  const likelihood = mean(({ logLikelihood }) => logLikelihood);
  const closeness = mean(({ distance }) => distance);
  const compared = isBox ? (chosen: Iterable<number>) => Math.sqrt(closeness(chosen)) : closeness;
  const all = sums.map((_, i) => i);
  const interval = (of: (chosen: Iterable<number>) => number, name: string) =>
    bootstrapInterval(all, { rng: rng.stream(name), statistic: of });
  const name = isBox ? "actionError" : "accuracy";
  return {
    logLikelihood: likelihood(all),
    [name]: compared(all),
    episodes: episodes.length,
    pairs: countPairs(episodes),
    intervals: { logLikelihood: interval(likelihood, "likelihood"), [name]: interval(compared, name) },
  };
}

function requireFit(policy: Policy, data: Data): void {
  requireObserver("evaluate: the policy", policy as ActingPolicy, "evaluate it in its environment");
  for (const space of ["observationSpace", "actionSpace"] as const) {
    const [its, wanted] = [describeSpace(policy[space]), describeSpace(data[space])];
    if (its !== wanted) {
      throw new UsageError(
        `evaluate: the policy has ${space} ${its}, but the data of ${data.env} have ${wanted}`,
      );
    }
  }
}

/** The weighted sums over the pairs of an episode. */
interface Sums {
  weight: number;
  logLikelihood: number;
  /** Squared distances in a box, else the number of equal actions. */
  distance: number;
}

async function sumsOf(
  policy: Policy,
  data: Data,
  episodes: readonly Demonstration[],
  rng: Rng,
): Promise<Sums[]> {
  const sums = episodes.map((): Sums => ({ weight: 0, logLikelihood: 0, distance: 0 }));
  const steps = episodes.map((episode) => new Set(demonstratedSteps(episode)));
  const actionWidth = spaceWidth(data.actionSpace);
  const add = (row: Row, logProb: number, mode: ArrayLike<number>, at: number) => {
    const { episode, step } = row;
    if (!steps[episode].has(step)) return;
    const { actions, weight = 1 } = episodes[episode];
    let squares = 0;
    let isEqual = true;
    for (let j = 0; j < actionWidth; j++) {
      const difference = mode[at * actionWidth + j] - actions[step * actionWidth + j];
      squares += difference ** 2;
      isEqual &&= difference === 0;
    }
    const sum = sums[episode];
    sum.weight += weight;
    sum.logLikelihood += weight * logProb;
    sum.distance += weight * (isIntegral(data.actionSpace) ? Number(isEqual) : squares);
  };
  for await (const { rows, logProbs, modes } of batches(policy, data, episodes, rng)) {
    for (const [i, row] of rows.entries()) add(row, logProbs[i], modes, i);
  }
  return sums;
}

interface Row {
  episode: number;
  step: number;
}

interface Batch {
  rows: Row[];
  logProbs: Float32Array;
  modes: ArrayLike<number>;
}

/** The policy on all steps: in any order without memory, and with memory step by step, all episodes side by side. */
async function* batches(
  policy: Policy,
  data: Data,
  episodes: readonly Demonstration[],
  rng: Rng,
): AsyncGenerator<Batch> {
  const [width, actionWidth] = [spaceWidth(data.observationSpace), spaceWidth(data.actionSpace)];
  const evaluated = async (rows: Row[], state?: Float32Array) => {
    const observations = new Float32Array(rows.length * width);
    const actions = allocateActions(data.actionSpace, rows.length);
    for (const [i, { episode, step }] of rows.entries()) {
      const from = episodes[episode];
      observations.set(from.observations.subarray(step * width, (step + 1) * width), i * width);
      actions.set(from.actions.subarray(step * actionWidth, (step + 1) * actionWidth), i * actionWidth);
    }
    const acted = await policy.act(observations, { deterministic: true, rng, state });
    const logProbs = await policy.logProb(observations, actions, state);
    return { batch: { rows, logProbs, modes: acted.actions }, state: acted.state };
  };
  // The longest episodes first, so that those that go on are always the first rows of the memory.
  const order = episodes
    .map((_, i) => i)
    .sort((a, b) => episodes[b].rewards.length - episodes[a].rewards.length);
  const at = (step: number): Row[] =>
    order.filter((i) => step < episodes[i].rewards.length).map((episode) => ({ episode, step }));
  const first = await evaluated(at(0));
  yield first.batch;
  let { state } = first;
  if (state === undefined) {
    const rest = episodes.flatMap(({ rewards }, episode) =>
      Array.from({ length: rewards.length - 1 }, (_, t): Row => ({ episode, step: t + 1 })),
    );
    for (let from = 0; from < rest.length; from += ROWS)
      yield (await evaluated(rest.slice(from, from + ROWS))).batch;
    return;
  }
  for (let step = 1; ; step++) {
    const rows = at(step);
    if (rows.length === 0) return;
    const wide = state!.length / at(step - 1).length;
    const next: Awaited<ReturnType<typeof evaluated>> = await evaluated(
      rows,
      state!.slice(0, rows.length * wide),
    );
    yield next.batch;
    state = next.state;
  }
}
