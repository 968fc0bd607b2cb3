/**
 * @file The gradient steps of MetaCURE: SAC on [s | z] for the exploiting policy, which trains the encoder; SAC on
 * [s | μ | σ²] for the exploring one; and the two predictors whose errors are the intrinsic reward.
 */

import { groupTrainer, type Trainer, type TrainState } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import { toUnit } from "../../../src/policies/action-values.js";
import { type ActorCritic, actionInput, beliefInputs } from "../../../src/policies/index.js";
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
import type { ResolvedMetaCureOptions } from "../meta-cure.js";
import { actorSize } from "../pearl/losses.js";
import type { BatchSizes } from "../shared/task-replays.js";
import type { MetaCureLearnt } from "./networks.js";

/** The parameters in a gradient step, as trees of tensors. */
export interface MetaCureTrees {
  exploiting: SacParameters;
  exploring: SacParameters;
  encoder: nn.TensorTree;
  decoder: nn.TensorTree;
  informed: nn.TensorTree;
}

/**
 * M tasks, each with B transitions of any episode and the H transitions of one first episode in order. Observations are
 * encoded; actions and rewards are not scaled.
 */
export interface MetaCureBatch {
  /** `[M]`: the tasks, as indices. */
  tasks: Tensor;
  /** `[M · B, S]`, task by task, and so on. */
  observations: Tensor;
  actions: Tensor;
  returns: Tensor;
  nextObservations: Tensor;
  discounts: Tensor;
  /** `[M · B, A]`: standard normal noise of the actions for s and s′. */
  noise: Tensor;
  nextNoise: Tensor;
  /** `[M · B]`: t · M + m, for z of the belief about task m after t steps of the first episode. */
  beliefs: Tensor;
  /** `[M · B, L]`: standard normal noise of z. */
  latentNoise: Tensor;
  /** `[M · H, S]`, task by task, and so on. */
  contextObservations: Tensor;
  contextActions: Tensor;
  contextRewards: Tensor;
  contextNextObservations: Tensor;
  contextDiscounts: Tensor;
  /** `[H · M, A]`: standard normal noise of the explorer's actions for s and s′. */
  explorerNoise: Tensor;
  explorerNextNoise: Tensor;
}

type Weights = Pick<
  ResolvedMetaCureOptions,
  "rewardScale" | "klWeight" | "regularisation" | "intrinsicWeight"
>;

/**
 * The losses of a gradient step [Zhang et al. 2021, §4]:
 *
 * - exploiting: those of SAC on [s | z], z from the belief after a random number of steps of the first episode;
 * - encoder: the exploiting critics' loss + klWeight · mean KL(q(z | τ:t) ‖ N(0, I));
 * - decoder, informed: squared errors of the reward and, if predicted, mean squared error of the next observation;
 * - exploring: those of SAC on [s | μ | σ²], detached, with reward r + intrinsicWeight · (error of the decoder − error
 *   of the informed predictor): what the belief cannot predict yet and the task would tell.
 */
