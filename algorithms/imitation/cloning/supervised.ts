/**
 * @file Supervised learning of a policy network from labelled pairs [N §3.1, eq. 49–50], for BC and DAgger.
 */

import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import { type Trainer, type TrainState, trainer } from "../../../src/learning/trainer.js";
import type * as nn from "../../../src/nn/index.js";
import { type ActorCritic, actionInput, actorCritic, type NetworkData } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { createPass, nextIndex, type Pass } from "../../../src/rollout/epochs.js";
import {
  type ActionScaling,
  actionScaling,
  allocateActions,
  logScale,
  spaceWidth,
} from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { LabelledPairs } from "../../shared/labelled-pairs.js";
import { networkSettings } from "../../shared/networks.js";
import { addResiduals, createResiduals, setDeviations } from "./deviation.js";

export interface ClonerOptions {
  minibatchSize: number;
  learningRate: number;
  loss: "log-likelihood" | "squared-error";
  entropyCoefficient: number;
  l2: number;
  hidden: number[];
  activation: nn.Activation;
  network?: NetworkData;
  normaliseObservations?: boolean;
  /** Scaling of box actions; by their bounds if unset. */
  scaling?: ActionScaling;
}

/** A network and its compiled programs. */
export interface Cloner {
  network: ActorCritic;
  minibatchSize: number;
  loss: ClonerOptions["loss"];
  /** Takes up to `CHUNK` gradient steps in a run. */
  trainer: Trainer;
  /** The losses `[B]` on any number of pairs, without regularisers; for squared errors their `squares` `[B, d]` too. */
  evaluate: t.Program;
}

/** What checkpoints keep: the network in training, and the current pass over the pairs. */
export interface ClonerState extends TrainState, Pass {}

/** Gradient steps in one run of the program: enough to hide the cost of a run, few enough to stream the data. */
export const CHUNK = 32;

const programs = new Map<string, Cloner>();

/** The cloner for a problem and settings, for pairs with weights or without, cached after the first call. */
export function clonerOf(problem: Problem, options: ClonerOptions, weighted = false): Cloner {
  checkLoss(problem, options);
  const { observationSpace, actionSpace } = problem;
  const { minibatchSize, learningRate, loss, entropyCoefficient, l2 } = options;
  const settings = {
    observationSpace,
    actionSpace,
    ...networkSettings(options, { observationSpace, actionSpace }),
    critic: false,
    actionScaling: options.scaling ?? actionScaling(actionSpace),
  };
  const key = JSON.stringify([settings, minibatchSize, learningRate, loss, entropyCoefficient, l2, weighted]);
  const known = programs.get(key);
  if (known) return known;
  const network = actorCritic(settings);
  const cloner = {
    network,
    minibatchSize,
    loss,
    trainer: pairTrainer(network, options, weighted),
    evaluate: t.program(pairInputs(network, "batch"), ({ parameters, observations, actions }) => {
      const pi = network.distribution(network.layout.unflatten(parameters), observations);
      return cloningLosses(network, pi, actions, loss);
    }),
  };
  programs.set(key, cloner);
  return cloner;
}

/** @throws UsageError for a loss that is not defined for the action space */
export function checkLoss({ id, actionSpace }: Problem, { loss }: Pick<ClonerOptions, "loss">): void {
  if (loss === "squared-error" && actionSpace.kind !== "box") {
    throw new UsageError(
      `loss "squared-error" needs actions in a box; those of ${id} are ${actionSpace.kind}`,
    );
  }
}

export function createClonerState({ trainer }: Pick<Cloner, "trainer">, rng: Rng): ClonerState {
  return {
    ...trainer.initialise(rng.stream("parameters")),
    ...createPass(rng.stream("minibatches")),
  };
}

/**
 * −log π(a | s), or ‖mean − a‖², for each pair, `[B]` [N §3.1, eq. 50], and with the latter its terms `[B, d]`. Both are
 * of normalised actions, so that neither they nor the weights of the entries depend on the units of the actions.
 */
export function cloningLosses(
  { settings: { actionScaling } }: ActorCritic,
  pi: nn.Distribution,
  actions: Tensor,
  loss: ClonerOptions["loss"],
): { losses: Tensor; squares?: Tensor } {
  if (loss === "log-likelihood") {
    return { losses: t.neg(t.add(pi.logProb(actions), logScale(actionScaling))) };
  }
  const errors = t.sub(pi.mode(), actions);
  const squares = t.square(actionScaling ? t.div(errors, t.constant(actionScaling.halfWidth)) : errors);
  return { losses: t.sum(squares, -1), squares };
}

