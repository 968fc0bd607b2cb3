/** @file The gradient steps of TD3: its networks, its losses, and their updates. */

import { count, nonNegative, positive } from "../../../src/config/options.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import { groupTrainer, type Trainer, type TrainState } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { ActionValues } from "../../../src/policies/action-values.js";
import { type ActorCritic, actorCritic } from "../../../src/policies/index.js";
import { actionScaling, type Box, describeSpace } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { networkSettings } from "../../shared/networks.js";
import {
  criticGroup,
  criticLoss,
  normals,
  requireBounds,
  smallerValue,
  TINY,
  type TransitionTensors,
  transitionInputs,
  twinCritics,
  uniformsFor,
} from "../../shared/twin-critics.js";

/** The options of the targets. */
export const targetOptions = {
  tau: positive()
    .max(1)
    .default(0.005)
    .describe("fraction by which the target networks move to the networks in each update of the policy"),
  policyDelay: count()
    .default(2)
    .describe("number of gradient steps of the critics for one of the policy and the target networks"),
  targetNoise: nonNegative()
    .default(0.2)
    .describe(
      "standard deviation of the noise on the target policy's actions, in half-widths of their bounds",
    ),
  noiseClip: nonNegative()
    .default(0.5)
    .describe("largest absolute value of that noise, in half-widths of the bounds"),
};

interface TargetOptions {
  tau: number;
  policyDelay: number;
  targetNoise: number;
  noiseClip: number;
}

/** The networks of the policy μ and of the twin critics. */
export interface Td3Networks {
  actor: ActorCritic;
  critics: ActionValues;
}

/**
 * The policy is a Gaussian around μ(s), clipped to the bounds, with a deviation that is not trained.
 *
 * @param names of the algorithm and of others that take more spaces and need no bounds, for messages
 * @throws UsageError unless the actions are in a box with two bounds for every entry
 */
export function td3Networks(
  { observationSpace, actionSpace }: Pick<Problem, "observationSpace" | "actionSpace">,
  options: Parameters<typeof networkSettings>[0] & { explorationNoise: number },
  { name = "td3", discrete = "dqn or sac", unbounded = "ppo" } = {},
): Td3Networks {
  if (actionSpace.kind !== "box") {
    throw new UsageError(
      `${name} needs actions in a bounded box, not ${describeSpace(actionSpace)}; use ${discrete}`,
    );
  }
  requireBounds(name, actionSpace, unbounded);
  return {
    actor: actorCritic({
      observationSpace,
      actionSpace,
      ...networkSettings(options, { observationSpace, actionSpace }),
      critic: false,
      squashed: "mean",
      initialLogStd: Math.log(options.explorationNoise),
      actionScaling: actionScaling(actionSpace),
    }),
    critics: twinCritics({ observationSpace, actionSpace }, options),
  };
}

/** The parameters in a gradient step, and those of the target networks, as trees of tensors. */
export interface Td3Parameters {
  parameters: { actor: Parameters<ActorCritic["distribution"]>[0]; critics: nn.TensorTree };
  targets: Td3Parameters["parameters"];
}

/** B transitions, and standard normal noise for the target policy's actions, `[B, d]`. */
export interface Td3Batch extends TransitionTensors {
  noise: Tensor;
}

/**
 * What the losses of a gradient step are made of:
 *
 * - `target` y = R + γ^m min_j Q̄_j(s′, ã) with ã = clip(μ̄(s′) + clip(σ ε, −c, c), low, high) [Fujimoto et al. 2018,
 *   eq. 14–15];
 * - `criticLoss` Σ_j ½ E (Q_j(s, a) − y)²;
 * - `action` μ(s), and its `value` Q₁(s, μ(s)), whose mean the policy maximises.
 */
