/** @file The gradient steps of SAC: its networks, its losses, and their updates. */

import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import { groupTrainer, type Trainer, type TrainState } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { ActionValues } from "../../../src/policies/action-values.js";
import { type ActorCritic, actorCritic } from "../../../src/policies/index.js";
import { actionScaling, describeSpace, logScale, type Space, spaceWidth } from "../../../src/spaces/index.js";
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
import type { ResolvedSacOptions } from "../sac.js";

/**
 * Default target entropy for n discrete actions, as a fraction of log n. [Christodoulou 2019] uses 0.98; for two
 * actions that is nearly uniform, so the policy rarely takes the best action. On CartPole 0.5 learns much slower than
 * 0.85.
 */
const DISCRETE_ENTROPY_SHARE = 0.85;

/** The networks of the policy and of the twin critics. */
export interface SacNetworks {
  actor: ActorCritic;
  critics: ActionValues;
}

/**
 * @param names of the algorithm and of one that needs no bounds, for messages
 * @throws UsageError unless the actions are discrete or in a box with two bounds for every entry
 */
export function sacNetworks(
  { observationSpace, actionSpace }: Pick<Problem, "observationSpace" | "actionSpace">,
  options: Parameters<typeof networkSettings>[0],
  { name = "sac", other = "ppo" } = {},
): SacNetworks {
  const bounded = actionSpace.kind === "box";
  if (bounded) requireBounds(name, actionSpace, other);
  else if (actionSpace.kind !== "discrete") {
    throw new UsageError(
      `${name} needs discrete actions or a bounded box, not ${describeSpace(actionSpace)}; use ${other}`,
    );
  }
  const shape = {
    observationSpace,
    actionSpace,
    ...networkSettings(options, { observationSpace, actionSpace }),
  };
  return {
    actor: actorCritic({ ...shape, critic: false, squashed: bounded }),
    critics: twinCritics({ observationSpace, actionSpace }, options),
  };
}

/** The parameters in a gradient step, as trees of tensors. */
export interface SacParameters {
  actor: Parameters<ActorCritic["distribution"]>[0];
  critics: nn.TensorTree;
  targets: nn.TensorTree;
  /** Log temperature, a scalar. */
  logTemperature: Tensor;
}

/** B transitions from the replay and, for box actions, standard normal noise for s and s′, `[B, d]` each. */
export interface SacBatch extends TransitionTensors {
  /** The observations for the actor's loss, if they are computed apart from those for the critics' loss. */
  actorObservations?: Tensor;
  noise?: Tensor;
  nextNoise?: Tensor;
}

/**
 * The losses of a gradient step, scalars. Each is minimised over its own parameters only:
 *
 * - critics: Σ_j ½ E (Q_j(s, a) − y)² with y = R + γ^m V̄(s′) [Haarnoja et al. 2018b, eq. 5–6, after m steps];
 * - actor: −E V(s) = E[α log π(a | s) − min_j Q_j(s, a)] [Haarnoja et al. 2018b, eq. 9] [Christodoulou 2019, eq. 12];
 * - temperature: log α · (E[−log π] − H̄), with a gradient of the same sign as [Haarnoja et al. 2018b, eq. 18].
 */
export function sacLosses(
  networks: SacNetworks,
  { actor, critics, targets, logTemperature }: SacParameters,
  {
    observations,
    actorObservations = observations,
    actions,
    returns,
    nextObservations,
    discounts,
    noise,
    nextNoise,
  }: SacBatch,
  targetEntropy: number,
) {
  const temperature = t.stopGradient(t.exp(logTemperature));
  const after = softValue(networks, { actor, critics: targets, temperature }, nextObservations, nextNoise);
  const target = t.stopGradient(t.add(returns, t.mul(discounts, after.value)));
  const now = softValue(networks, { actor, critics, temperature }, actorObservations, noise);
  const entropy = t.mean(now.entropy);
  return {
    target,
    criticLoss: criticLoss(networks.critics, critics, { observations, actions }, target),
    actorLoss: t.neg(t.mean(now.value)),
    temperatureLoss: t.mul(logTemperature, t.sub(t.stopGradient(entropy), targetEntropy)),
    entropy,
  };
}