/** The objective of a gradient step: the mean loss of a minibatch minus an entropy bonus. */
export function cloningObjective(
  network: ActorCritic,
  { entropyCoefficient, loss }: ClonerOptions,
  pi: nn.Distribution,
  actions: Tensor,
  /** `[B]`, of mean 1 over all pairs, so that the minibatch mean is an unbiased estimate of the weighted mean. */
  weights?: Tensor,
) {
  const mean = (x: Tensor) => t.mean(weights ? t.mul(x, weights) : x);
  const error = mean(cloningLosses(network, pi, actions, loss).losses);
  const bonus = entropyCoefficient > 0 && t.mul(mean(pi.entropy()), entropyCoefficient);
  return { loss: bonus ? t.sub(error, bonus) : error, reported: { loss: error } };
}

function pairInputs({ layout, settings }: ActorCritic, rows: t.Dim) {
  return {
    parameters: t.float32([layout.size]),
    observations: t.float32([rows, spaceWidth(settings.observationSpace)]),
    actions: actionInput(settings.actionSpace, rows),
  };
}

const pairTrainer = (network: ActorCritic, options: ClonerOptions, weighted: boolean): Trainer => {
  const { parameters: _, ...minibatch } = pairInputs(network, options.minibatchSize);
  return trainer({
    layout: network.layout,
    learningRate: options.learningRate,
    // The gradient of l2/2 · ‖θ‖² is l2 · θ.
    decay: options.l2,
    steps: CHUNK,
    variable: true,
    minibatch: { ...minibatch, ...(weighted && { weights: t.float32([options.minibatchSize]) }) },
    loss: ({ parameters, minibatch: { observations, actions, weights } }) =>
      cloningObjective(network, options, network.distribution(parameters, observations), actions, weights),
  });
};

/**
 * Takes `updates` gradient steps on minibatches streamed from the pairs, in epochs with a new random order each. A
 * minibatch may cross the boundary between two epochs. Then fits the deviations if the loss leaves them untrained.
 * Returns the mean loss.
 */
export async function cloneBatches(
  cloner: Cloner,
  state: ClonerState,
  pairs: LabelledPairs,
  updates: number,
): Promise<Metrics> {
  const { network, minibatchSize, trainer } = cloner;
  const { observationSpace, actionSpace } = network.settings;
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const observations = new Float32Array(CHUNK * minibatchSize * width);
  const actions = allocateActions(actionSpace, CHUNK * minibatchSize);
  const weights = pairs.weights && new Float32Array(CHUNK * minibatchSize);
  let totalLoss = 0;
  for (let done = 0; done < updates; done += CHUNK) {
    const active = Math.min(CHUNK, updates - done);
    for (let row = 0; row < active * minibatchSize; row++) {
      const pair = nextIndex(state, pairs.count);
      for (let j = 0; j < width; j++) observations[row * width + j] = pairs.observations[pair * width + j];
      for (let j = 0; j < actionWidth; j++)
        actions[row * actionWidth + j] = pairs.actions[pair * actionWidth + j];
      if (weights) weights[row] = pairs.weights![pair];
    }
    const feeds = { observations, actions, ...(weights && { weights }) };
    const { means } = await trainer.run(state, feeds, active);
    totalLoss += means.loss * active;
  }
  if (cloner.loss === "squared-error") await fitDeviations(cloner, state, pairs);
  return { steps: state.steps, loss: totalLoss / updates };
}

/** Number of pairs in one evaluation of the residuals. */
const EVALUATED = 8192;

/** Sets the deviations of a policy to those of its residuals on the pairs. */
async function fitDeviations(
  { network, evaluate }: Cloner,
  { parameters }: ClonerState,
  { count, observations, actions, weights }: LabelledPairs,
): Promise<void> {
  const { observationSpace, actionSpace } = network.settings;
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const residuals = createResiduals(actionWidth);
  for (let from = 0; from < count; from += EVALUATED) {
    const to = Math.min(from + EVALUATED, count);
    const { squares } = await evaluate.run({
      parameters,
      observations: observations.subarray(from * width, to * width),
      actions: actions.subarray(from * actionWidth, to * actionWidth),
    });
    for (let i = from; i < to; i++) {
      addResiduals(residuals, squares as Float32Array, i - from, weights?.[i] ?? 1);
    }
  }
  setDeviations(network, parameters, residuals);
}

/** The weighted mean loss on held-out pairs. */
export async function heldOutLoss(
  cloner: Cloner,
  { parameters }: ClonerState,
  pairs: LabelledPairs,
): Promise<number> {
  const { observations, actions, weights } = pairs;
  const { losses } = await cloner.evaluate.run({ parameters, observations, actions });
  return (losses as Float32Array).reduce((sum, x, i) => sum + x * (weights?.[i] ?? 1), 0) / losses.length;
}
