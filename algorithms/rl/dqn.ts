/**
 * @file Deep Q-learning [Mnih et al. 2015], with double Q-learning [van Hasselt et al. 2016], a duelling network
 * [Wang et al. 2016], prioritised replay [Schaul et al. 2016] and n-step returns [Hessel et al. 2018, §3] as options.
 *
 * All gradient steps of a training are one run of the trainer (`dqn/loss.ts`). With priorities each step is a separate
 * run, because its errors determine the priorities of the next draw.
 */

import * as z from "zod";
import { count, fraction, positive } from "../../src/config/options.js";
import { mean } from "../../src/diagnostics/statistics.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Metrics, RewardSource } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Trainer, TrainState } from "../../src/learning/trainer.js";
import { QPolicy, qNetwork } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { Priorities } from "../../src/rollout/priorities.js";
import { Replay } from "../../src/rollout/replay.js";
import { createEpisodeTracker } from "../../src/rollout/rollout-buffer.js";
import { describeSpace } from "../../src/spaces/index.js";
import type * as t from "../../src/tensor/index.js";
import { noEpisodes } from "../shared/episodes.js";
import { networkOptions, networkSettings } from "../shared/networks.js";
import { scheduled, valueAt } from "../shared/schedule.js";
import { dqnTrainer, targetMoves } from "./dqn/loss.js";
import {
  checkRelabelling,
  checkReplaySize,
  checkTrainEvery,
  createMinibatches,
  drawMinibatches,
  interact,
  type Minibatches,
  type OffPolicyLearner,
  type OffPolicyState,
  offPolicyOptions,
} from "./shared/off-policy.js";

export const dqnSchema = z.strictObject({
  ...offPolicyOptions,
  replaySize: offPolicyOptions.replaySize.default(100_000),
  nStep: offPolicyOptions.nStep.default(3),
  learningRate: scheduled(positive())
    .default({ from: 2e-3, to: 5e-5, steps: 50_000, shape: "linear" })
    .describe("step size of Adam, or { from, to, steps, shape }"),
  minibatchSize: count().default(64).describe("number of transitions in a gradient step"),
  gradientSteps: count().default(32).describe("number of gradient steps in a training"),
  exploration: scheduled(fraction())
    .default({ from: 1, to: 0.05, steps: 10_000, shape: "linear" })
    .describe("ε: probability of a random action, or { from, to, steps, shape }"),
  targetEvery: count()
    .default(100)
    .describe("number of gradient steps between updates of the target network"),
  tau: positive()
    .max(1)
    .default(1)
    .describe("fraction by which the target network moves to the network in an update; 1: copy"),
  huberThreshold: positive()
    .default(10)
    .describe("threshold of the Huber loss: larger errors count linearly, not squared"),
  maxGradientNorm: positive()
    .default(10)
    .describe("largest global norm of gradients; larger ones are scaled down"),
  double: z
    .boolean()
    .default(true)
    .describe("double Q-learning: the network chooses the next action, the target network evaluates it"),
  duelling: z
    .boolean()
    .default(false)
    .describe("whether the network has separate streams for state values and advantages"),
  prioritised: z
    .boolean()
    .default(false)
    .describe("prioritised replay: draw transitions with large errors more often"),
  priorityExponent: fraction()
    .default(0.6)
    .describe("with prioritised: exponent α of the priorities; 0: uniform"),
  importanceExponent: scheduled(fraction())
    .default({ from: 0.4, to: 1, steps: 50_000, shape: "linear" })
    .describe(
      "with prioritised: exponent β of the importance weights, or { from, to, steps, shape }; 1: no bias",
    ),
  ...networkOptions,
});

export type DqnOptions = z.input<typeof dqnSchema>;
export type ResolvedDqnOptions = z.output<typeof dqnSchema>;

export interface DqnState extends OffPolicyState {
  /** The Q network and its target network. */
  network: TrainState;
  priorities?: Priorities;
  live: { derived: true; trainer: Trainer; policy: QPolicy; minibatches: Minibatches };
}