/**
 * V(s) = E[min_j Q_j(s, a) − α log π(a | s)] and the entropy E[−log π(a | s)], `[B]` each. Exact for discrete actions
 * [Christodoulou 2019, eq. 10]; for boxes from one reparameterised sample [Haarnoja et al. 2018b, eq. 3], with the
 * density of actions scaled to [−1, 1].
 */
function softValue(
  { actor, critics }: SacNetworks,
  p: Pick<SacParameters, "actor" | "critics"> & { temperature: Tensor },
  observations: Tensor,
  noise?: Tensor,
) {
  const pi = actor.distribution(p.actor, observations);
  if (!noise) {
    const { logProbs } = pi as nn.Categorical;
    const advantage = t.sub(smallerValue(critics, p.critics, observations), t.mul(logProbs, p.temperature));
    return { value: t.sum(t.mul(t.exp(logProbs), advantage), -1), entropy: pi.entropy() };
  }
  const { action, logProb } = (pi as nn.TanhGaussian).sampleWithLogProb(noise);
  const smaller = smallerValue(critics, p.critics, observations, action);
  const entropy = t.neg(t.add(logProb, logScale(actionScaling(actor.settings.actionSpace))));
  return { value: t.add(smaller, t.mul(entropy, p.temperature)), entropy };
}

/** The target entropy of the policy (nats). */
export function targetEntropyOf(
  space: Space,
  { targetEntropy }: Pick<ResolvedSacOptions, "targetEntropy">,
): number {
  return (
    targetEntropy ??
    (space.kind === "discrete" ? DISCRETE_ENTROPY_SHARE * Math.log(space.n) : -spaceWidth(space))
  );
}

/** The update rules of the networks and of the temperature. */
export function sacGroups(
  { actor, critics }: SacNetworks,
  options: Pick<ResolvedSacOptions, "learningRate" | "tau" | "temperature" | "initialTemperature">,
) {
  const { learningRate } = options;
  const learned = options.temperature === "learned";
  const temperature = learned ? options.initialTemperature : (options.temperature as number);
  const rule = { learningRate, gradientOffset: TINY };
  return {
    actor: { ...rule, layout: actor.layout },
    critics: criticGroup(critics, options),
    // The logarithm keeps the temperature positive. A fixed temperature is not updated.
    temperature: {
      ...rule,
      learningRate: learned ? learningRate : 0,
      layout: nn.layoutOf({
        log: { shape: [], initialise: nn.initialisers.constant(Math.log(temperature)) },
      }),
    },
  };
}

/** The networks in training and the temperature, each with its own loss. */
export type SacStates = Record<"actor" | "critics" | "temperature", TrainState>;

/**
 * The trainer that takes `steps` gradient steps on minibatches [Haarnoja et al. 2018b, algorithm 1, inner loop]. Inputs
 * of a run: `steps` of each array of a `SacBatch`; for box actions `uniforms` `[2, B, d]` on [0, 1) in place of the
 * noise.
 */
export function sacTrainer(
  networks: SacNetworks,
  options: ResolvedSacOptions,
  steps: number,
): Trainer<SacStates> {
  const { actor, critics } = networks;
  const { actionSpace } = actor.settings;
  const { minibatchSize: size } = options;
  const entropyAim = targetEntropyOf(actionSpace, options);
  return groupTrainer({
    groups: sacGroups({ actor, critics }, options),
    steps,
    minibatch: {
      ...transitionInputs(actor.settings, size),
      ...(actionSpace.kind === "box" ? { uniforms: uniformsFor(actionSpace, size) } : {}),
    },
    losses({ parameters, targets, minibatch: { uniforms, ...drawn } }) {
      const { criticLoss, actorLoss, temperatureLoss, entropy } = sacLosses(
        networks,
        {
          actor: parameters.actor,
          critics: parameters.critics,
          targets: targets.critics,
          logTemperature: parameters.temperature.log,
        },
        { ...(drawn as unknown as SacBatch), ...(uniforms && normals(uniforms)) },
        entropyAim,
      );
      return {
        losses: { actor: actorLoss, critics: criticLoss, temperature: temperatureLoss },
        reported: { criticLoss, actorLoss, entropy },
      };
    },
  });
}
