/**
 * @file Implicit Q-learning [Kostrikov, Nair & Levine 2022, algorithm 1]: values of the best actions of the data set,
 * without a query of any other action, and a policy that clones actions weighted by their advantage.
 */

import * as z from "zod";
import { nonNegative, positive } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { groupTrainer, type TrainState } from "../../src/learning/trainer.js";
import type * as nn from "../../src/nn/index.js";
import type { ActionValues } from "../../src/policies/action-values.js";
import { type ActorCritic, actorCritic } from "../../src/policies/index.js";
import { actionScaling, describeSpace, logScale } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { networkSettings } from "../shared/networks.js";
import {
  chosen,
  criticGroup,
  criticLoss,
  requireBounds,
  TINY,
  type TransitionTensors,
  transitionInputs,
  twinCritics,
} from "../shared/twin-critics.js";
import { type OfflineState, offlineLearner } from "./shared/learner.js";
import { offlineOptions, tauOption } from "./shared/options.js";

const iqlSchema = z.strictObject({
  ...offlineOptions,
  normaliseRewards: offlineOptions.normaliseRewards
    .unwrap()
    .default(true)
    .describe(offlineOptions.normaliseRewards.description!),
  tau: tauOption,
  expectile: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.7)
    .describe("expectile of the values over the actions of the data; above 0.5 nearer to the best of them"),
  beta: nonNegative()
    .default(3)
    .describe("β, inverse temperature of the advantages that weight the cloning; 0: cloning alone"),
  largestWeight: positive().default(100).describe("largest weight exp(β A) of a transition"),
});

export type IqlOptions = z.input<typeof iqlSchema>;

/** The networks in training; `actor` holds the policy and V. */
type IqlStates = Record<"actor" | "critics", TrainState>;

/** IQL from a data set, for discrete actions and actions in a bounded box. */
export const iql = defineAlgorithm({
  name: "iql",
  summary: "implicit Q-learning: offline reinforcement learning that evaluates actions of the data only",
  schema: iqlSchema,
  needs: [["demonstrations"]],
  create: (options): Algorithm<OfflineState<IqlStates>> =>
    offlineLearner<IqlStates>("iql", options, (problem, steps) => {
      const { learningRate, tau, minibatchSize } = options;
      const { actor, critics } = iqlNetworks(problem, options);
      return {
        actor,
        trainer: groupTrainer({
          groups: {
            actor: { learningRate, gradientOffset: TINY, layout: actor.layout },
            critics: criticGroup(critics, { learningRate, tau }),
          },
          steps,
          variable: true,
          minibatch: transitionInputs(problem, minibatchSize),
          losses({ parameters, targets, minibatch }) {
            const trees = { ...parameters, targets: targets.critics };
            const terms = iqlTerms(
              { actor, critics },
              trees,
              minibatch as unknown as TransitionTensors,
              options,
            );
            const { valueLoss, criticLoss, actorLoss, value, weights } = terms;
            return {
              // The policy and V have no parameter in common, and each loss depends on one of them.
              losses: { actor: t.add(actorLoss, valueLoss), critics: criticLoss },
              reported: { valueLoss, criticLoss, actorLoss, value: t.mean(value), weight: t.mean(weights) },
            };
          },
        }),
      };
    }),
});

interface IqlNetworks {
  actor: ActorCritic;
  critics: ActionValues;
}

/** @throws UsageError unless the actions are discrete or in a box with two bounds for every entry */
export function iqlNetworks(
  { observationSpace, actionSpace }: Pick<Problem, "observationSpace" | "actionSpace">,
  options: Parameters<typeof networkSettings>[0],
): IqlNetworks {
  if (actionSpace.kind === "box") requireBounds("iql", actionSpace, "bc");
  else if (actionSpace.kind !== "discrete") {
    throw new UsageError(
      `iql needs discrete actions or a bounded box, not ${describeSpace(actionSpace)}; use bc`,
    );
  }
  const settings = {
    observationSpace,
    actionSpace,
    ...networkSettings(options, { observationSpace, actionSpace }),
  };
  return {
    actor: actorCritic({
      ...settings,
      critic: true,
      squashed: "mean",
      actionScaling: actionScaling(actionSpace),
    }),
    critics: twinCritics({ observationSpace, actionSpace }, options),
  };
}

/** The parameters in a gradient step, as trees of tensors. */
interface IqlTrees {
  actor: Parameters<ActorCritic["distribution"]>[0];
  critics: nn.TensorTree;
  targets: nn.TensorTree;
}

/**
 * The losses of a gradient step on B transitions, with A(s, a) = min_j Q̄_j(s, a) − V(s):
 *
 * - `valueLoss` E |τ − 1(A < 0)| A² [Kostrikov, Nair & Levine 2022, eq. 5];
 * - `criticLoss` Σ_j ½ E (Q_j(s, a) − r − γ V(s′))² [eq. 6];
 * - `actorLoss` −E w log π(a | s) with w = min(exp(β A), `largestWeight`) [eq. 7], of actions scaled to [−1, 1].
 */
export function iqlTerms(
  { actor, critics }: IqlNetworks,
  { actor: p, critics: q, targets }: IqlTrees,
  { observations, actions, returns, nextObservations, discounts }: TransitionTensors,
  { expectile, beta, largestWeight }: { expectile: number; beta: number; largestWeight: number },
) {
  const [first, second] = critics
    .values(targets, observations, actions)
    .map((values) => chosen(values, actions));
  const value = actor.value(p, observations);
  const advantage = t.sub(t.stopGradient(t.minimum(first, second)), value);
  const weights = advantageWeights(t.stopGradient(advantage), beta, largestWeight);
  const target = t.stopGradient(t.add(returns, t.mul(discounts, actor.value(p, nextObservations))));
  const logProb = t.add(
    actor.distribution(p, observations).logProb(actions),
    logScale(actionScaling(actor.settings.actionSpace)),
  );
  return {
    value,
    target,
    weights,
    valueLoss: t.mean(expectileLoss(advantage, expectile)),
    criticLoss: criticLoss(critics, q, { observations, actions }, target),
    actorLoss: t.neg(t.mean(t.mul(weights, logProb))),
  };
}

/** |τ − 1(u < 0)| u², whose expectation over u = x − m is smallest where m is the τ-expectile of x. */
export const expectileLoss = (u: Tensor, expectile: number): Tensor =>
  t.mul(t.where(t.less(u, 0), t.fillLike(u, 1 - expectile), t.fillLike(u, expectile)), t.square(u));

/** min(exp(β A), largest), without overflow. */
export const advantageWeights = (advantage: Tensor, beta: number, largest: number): Tensor =>
  t.exp(t.minimum(t.mul(advantage, beta), Math.log(largest)));