/** DQN, for discrete actions. */
export const dqn = defineAlgorithm({
  name: "dqn",
  summary: "deep Q-learning for discrete actions: double by default, optionally duelling and prioritised",
  schema: dqnSchema,
  // n-step rewards are summed when they are stored, but learnt rewards change afterwards.
  withLearntRewards: { nStep: 1 },
  create(options): OffPolicyLearner<DqnState> {
    const { environments: copies, trainEvery, learningStarts, gradientSteps, prioritised } = options;
    checkTrainEvery("dqn", options);
    checkReplaySize("dqn", options);
    const stepsInRun = prioritised ? 1 : gradientSteps;
    return {
      name: "dqn",
      options,
      unit: "environment steps",
      defaultSteps: 50_000,
      abilities: { density: false, replay: true, soft: false },

      async init(problem: Problem, rng: Rng): Promise<DqnState> {
        const { observationSpace, actionSpace } = problem;
        const { duelling } = options;
        if (actionSpace.kind !== "discrete") {
          throw new UsageError(
            `dqn needs discrete actions; those of ${problem.id} are ${describeSpace(actionSpace)}: ` +
              (actionSpace.kind === "box" ? "use sac or ppo" : "use ppo"),
          );
        }
        const network = qNetwork({
          observationSpace,
          actionSpace,
          ...networkSettings(options, { observationSpace, actionSpace }),
          duelling,
        });
        const trainer = dqnTrainer(network, options, stepsInRun);
        const learnt = trainer.initialise(rng.stream("parameters"));
        const environments = await problem.vector(copies, rng.stream("environments"));
        const replay = new Replay(environments, options.replaySize);
        return {
          steps: 0,
          network: learnt,
          environments,
          replay,
          ...(prioritised ? { priorities: new Priorities(replay.capacity, options.priorityExponent) } : {}),
          tracker: createEpisodeTracker(copies),
          ...noEpisodes(),
          actionRng: rng.stream("actions"),
          replayRng: rng.stream("replay"),
          live: {
            derived: true,
            trainer,
            policy: new QPolicy(network.settings, learnt.parameters),
            minibatches: createMinibatches(problem, stepsInRun * options.minibatchSize),
          },
        };
      },

      async update(state: DqnState, rewards?: RewardSource): Promise<Metrics> {
        checkRelabelling("dqn", options, rewards);
        const { replay, priorities, live, steps } = state;
        live.policy.parameters = state.network.parameters;
        const metrics = await interact(state, trainEvery, (steps) => {
          live.policy.exploration = explorationAt(steps, options);
          return live.policy;
        });
        for (let row = steps; row < state.steps; row += copies)
          priorities?.add(row % replay.capacity, copies);
        return {
          ...metrics,
          exploration: explorationAt(state.steps, options),
          ...(state.steps < learningStarts ? {} : await learn(state, options, rewards)),
        };
      },

      policy: ({ live, network }) => new QPolicy(live.policy.settings, network.parameters),
    };
  },
});

/** ε after a number of environment steps; 1 before learning starts. */
const explorationAt = (
  steps: number,
  { learningStarts, exploration }: Pick<ResolvedDqnOptions, "learningStarts" | "exploration">,
): number => (steps < learningStarts ? 1 : valueAt(exploration, steps));

/** Takes the gradient steps of one training. Returns the means of their metrics. */
async function learn(state: DqnState, options: ResolvedDqnOptions, rewards?: RewardSource): Promise<Metrics> {
  const { priorities, replayRng, live, steps } = state;
  const { minibatches } = live;
  if (!priorities) {
    const drawn = await drawMinibatches(state, options, minibatches, rewards);
    return (await gradientSteps(state, options, drawn)).means;
  }
  if (state.demonstrations)
    throw new UsageError("dqn: demonstrations cannot be drawn by priority; set prioritised to false");
  const { rows } = minibatches;
  const means: Metrics[] = [];
  const beta = valueAt(options.importanceExponent, steps);
  const weights = new Float32Array(rows.length);
  for (let k = 0; k < options.gradientSteps; k++) {
    const byPriority = (own: Int32Array) => priorities.sample(own, replayRng);
    const drawn = await drawMinibatches(state, options, minibatches, rewards, byPriority);
    priorities.weigh(rows, beta, weights);
    const result = await gradientSteps(state, options, { ...drawn, weights });
    priorities.update(rows, result.last.errors as Float32Array);
    means.push(result.means);
  }
  const over = (name: string) => mean(means.map((row) => row[name]));
  return { loss: over("loss"), error: over("error"), value: over("value") };
}

/** One run of the trainer on drawn transitions. */
function gradientSteps(
  { network, live, steps }: DqnState,
  { learningRate, minibatchSize, targetEvery }: ResolvedDqnOptions,
  drawn: Record<string, t.ProgramArray>,
) {
  const count = live.minibatches.rows.length / minibatchSize;
  return live.trainer.run(network, {
    ...drawn,
    learningRate: valueAt(learningRate, steps),
    ...(targetEvery > 1 ? { targetMoves: targetMoves(network.steps, count, targetEvery) } : {}),
  });
}
