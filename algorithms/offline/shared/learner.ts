/**
 * @file The learner of offline reinforcement learning: gradient steps on minibatches of a fixed data set. The algorithms
 * differ in their networks and their trainer.
 *
 * A transition whose episode terminated there is not bootstrapped; one at which an episode was truncated, or at which its
 * recording ends, is bootstrapped from its next observation.
 */

import { type Demonstrations, recordedReturn, splitEpisodes } from "../../../src/datasets/demonstrations.js";
import { type DemonstratedTransitions, demonstratedTransitions } from "../../../src/datasets/transitions.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm, Metrics } from "../../../src/learning/contract.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import { type ActorCritic, NetworkPolicy, type ObservationStatistics } from "../../../src/policies/index.js";
import { normaliseRows } from "../../../src/policies/statistics.js";
import type { Rng } from "../../../src/random/rng.js";
import { Replay } from "../../../src/rollout/replay.js";
import { trajectoryReturn } from "../../../src/rollout/trajectory.js";
import type { InputSpec, Shape } from "../../../src/tensor/index.js";
import { createMinibatches, drawMinibatches, type Minibatches } from "../../rl/shared/off-policy.js";
import { fingerprint, requireDemonstrationsOf } from "../../shared/demonstrations-option.js";
import { pairsOf, statisticsOf } from "../../shared/labelled-pairs.js";
import { requireNormalisable } from "../../shared/networks.js";
import { rowDrawer } from "../../shared/transition-rows.js";
import type { OfflineOptions } from "./options.js";

/** Gradient steps in one run of the program, and in one iteration. */
const CHUNK = 40;
const ITERATION = 5 * CHUNK;

/** The networks in training; `actor` is the policy's. */
type Networks = Readonly<Record<"actor", TrainState>>;

export interface OfflineState<S extends Networks = Networks> {
  networks: S;
  rowRng: Rng;
  noiseRng: Rng;
  live: {
    derived: true;
    trainer: Trainer<S>;
    actor: ActorCritic;
    statistics?: ObservationStatistics;
    replay: Replay;
    draw(rows: Int32Array): Int32Array;
    minibatches: Minibatches;
    /** Uniforms on [0, 1) for the gradient steps of a run, by the name of their input. */
    noise: Readonly<Record<string, Float32Array>>;
    heldOut?: Demonstrations;
  };
}

/** What the algorithms differ in. */
export interface OfflineParts<S extends Networks> {
  /** The network of the policy, on the observations that the networks receive. */
  actor: ActorCritic;
  /** The trainer of up to `steps` gradient steps on transitions and noise. */
  trainer: Trainer<S>;
  /** Inputs of a gradient step that are filled with uniforms on [0, 1). */
  noise?: Readonly<Record<string, InputSpec>>;
}

/**
 * @param parts the networks, and the trainer of a variable number of steps, of `steps` at most
 * @throws UsageError for a data set without rewards
 */