export function td3Terms(
  { actor, critics }: Td3Networks,
  { parameters, targets }: Td3Parameters,
  { observations, actions, returns, nextObservations, discounts, noise }: Td3Batch,
  options: Pick<TargetOptions, "targetNoise" | "noiseClip">,
) {
  const { actionSpace } = actor.settings;
  const next = actor.distribution(targets.actor, nextObservations).mode();
  const smoothed = withClippedNoise(actionSpace as Box, next, noise, options);
  const following = smallerValue(critics, targets.critics, nextObservations, smoothed);
  const target = t.stopGradient(t.add(returns, t.mul(discounts, following)));
  const action = actor.distribution(parameters.actor, observations).mode();
  const [value] = critics.values(parameters.critics, observations, action);
  return {
    target,
    criticLoss: criticLoss(critics, parameters.critics, { observations, actions }, target),
    action,
    value,
  };
}

/** Actions `[B, d]` with clipped noise, within their bounds. */
function withClippedNoise(
  space: Box,
  actions: Tensor,
  noise: Tensor,
  { targetNoise, noiseClip }: Pick<TargetOptions, "targetNoise" | "noiseClip">,
): Tensor {
  const bound = (values: readonly number[]) => t.constant(Float32Array.from(values), [values.length]);
  const clipped = t.clip(t.mul(noise, targetNoise), -noiseClip, noiseClip);
  const scaling = actionScaling(space);
  const moved = t.add(actions, scaling ? t.mul(clipped, bound(scaling.halfWidth)) : clipped);
  return t.minimum(t.maximum(moved, bound(space.low)), bound(space.high));
}

/** The networks in training, each with its own loss. */
export type Td3States = Record<"actor" | "critics", TrainState>;

export interface Td3TrainerOptions extends TargetOptions {
  learningRate: number;
  minibatchSize: number;
}

/**
 * The loss of the policy from the terms of a step, and what is reported of it. Default: −E Q₁(s, μ(s))
 * [Fujimoto et al. 2018, algorithm 1].
 */
export type PolicyLoss = (
  terms: Pick<ReturnType<typeof td3Terms>, "action" | "value">,
  batch: Td3Batch,
) => { actorLoss: Tensor; reported?: Record<string, Tensor> };

const deterministicGradient: PolicyLoss = ({ value }) => ({ actorLoss: t.neg(t.mean(value)) });

/** The number of gradient steps of a run, or with `variable` the largest one. */
interface Steps {
  steps: number;
  variable?: boolean;
}

/**
 * The trainer that takes gradient steps on minibatches, every `policyDelay`-th of them of the policy and the
 * target networks too. Inputs of a run: `steps` of each array of a `Td3Batch`, with `uniforms` `[2, B, d]` on [0, 1) in
 * place of the noise.
 */
export function td3Trainer(
  networks: Td3Networks,
  options: Td3TrainerOptions,
  steps: Steps,
  policyLoss: PolicyLoss = deterministicGradient,
): Trainer<Td3States> {
  const { actor, critics } = networks;
  const { minibatchSize: size, learningRate, tau, policyDelay: every } = options;
  return groupTrainer({
    groups: {
      actor: {
        learningRate,
        gradientOffset: TINY,
        layout: actor.layout,
        every,
        target: (targets: Tensor, parameters: Tensor) => nn.softUpdate(targets, parameters, tau),
      },
      critics: criticGroup(critics, { learningRate, tau, every }),
    },
    ...steps,
    minibatch: {
      ...transitionInputs(actor.settings, size),
      uniforms: uniformsFor(actor.settings.actionSpace, size),
    },
    losses({ parameters, targets, minibatch: { uniforms, ...drawn } }) {
      const batch = { ...(drawn as unknown as TransitionTensors), noise: normals(uniforms).noise };
      const terms = td3Terms(networks, { parameters, targets }, batch, options);
      const { actorLoss, reported } = policyLoss(terms, batch);
      return {
        losses: { actor: actorLoss, critics: terms.criticLoss },
        reported: { criticLoss: terms.criticLoss, actorLoss, value: t.mean(terms.value), ...reported },
      };
    },
  });
}
