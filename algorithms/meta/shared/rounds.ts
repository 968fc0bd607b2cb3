/** @file Rounds of off-policy learners of trials: trials of the training tasks, then gradient steps on their replays. */

import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { type TrialShape, trialShape } from "../../../src/rollout/trials.js";
import { describeSpace } from "../../../src/spaces/index.js";
import type { ProgramArray } from "../../../src/tensor/index.js";
import { noEpisodes } from "../../shared/episodes.js";
import { requireBounds } from "../../shared/twin-critics.js";
import { type PlayingState, trialProgress } from "./play.js";
import { type BatchSizes, MetaBatches, numbersOfStep, StepReader, taskReplays } from "./task-replays.js";
import { type TasksOption, trainingTasksOf } from "./trials.js";

/** The common part of the state: `N` are the networks in training, `P` the policy that plays. */
export interface RoundState<N = unknown, P = Pick<Policy, "act">> extends PlayingState {
  networks: N;
  replayRng: Rng;
  noiseRng: Rng;
  live: PlayingState["live"] & {
    derived: true;
    policy: P;
    trainer: Trainer<N>;
    batches: MetaBatches;
    /** Number of gradient steps in a run of the trainer, at most. */
    most: number;
  };
}

interface RoundOptions {
  environments: number;
  tasks: TasksOption;
  replaySize: number;
  contextEpisodes: number;
}

/** The largest number of numbers that a run of the trainer is fed. */
const MOST_FED = 2 ** 22;

/** The number of gradient steps in a run of the trainer: all of a round, unless they would be fed too much at once. */
export function stepsOfRun(
  gradientSteps: number,
  spaces: Pick<Problem, "observationSpace" | "actionSpace">,
  sizes: BatchSizes,
): number {
  const runs = Math.ceil((gradientSteps * numbersOfStep(spaces, sizes)) / MOST_FED);
  return Math.ceil(gradientSteps / runs);
}

/** @throws UsageError for an environment that is no family of trials with two episodes and actions in a bounded box */
export function boxTrials(name: string, problem: Problem): TrialShape {
  const trial = trialShape(name, problem, 2);
  const { actionSpace } = problem;
  if (actionSpace.kind !== "box") {
    throw new UsageError(
      `${name} needs actions in a bounded box, not ${describeSpace(actionSpace)}; use rl2`,
    );
  }
  requireBounds(name, actionSpace, "rl2");
  return trial;
}

/** The state before the first round, with a trial started in every environment. */
export async function startRounds<N, P extends Pick<Policy, "act"> & { memoryWidth: number }>(
  problem: Problem,
  learner: {
    trial: TrialShape;
    policy: P;
    trainer: Trainer<N>;
    networks: N;
    sizes: BatchSizes;
    most: number;
  },
  options: RoundOptions,
  rng: Rng,
) {
  const { trial, policy, trainer, networks, sizes, most } = learner;
  const tasks = trainingTasksOf(trial.family, options.tasks)!;
  const vector = await problem.vector(options.environments, rng.stream("environments"));
  const taskRng = rng.stream("tasks");
  const progress = trialProgress(vector, policy.memoryWidth, tasks, taskRng);
  return {
    steps: 0,
    ...noEpisodes(),
    ...progress,
    networks,
    replays: taskReplays(problem, tasks.length, trial.horizon, options),
    taskRng,
    actionRng: rng.stream("actions"),
    replayRng: rng.stream("replay"),
    noiseRng: rng.stream("noise"),
    live: {
      derived: true as const,
      ...{ trial, tasks, policy, trainer, most },
      reader: new StepReader(progress.environments, problem),
      batches: new MetaBatches(problem, sizes, trial.horizon, most),
    },
  };
}

/**
 * The gradient steps after a round, on batches that are drawn for each run of the trainer. Returns the means of their
 * metrics and the temperature; nothing before every training task was played.
 *
 * @param own what an algorithm feeds besides transitions and contexts
 */
export async function learnRound<N extends { temperature: TrainState }>(
  state: RoundState<N>,
  { gradientSteps, discount }: { gradientSteps: number; discount: number },
  own: (batches: MetaBatches) => Record<string, ProgramArray>,
): Promise<Metrics> {
  const { live, networks, replays, replayRng } = state;
  const { batches, trainer, most } = live;
  if (replays.first.some((replay) => replay.size === 0)) return {};
  const means: Metrics = {};
  for (let taken = 0; taken < gradientSteps; taken += most) {
    const steps = Math.min(most, gradientSteps - taken);
    batches.draw(replays, steps, discount, replayRng);
    const { transitions, context } = batches;
    const feeds = {
      observations: transitions.observations,
      actions: transitions.actions,
      returns: transitions.returns,
      nextObservations: transitions.nextObservations,
      discounts: transitions.discounts,
      contextObservations: context.observations,
      contextActions: context.actions,
      contextRewards: context.returns,
      ...own(batches),
    };
    const result = await trainer.run(networks, feeds, steps);
    for (const [name, mean] of Object.entries(result.means)) {
      means[name] = (means[name] ?? 0) + (steps / gradientSteps) * mean;
    }
  }
  return { ...means, temperature: Math.exp(networks.temperature.parameters[0]) };
}
