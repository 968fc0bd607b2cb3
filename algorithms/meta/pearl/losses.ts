/** @file The gradient steps of PEARL: SAC on [s | z], with z from an encoder that the critics train. */

import type { Problem } from "../../../src/env/contracts.js";
import { groupTrainer, type Trainer, type TrainState } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import { type ActionValues, actionValues, toUnit } from "../../../src/policies/action-values.js";
import { latentPosterior } from "../../../src/policies/context-encoder.js";
import {
  type ActorCritic,
  actionInput,
  type PearlNetworks,
  type PearlSettings,
  pearlNetworks,
} from "../../../src/policies/index.js";
import { widerSpace } from "../../../src/policies/latent.js";
import { encodedWidth, spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import {
  type SacParameters,
  type SacStates,
  sacGroups,
  sacLosses,
  targetEntropyOf,
} from "../../rl/sac/losses.js";
import { normals, TINY } from "../../shared/twin-critics.js";
import type { ResolvedPearlOptions } from "../pearl.js";
import type { BatchSizes } from "../shared/task-replays.js";

/** The networks of the policy and the twin critics Q(s, a, z). */
export interface PearlLearnt extends PearlNetworks {
  readonly settings: PearlSettings;
  readonly critics: ActionValues;
}

export function learntNetworks(
  { observationSpace, actionSpace }: Pick<Problem, "observationSpace" | "actionSpace">,
  options: Pick<ResolvedPearlOptions, "hidden" | "activation" | "encoderHidden" | "latent" | "encodeNext">,
): PearlLearnt {
  const { hidden, activation, encoderHidden, latent, encodeNext } = options;
  const settings = {
    ...{ observationSpace, actionSpace, hidden, activation },
    ...{ encoderHidden, latent, encodeNext },
  };
  const rows = widerSpace(observationSpace, latent);
  return {
    settings,
    ...pearlNetworks(settings),
    critics: actionValues({ observationSpace: rows, actionSpace, hidden, activation, count: 2 }),
  };
}

/** The parameters in a gradient step, as trees of tensors. */
export interface PearlTrees extends SacParameters {
  encoder: nn.TensorTree;
}

/** M tasks, each with B transitions for SAC and C of its context. Observations are encoded; actions are not scaled. */
export interface PearlBatch {
  /** `[M · B, S]`, task by task, and so on. */
  observations: Tensor;
  actions: Tensor;
  /** `[M · B]`: rewards, not scaled. */
  returns: Tensor;
  nextObservations: Tensor;
  discounts: Tensor;
  /** `[M · B, A]`: standard normal noise of the actions for s and s′. */
  noise: Tensor;
  nextNoise: Tensor;
  /** `[M · C, S]`, and so on. */
  contextObservations: Tensor;
  contextActions: Tensor;
  contextRewards: Tensor;
  contextNextObservations?: Tensor;
  /** `[M, L]`: standard normal noise of z. */
  latentNoise: Tensor;
}

type Weights = Pick<ResolvedPearlOptions, "rewardScale" | "klWeight" | "regularisation">;

/**
 * The losses of a gradient step [Rakelly et al. 2019, algorithm 1, lines 13–20]: those of SAC on rows [s | z], with one
 * z ~ q(z | c) for each task, and
 *
 * - encoder: L_critic + klWeight · mean over tasks of KL(q(z | c) ‖ N(0, I));
 * - actor: L_actor with z detached, + regularisation · (mean of squares of the means and of the log deviations).
 */
export function pearlLosses(
  networks: PearlLearnt,
  parameters: PearlTrees,
  batch: PearlBatch,
  targetEntropy: number,
  { rewardScale, klWeight, regularisation }: Weights,
) {
  const { latent, actionSpace } = networks.settings;
  const [tasks] = batch.latentNoise.shape as number[];
  const factors = networks.encoder.factors(parameters.encoder, {
    observations: batch.contextObservations,
    actions: toUnit(actionSpace, batch.contextActions),
    rewards: t.expandDims(batch.contextRewards, -1),
    nextObservations: batch.contextNextObservations,
  });
  const total = (x: Tensor) => t.sum(t.reshape(x, [tasks, -1, latent]), 1);
  const q = latentPosterior({ precision: total(factors.precision), weighted: total(factors.weighted) });
  const zero = t.zeros([latent]);
  const kl = t.mean(q.kl(nn.diagonalGaussian(zero, zero)));

  const z = q.sample(batch.latentNoise);
  const held = t.stopGradient(z);
  const joined = (rows: Tensor, of: Tensor) => {
    const each = (rows.shape[0] as number) / tasks;
    const repeated = t.broadcastTo(t.expandDims(of, 1), [tasks, each, latent]);
    return t.concat([rows, t.reshape(repeated, [-1, latent])], 1);
  };
  const actorObservations = joined(batch.observations, held);
  const { criticLoss, actorLoss, temperatureLoss, entropy } = sacLosses(
    networks,
    parameters,
    {
      ...batch,
      observations: joined(batch.observations, z),
      actorObservations,
      nextObservations: joined(batch.nextObservations, held),
      returns: t.mul(batch.returns, rewardScale),
    },
    targetEntropy,
  );
  const size = actorSize(networks.actor, parameters.actor, actorObservations);
  return {
    criticLoss,
    actorLoss: t.add(actorLoss, t.mul(size, regularisation)),
    temperatureLoss,
    encoderLoss: t.add(criticLoss, t.mul(kl, klWeight)),
    entropy,
    kl,
  };
}

/** The mean square of the means and of the log deviations of an actor, before squashing, for rows `[B, w]`. */
export function actorSize(actor: ActorCritic, parameters: SacParameters["actor"], rows: Tensor): Tensor {
  const { base } = actor.distribution(parameters, rows) as nn.TanhGaussian;
  return t.add(t.mean(t.square(base.mean)), t.mean(t.square(base.logStd)));
}

/** The networks in training: those of SAC, and the encoder. */
export type PearlStates = SacStates & { encoder: TrainState };

/**
 * The trainer that takes up to `steps` gradient steps. Inputs of a run: `steps` of each array of a `PearlBatch`, with
 * `uniforms` `[2, M · B, A]` on [0, 1) in place of the noise of actions.
 */
export function pearlTrainer(
  networks: PearlLearnt,
  options: ResolvedPearlOptions,
  { metaBatch, minibatchSize, contextSize }: BatchSizes,
  steps: number,
): Trainer<PearlStates> {
  const { latent, encodeNext } = options;
  const { observationSpace, actionSpace } = networks.settings;
  const width = encodedWidth(observationSpace);
  const [rows, context] = [metaBatch * minibatchSize, metaBatch * contextSize];
  const entropyAim = targetEntropyOf(actionSpace, options);
  return groupTrainer({
    groups: {
      ...sacGroups(networks, options),
      encoder: {
        learningRate: options.learningRate,
        gradientOffset: TINY,
        layout: networks.encoder.layout,
      },
    },
    steps,
    variable: true,
    minibatch: {
      observations: t.float32([rows, width]),
      actions: actionInput(actionSpace, rows),
      returns: t.float32([rows]),
      nextObservations: t.float32([rows, width]),
      discounts: t.float32([rows]),
      uniforms: t.float32([2, rows, spaceWidth(actionSpace)]),
      contextObservations: t.float32([context, width]),
      contextActions: actionInput(actionSpace, context),
      contextRewards: t.float32([context]),
      ...(encodeNext ? { contextNextObservations: t.float32([context, width]) } : {}),
      latentNoise: t.float32([metaBatch, latent]),
    },
    losses({ parameters, targets, minibatch: { uniforms, ...drawn } }) {
      const { actor, critics, encoder, temperature } = parameters;
      const { criticLoss, actorLoss, temperatureLoss, encoderLoss, entropy, kl } = pearlLosses(
        networks,
        { actor, critics, encoder, targets: targets.critics, logTemperature: temperature.log },
        { ...(drawn as unknown as PearlBatch), ...normals(uniforms) },
        entropyAim,
        options,
      );
      return {
        losses: {
          actor: actorLoss,
          critics: criticLoss,
          temperature: temperatureLoss,
          encoder: encoderLoss,
        },
        reported: { criticLoss, actorLoss, entropy, kl },
      };
    },
  });
}