export function metaCureLosses(
  networks: MetaCureLearnt,
  p: MetaCureTrees,
  batch: MetaCureBatch,
  targetEntropy: number,
  { rewardScale, klWeight, regularisation, intrinsicWeight }: Weights,
) {
  const { latent, actionSpace, observationSpace } = networks.settings;
  const [tasks] = batch.tasks.shape as number[];
  const width = encodedWidth(observationSpace);
  const inOrder = (x: Tensor, size: number) => t.transpose(t.reshape(x, [tasks, -1, size]), [1, 0, 2]);
  const observations = inOrder(batch.contextObservations, width);
  const nextObservations = inOrder(batch.contextNextObservations, width);
  const executed = inOrder(batch.contextActions, spaceWidth(actionSpace));
  const actions = toUnit(actionSpace, executed);
  const rewards = inOrder(batch.contextRewards, 1);
  const [horizon] = observations.shape as number[];

  const memories = networks.encoder.sequence(p.encoder, { observations, actions, rewards, nextObservations });
  const belief = networks.encoder.belief(p.encoder, memories);
  const zero = t.zeros([latent]);
  const kl = t.mean(belief.kl(nn.diagonalGaussian(zero, zero)));

  const rowsOf = (x: Tensor) => t.gather(t.reshape(x, [-1, latent]), batch.beliefs);
  const z = nn.diagonalGaussian(rowsOf(belief.mean), rowsOf(belief.logStd)).sample(batch.latentNoise);
  const held = t.stopGradient(z);
  const actorRows = t.concat([batch.observations, held], 1);
  const exploiting = sacLosses(
    networks,
    p.exploiting,
    {
      ...batch,
      observations: t.concat([batch.observations, z], 1),
      actorObservations: actorRows,
      nextObservations: t.concat([batch.nextObservations, held], 1),
      returns: t.mul(batch.returns, rewardScale),
    },
    targetEntropy,
  );

  // The beliefs before and after each step, [H, M, 2 L], as data.
  const inputs = t.stopGradient(beliefInputs(belief));
  const before = t.slice(inputs, 0, horizon);
  const after = t.slice(inputs, 1, horizon + 1);
  const error = (predicted: Tensor) => {
    const [reward, ...next] = predicted.shape[2] === 1 ? [predicted] : t.split(predicted, [1, width], 2);
    const ofReward = t.squeeze(t.square(t.sub(reward, rewards)), 2);
    return next.length === 0
      ? ofReward
      : t.add(ofReward, t.mean(t.square(t.sub(next[0], nextObservations)), 2));
  };
  const known = t.broadcastTo(t.oneHot(batch.tasks, networks.tasks), [horizon, tasks, networks.tasks]);
  const decoderError = error(networks.decoder.apply(p.decoder, t.concat([before, observations, actions], 2)));
  const informedError = error(
    networks.informed.apply(p.informed, t.concat([known, observations, actions], 2)),
  );
  const intrinsic = t.stopGradient(t.mul(t.sub(decoderError, informedError), intrinsicWeight));
  const flat = (...parts: Tensor[]) => {
    const joined = t.concat(parts, 2);
    return t.reshape(joined, [horizon * tasks, joined.shape[2]]);
  };
  const explorerRows = flat(observations, before);
  const exploring = sacLosses(
    { actor: networks.explorer, critics: networks.explorerCritics },
    p.exploring,
    {
      observations: explorerRows,
      actions: flat(executed),
      returns: t.mul(t.reshape(t.add(t.squeeze(rewards, 2), intrinsic), [horizon * tasks]), rewardScale),
      nextObservations: flat(nextObservations, after),
      discounts: t.reshape(inOrder(batch.contextDiscounts, 1), [horizon * tasks]),
      noise: batch.explorerNoise,
      nextNoise: batch.explorerNextNoise,
    },
    targetEntropy,
  );
  const regularised = (loss: Tensor, actor: ActorCritic, parameters: SacParameters["actor"], rows: Tensor) =>
    t.add(loss, t.mul(actorSize(actor, parameters, rows), regularisation));
  return {
    criticLoss: exploiting.criticLoss,
    actorLoss: regularised(exploiting.actorLoss, networks.actor, p.exploiting.actor, actorRows),
    temperatureLoss: exploiting.temperatureLoss,
    explorerCriticLoss: exploring.criticLoss,
    explorerLoss: regularised(exploring.actorLoss, networks.explorer, p.exploring.actor, explorerRows),
    explorerTemperatureLoss: exploring.temperatureLoss,
    encoderLoss: t.add(exploiting.criticLoss, t.mul(kl, klWeight)),
    decoderLoss: t.mean(decoderError),
    informedLoss: t.mean(informedError),
    intrinsic: t.mean(intrinsic),
    entropy: exploiting.entropy,
    explorerEntropy: exploring.entropy,
    kl,
  };
}

/** The networks in training. */
export type MetaCureStates = SacStates &
  Record<
    "explorer" | "explorerCritics" | "explorerTemperature" | "encoder" | "decoder" | "informed",
    TrainState
  >;

