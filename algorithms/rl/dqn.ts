/**
 * @file Deep Q-learning (Mnih et al. 2015, "Human-level control through deep reinforcement learning"), with double
 * Q-learning (van Hasselt, Guez & Silver 2016), a duelling network (Wang et al. 2016), prioritised replay (Schaul et
 * al. 2016) and n-step returns (Hessel et al. 2018, §3) as options.
 *
 * All gradient steps of a training are one run of the trainer, see `dqn/loss.ts`. With priorities each step is a run of
 * its own, because its errors decide what the next one draws.
 */

import { z } from "zod";
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
} from "./shared/off-policy.js";

export const dqnSchema = z.strictObject({
  environments: count().default(1).describe("environments stepped together"),
  discount: fraction().default(0.99).describe("γ"),
  learningRate: scheduled(positive())
    .default({ from: 2e-3, to: 5e-5, steps: 50_000, shape: "linear" })
    .describe("Adam's step size, or { from, to, steps, shape }"),
  minibatchSize: count().default(64).describe("transitions in a gradient step"),
  replaySize: count().default(100_000).describe("transitions kept: the last ones"),
  learningStarts: count().default(1000).describe("environment steps with random actions before learning"),
  trainEvery: count().default(64).describe("environment steps between trainings; a multiple of environments"),
  gradientSteps: count().default(32).describe("gradient steps in a training"),
  exploration: scheduled(fraction())
    .default({ from: 1, to: 0.05, steps: 10_000, shape: "linear" })
    .describe("ε: the share of random actions, or { from, to, steps, shape }"),
  targetEvery: count().default(100).describe("gradient steps between moves of the target network"),
  tau: positive()
    .max(1)
    .default(1)
    .describe("how far it moves: 1 copies the network; with targetEvery 1, a small one averages it"),
  nStep: count().default(3).describe("rewards summed before the target network's value is taken"),
  huberThreshold: positive()
    .default(10)
    .describe("errors beyond it count linearly, not squared; 1 where rewards are clipped to ±1"),
  maxGradientNorm: positive().default(10).describe("gradients are scaled down to this global norm"),
  double: z
    .boolean()
    .default(true)
    .describe("the network chooses the next action, its target only values it"),
  duelling: z.boolean().default(false).describe("the network has streams for values and for advantages"),
  prioritised: z.boolean().default(false).describe("what was learnt badly is drawn more often"),
  priorityExponent: fraction()
    .default(0.6)
    .describe("α: how much the errors decide what is drawn, if prioritised"),
  importanceExponent: scheduled(fraction())
    .default({ from: 0.4, to: 1, steps: 50_000, shape: "linear" })
    .describe("β: how much of that bias the loss corrects, if prioritised, or { from, to, steps, shape }"),
  ...networkOptions,
});

export type DqnOptions = z.input<typeof dqnSchema>;
export type ResolvedDqnOptions = z.output<typeof dqnSchema>;

export interface DqnState extends OffPolicyState {
  /** Q and its target network. */
  network: TrainState;
  priorities?: Priorities;
  live: { derived: true; trainer: Trainer; policy: QPolicy; minibatches: Minibatches };
}

/** DQN, for discrete actions. */
export const dqn = defineAlgorithm({
  name: "dqn",
  summary: "deep Q-learning, double by default, for discrete actions; duelling and prioritised on request",
  schema: dqnSchema,
  // Rewards of several steps are summed when they are stored, and learnt rewards change afterwards.
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
            `dqn needs discrete actions, not ${describeSpace(actionSpace)}, as ${problem.id} has: use sac or ppo`,
          );
        }
        const network = qNetwork({ observationSpace, actionSpace, ...networkSettings(options), duelling });
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

/** ε after so many steps of the environments: before learning starts, all actions are random. */
const explorationAt = (
  steps: number,
  { learningStarts, exploration }: Pick<ResolvedDqnOptions, "learningStarts" | "exploration">,
): number => (steps < learningStarts ? 1 : valueAt(exploration, steps));

/** The gradient steps of one training, and the means over them of what is reported. */
async function learn(state: DqnState, options: ResolvedDqnOptions, rewards?: RewardSource): Promise<Metrics> {
  const { priorities, replayRng, live, steps } = state;
  const { minibatches } = live;
  if (!priorities) {
    const drawn = await drawMinibatches(state, options, minibatches, rewards);
    return (await gradientSteps(state, options, drawn)).means;
  }
  if (state.demonstrations)
    throw new UsageError("dqn: demonstrations are not drawn by priority; unset prioritised");
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

/** One run of the trainer, on what was drawn. */
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