export function offlineLearner<S extends Networks>(
  name: string,
  options: OfflineOptions,
  parts: (problem: Problem, steps: number) => OfflineParts<S>,
): Algorithm<OfflineState<S>> {
  const { demonstrations, updates, heldOut } = options;
  requireRewards(name, demonstrations);
  const stepsOf = ({ networks }: OfflineState<S>) => networks.actor.steps;
  return {
    name,
    options: { ...options, demonstrations: fingerprint(demonstrations, { rewards: true }) },
    unit: "updates",
    defaultSteps: updates,
    dataSet: demonstrations,
    ...(heldOut > 0 && { heldOut: ({ live }: OfflineState<S>) => live.heldOut! }),

    async init(problem: Problem, rng: Rng): Promise<OfflineState<S>> {
      requireDemonstrationsOf(name, problem, demonstrations);
      const split =
        heldOut > 0
          ? splitEpisodes(demonstrations, heldOut, rng.stream("held-out"))
          : { train: demonstrations, heldOut: undefined };
      const { replay, weights, statistics } = readTransitions(name, problem, split.train, options);
      const { actor, trainer, noise = {} } = parts(problem, CHUNK);
      const rowRng = rng.stream("minibatches");
      const source = { count: replay.size, weights, absorbingWeight: 0 };
      return {
        networks: trainer.initialise(rng.stream("parameters")),
        rowRng,
        noiseRng: rng.stream("noise"),
        live: {
          derived: true,
          trainer,
          actor,
          statistics,
          replay,
          draw(rows) {
            const next = rowDrawer(source, rowRng);
            return rows.map(() => next());
          },
          minibatches: createMinibatches(problem, options.minibatchSize * CHUNK),
          noise: Object.fromEntries(
            Object.entries(noise).map(([input, { shape }]) => [
              input,
              new Float32Array(CHUNK * sizeOf(shape)),
            ]),
          ),
          heldOut: split.heldOut,
        },
      };
    },

    async update(state: OfflineState<S>): Promise<Metrics> {
      const { live, networks, noiseRng } = state;
      const most = Math.min(ITERATION, updates - stepsOf(state));
      const sums: Metrics = {};
      for (let done = 0; done < most; done += CHUNK) {
        const steps = Math.min(CHUNK, most - done);
        const { means } = await live.trainer.run(
          networks,
          {
            ...(await drawMinibatches(
              { replay: live.replay, replayRng: state.rowRng },
              { nStep: 1, discount: options.discount, minibatchSize: options.minibatchSize },
              live.minibatches,
              undefined,
              live.draw,
            )),
            ...filled(live.noise, noiseRng),
          },
          steps,
        );
        for (const [metric, mean] of Object.entries(means)) {
          sums[metric] = (sums[metric] ?? 0) + (mean * steps) / most;
        }
      }
      return { steps: stepsOf(state), ...sums };
    },

    policy: ({ networks, live: { actor, statistics } }: OfflineState<S>) =>
      new NetworkPolicy(actor.settings, networks.actor.parameters, statistics),

    done: (state) => stepsOf(state) >= updates,
  };
}

const sizeOf = (shape: Shape): number => shape.reduce<number>((size, n) => size * (n as number), 1);

function filled(
  noise: Readonly<Record<string, Float32Array>>,
  rng: Rng,
): Readonly<Record<string, Float32Array>> {
  for (const uniforms of Object.values(noise)) rng.fillUniform(uniforms);
  return noise;
}

/** @throws UsageError where every reward is 0, which means that none was recorded */
function requireRewards(name: string, { env, trajectories }: Demonstrations): void {
  if (!Number.isNaN(recordedReturn(trajectories))) return;
  throw new UsageError(
    `${name}: every reward in the data set of ${env} is 0, so that no policy is better than another; bc learns from the ` +
      "actions alone",
  );
}

/** The transitions as a replay that is not changed, with observations and rewards as the networks receive them. */
function readTransitions(
  name: string,
  problem: Problem,
  data: Demonstrations,
  { normaliseObservations, normaliseRewards }: OfflineOptions,
) {
  if (normaliseObservations) requireNormalisable(name, problem);
  const statistics = normaliseObservations
    ? statisticsOf(pairsOf(data.trajectories, data), problem)
    : undefined;
  const transitions = demonstratedTransitions(data);
  const { count, rewards, weights } = transitions;
  const scale = normaliseRewards ? rewardScale(data) : 1;
  const { id, observationSpace, actionSpace } = problem;
  const replay = new Replay({ id, observationSpace, actionSpace, count: 1 }, count);
  replay.add({
    ...standardised(transitions, statistics),
    rewards: scale === 1 ? rewards : rewards.map((reward) => reward * scale),
  });
  return { replay, weights, statistics };
}

const standardised = (
  transitions: DemonstratedTransitions,
  statistics: ObservationStatistics | undefined,
): DemonstratedTransitions =>
  statistics
    ? {
        ...transitions,
        observations: normaliseRows(statistics, transitions.observations),
        nextObservations: normaliseRows(statistics, transitions.nextObservations),
      }
    : transitions;

/** The difference of the returns of the best and the worst episode, after scaling. */
const RETURN_RANGE = 1000;

/** What to multiply rewards with; 1 where all episodes have the same return. */
function rewardScale({ trajectories }: Demonstrations): number {
  const returns = trajectories.map(trajectoryReturn);
  const range = returns.reduce((a, b) => Math.max(a, b)) - returns.reduce((a, b) => Math.min(a, b));
  return range > 0 ? RETURN_RANGE / range : 1;
}