/**
 * The trainer that takes up to `steps` gradient steps. Inputs of a run: `steps` of each array of a `MetaCureBatch`, with
 * `uniforms` `[2, M · B, A]` and `explorerUniforms` `[2, H · M, A]` on [0, 1) in place of the noise of actions.
 */
export function metaCureTrainer(
  networks: MetaCureLearnt,
  options: ResolvedMetaCureOptions,
  { metaBatch, minibatchSize, contextSize }: BatchSizes,
  steps: number,
): Trainer<MetaCureStates> {
  const { observationSpace, actionSpace } = networks.settings;
  const width = encodedWidth(observationSpace);
  const [rows, context] = [metaBatch * minibatchSize, metaBatch * contextSize];
  const entropyAim = targetEntropyOf(actionSpace, options);
  const exploiting = sacGroups(networks, options);
  const exploring = sacGroups({ actor: networks.explorer, critics: networks.explorerCritics }, options);
  const rule = { learningRate: options.learningRate, gradientOffset: TINY };
  return groupTrainer({
    groups: {
      ...exploiting,
      explorer: exploring.actor,
      explorerCritics: exploring.critics,
      explorerTemperature: exploring.temperature,
      encoder: { ...rule, layout: networks.encoder.layout },
      decoder: { ...rule, layout: networks.decoder.layout },
      informed: { ...rule, layout: networks.informed.layout },
    },
    steps,
    variable: true,
    minibatch: {
      tasks: t.int32([metaBatch]),
      observations: t.float32([rows, width]),
      actions: actionInput(actionSpace, rows),
      returns: t.float32([rows]),
      nextObservations: t.float32([rows, width]),
      discounts: t.float32([rows]),
      uniforms: t.float32([2, rows, spaceWidth(actionSpace)]),
      beliefs: t.int32([rows]),
      latentNoise: t.float32([rows, options.latent]),
      contextObservations: t.float32([context, width]),
      contextActions: actionInput(actionSpace, context),
      contextRewards: t.float32([context]),
      contextNextObservations: t.float32([context, width]),
      contextDiscounts: t.float32([context]),
      explorerUniforms: t.float32([2, context, spaceWidth(actionSpace)]),
    },
    losses({ parameters: p, targets, minibatch: { uniforms, explorerUniforms, ...drawn } }) {
      const explorerNoise = normals(explorerUniforms);
      const all = metaCureLosses(
        networks,
        {
          exploiting: {
            actor: p.actor,
            critics: p.critics,
            targets: targets.critics,
            logTemperature: p.temperature.log,
          },
          exploring: {
            actor: p.explorer,
            critics: p.explorerCritics,
            targets: targets.explorerCritics,
            logTemperature: p.explorerTemperature.log,
          },
          encoder: p.encoder,
          decoder: p.decoder,
          informed: p.informed,
        },
        {
          ...(drawn as unknown as MetaCureBatch),
          ...normals(uniforms),
          explorerNoise: explorerNoise.noise,
          explorerNextNoise: explorerNoise.nextNoise,
        },
        entropyAim,
        options,
      );
      const { criticLoss, actorLoss, explorerCriticLoss, explorerLoss, decoderLoss, informedLoss } = all;
      const { intrinsic, entropy, explorerEntropy, kl } = all;
      return {
        losses: {
          actor: actorLoss,
          critics: criticLoss,
          temperature: all.temperatureLoss,
          explorer: explorerLoss,
          explorerCritics: explorerCriticLoss,
          explorerTemperature: all.explorerTemperatureLoss,
          encoder: all.encoderLoss,
          decoder: decoderLoss,
          informed: informedLoss,
        },
        reported: {
          ...{ criticLoss, actorLoss, entropy, explorerCriticLoss, explorerLoss, explorerEntropy },
          ...{ decoderLoss, informedLoss, intrinsic, kl },
        },
      };
    },
  });
}
