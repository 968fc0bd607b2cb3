/**
 * @file An ensemble of reward networks r(s, a), whose disagreement says where the comparisons do not determine the reward
 * [Christiano et al. 2017, §2.2.4], and its training on comparisons of segments.
 */

import type { Spaces } from "../../src/datasets/demonstrations.js";
import { type Trainer, trainer } from "../../src/learning/trainer.js";
import * as nn from "../../src/nn/index.js";
import { actionInput, type NetworkData } from "../../src/policies/index.js";
import { spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { actionFeatures, stateFeatures } from "../shared/transition-features.js";
import { transitionNetwork } from "../shared/transition-network.js";
import { comparisonLoss } from "./bradley-terry.js";

export interface EnsembleOptions {
  /** Number of networks, M. */
  ensemble: number;
  input: "state" | "pair";
  hidden: readonly number[];
  activation: nn.Activation;
  /** From observations to features; unset: that of images, or none. */
  network?: NetworkData;
  learningRate: number;
  l2: number;
  /** Comparisons of a gradient step, P. */
  minibatchSize: number;
  /** Steps of the longest segment, L. */
  segmentLength: number;
  lapse: number;
}

export interface RewardEnsemble {
  readonly layout: nn.Layout;
  /** Takes up to {@link CHUNK} gradient steps in a run. */
  readonly trainer: Trainer;
  /** The rewards `[M, n]` of n rows. */
  readonly score: t.Program;
}

/** Gradient steps in one run of the trainer. */
export const CHUNK = 8;

/** Inputs of a number of rows: states, actions, and 1 where the state is the absorbing one. */
const rowInputs = ({ observationSpace, actionSpace }: Spaces, rows: t.Dim) => ({
  observations: t.float32([rows, spaceWidth(observationSpace)]),
  actions: actionInput(actionSpace, rows),
  absorbing: t.float32([rows]),
});

/** The statistics that standardise observations. */
const scalingInputs = ({ observationSpace }: Spaces) => {
  const width = t.float32([spaceWidth(observationSpace)]);
  return { mean: width, scale: width };
};

export function rewardEnsemble(spaces: Spaces, options: EnsembleOptions): RewardEnsemble {
  const { ensemble, input, hidden, activation, network, minibatchSize, segmentLength, lapse } = options;
  const settings = { hidden, activation, network, normaliseObservations: true };
  const members = Array.from({ length: ensemble }, () => transitionNetwork(spaces, input, settings));
  const layout = nn.layoutOf(
    Object.fromEntries(members.map(({ parameters }, m) => [`member${m}`, parameters])),
  );

  /** `[M, n]` */
  const rewards = (p: nn.TensorTree, rows: Record<string, Tensor>): Tensor => {
    const scaling =
      spaces.observationSpace.kind === "box" ? { mean: rows.mean, scale: rows.scale } : undefined;
    const features = {
      state: stateFeatures(spaces.observationSpace, rows.observations, rows.absorbing, scaling),
      action: actionFeatures(spaces.actionSpace, rows.actions, rows.absorbing),
    };
    return t.stack(members.map(({ apply }, m) => apply(p[`member${m}`] as nn.TensorTree, features)));
  };

  const pairs = minibatchSize;
  return {
    layout,
    trainer: trainer({
      layout,
      learningRate: options.learningRate,
      decay: options.l2,
      steps: CHUNK,
      variable: true,
      shared: scalingInputs(spaces),
      minibatch: {
        // The steps of the left segments, and then those of the right ones.
        ...rowInputs(spaces, 2 * pairs * segmentLength),
        targets: t.float32([pairs]),
        weights: t.float32([ensemble, pairs]),
      },
      loss({ parameters, shared, minibatch: { targets, weights, ...rows } }) {
        const steps = t.reshape(rewards(parameters, { ...shared, ...rows }), [
          ensemble,
          2,
          pairs,
          segmentLength,
        ]);
        const [left, right] = t.split(t.sum(steps, -1), [1, 1], 1);
        const differences = t.reshape(t.sub(left, right), [ensemble, pairs]);
        const losses = comparisonLoss(differences, t.expandDims(targets, 0), lapse);
        // Each member has a loss of its own, so their sum leaves their gradients apart.
        const loss = t.div(t.sum(t.mul(weights, losses)), pairs);
        return { loss, reported: { rewardLoss: t.div(loss, ensemble) } };
      },
    }),
    score: t.program(
      { parameters: t.float32([layout.size]), ...scalingInputs(spaces), ...rowInputs(spaces, "batch") },
      ({ parameters, ...rows }) => ({ rewards: rewards(layout.unflatten(parameters), rows) }),
    ),
  };
}
