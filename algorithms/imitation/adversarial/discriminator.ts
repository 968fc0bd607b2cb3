/**
 * @file The discriminator of adversarial imitation: its loss, its gradient steps and its scores [Ho & Ermon 2016]
 * [N §3.3, eq. 57–60].
 *
 * A network scores transitions (`scorers.ts`). The logit of D, the probability that the expert made a transition, is
 * that score, less log π(a | s) in AIRL. How rows enter the programs is in `inputs.ts`, the penalties are in
 * `penalties.ts` and `spectral.ts`.
 */

import { addRow, createMoments, type Moments } from "../../../src/env/moments.js";
import { type Trainer, type TrainState, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { Features } from "../../shared/transition-features.js";
import { copyRows, type RowSource } from "../../shared/transition-rows.js";
import * as inputs from "./inputs.js";
import { gradientPenalty, penaltyWeight } from "./penalties.js";
import { spectralNormalisation } from "./spectral.js";

/** A discriminator's programs and buffers for one problem. */
export interface Discriminator extends inputs.DiscriminatorTask {
  readonly layout: nn.Layout;
  readonly trainer: Trainer;
  readonly score: t.Program;
  /** Buffers for the rows of one run of the trainer. */
  readonly drawn: { expert: inputs.Drawn; learner: inputs.Drawn };
}

/** The state of a discriminator in training, which checkpoints keep. */
export interface DiscriminatorState extends TrainState {
  /** Estimates of singular vectors, with spectral normalisation. */
  directions?: Float32Array;
  /** Statistics of the observations, where they are standardised. */
  observations?: Moments;
  /** Random stream that draws the transitions. */
  drawRng: Rng;
  /** Random stream that draws the points between two transitions at which the gradient is penalised. */
  penaltyRng: Rng;
}

export function createDiscriminator({ options: given, ...rest }: inputs.DiscriminatorTask): Discriminator {
  const task = { ...rest, options: { ...given, gradientPenalty: penaltyWeight(rest.spaces, given) } };
  const layout = nn.layoutOf(task.scorer.parameters);
  return {
    ...task,
    layout,
    trainer: discriminatorTrainer(task, layout),
    score: scoreProgram(task, layout),
    drawn: { expert: inputs.createDrawn(task), learner: inputs.createDrawn(task) },
  };
}

export function createDiscriminatorState(discriminator: Discriminator, rng: Rng): DiscriminatorState {
  const { layout, options, spaces, trainer } = discriminator;
  return {
    ...trainer.initialise(rng.stream("parameters")),
    directions: options.spectralNormalisation
      ? spectralNormalisation(layout).initialise(rng.stream("directions"))
      : undefined,
    observations: inputs.normalises(discriminator)
      ? createMoments(spaceWidth(spaces.observationSpace))
      : undefined,
    drawRng: rng.stream("minibatches"),
    penaltyRng: rng.stream("penalty"),
  };
}

/**
 * The loss E_E[−log D] + E_π[−log(1 − D)] with D = sigmoid(logit) [N §3.3, eq. 58], from logits `[B]` of the expert's
 * and of the learner's transitions; the accuracy on each, and the entropy of the classification. Scalars.
 */
export function discriminatorTerms(expert: Tensor, learner: Tensor) {
  const entropy = (logits: Tensor) => t.sub(t.softplus(logits), t.mul(logits, t.sigmoid(logits)));
  const share = (right: Tensor) => t.mean(t.cast(right, "float32"));
  return {
    loss: t.add(t.mean(t.softplus(t.neg(expert))), t.mean(t.softplus(learner))),
    expertAccuracy: share(t.greater(expert, 0)),
    learnerAccuracy: share(t.less(learner, 0)),
    entropy: t.mul(t.add(t.mean(entropy(expert)), t.mean(entropy(learner))), 0.5),
  };
}

/** Gradient steps on one batch of the learner's rows. Each minibatch has equally many rows of expert and learner. */
function discriminatorTrainer(task: inputs.DiscriminatorTask, layout: nn.Layout): Trainer {
  const { options, scorer, usesPolicy, window } = task;
  const { minibatchSize, entropyCoefficient, gradientPenalty: slopeWeight = 0 } = options;
  const spectral = options.spectralNormalisation ? spectralNormalisation(layout) : undefined;

  const logits = (weights: nn.TensorTree, features: Features, { logProbs, mask }: inputs.RowTensors) => {
    const score = scorer.score(weights, features);
    const logit = usesPolicy ? t.sub(score, logProbs!) : score;
    return mask ? t.sum(t.reshape(t.mul(logit, mask), [minibatchSize, window]), -1) : logit;
  };

  return trainer({
    layout,
    learningRate: options.learningRate,
    steps: options.updates,
    shared: inputs.scalingInputs(task),
    ...(spectral && { carried: { directions: t.float32([spectral.size]) } }),
    minibatch: inputs.minibatchInputs(task),
    loss({ parameters, minibatch, shared, carried }) {
      const normalised = spectral?.apply(parameters, carried.directions);
      const weights = normalised?.parameters ?? parameters;
      const expert = inputs.rowsOf(task, minibatch, "expert");
      const learner = inputs.rowsOf(task, minibatch, "learner");
      const [seen, own] = [expert, learner].map((rows) => inputs.featuresOf(task, rows, shared));
      const terms = discriminatorTerms(logits(weights, seen, expert), logits(weights, own, learner));
      let loss = terms.loss;
      if (entropyCoefficient > 0) loss = t.sub(loss, t.mul(terms.entropy, entropyCoefficient));
      if (slopeWeight > 0) {
        // Padding rows at the end of a window belong to neither expert nor learner; the first row is never padding.
        const mask = expert.mask && t.mul(expert.mask, learner.mask!);
        const penalty = gradientPenalty(scorer, weights, seen, own, minibatch.shares, mask);
        loss = t.add(loss, t.mul(penalty, slopeWeight));
      }
      return {
        loss,
        reported: {
          discriminatorLoss: terms.loss,
          expertAccuracy: terms.expertAccuracy,
          learnerAccuracy: terms.learnerAccuracy,
          discriminatorEntropy: terms.entropy,
        },
        ...(normalised && { carried: { directions: normalised.directions } }),
      };
    },
  });
}

/** Scores of any number of rows and, with a shaped score (AIRL), its reward term without the shaping. */
function scoreProgram(task: inputs.DiscriminatorTask, layout: nn.Layout): t.Program {
  const { options, scorer } = task;
  const read = { ...task, usesPolicy: false };
  const spectral = options.spectralNormalisation ? spectralNormalisation(layout) : undefined;
  const given = {
    parameters: t.float32([layout.size]),
    ...(spectral && { directions: t.float32([spectral.size]) }),
    ...inputs.scalingInputs(read),
    ...inputs.rowInputs(read, "batch"),
  };
  return t.program(given, (given: Record<string, Tensor>) => {
    const parameters = layout.unflatten(given.parameters);
    const weights = spectral?.apply(parameters, given.directions).parameters ?? parameters;
    const features = inputs.featuresOf(read, inputs.rowsOf(read, given), given);
    const scores = scorer.score(weights, features);
    return { scores, ...(scorer.reward ? { rewards: scorer.reward(weights, features) } : {}) };
  });
}

/** Updates the running observation statistics with the observations of rows. */
export function observe({ observations }: DiscriminatorState, rows: RowSource) {
  if (!observations) return;
  for (let i = 0; i < rows.count; i++) addRow(observations, rows.block(i).observations, rows.index(i));
}

/** Takes `updates` gradient steps on rows drawn with replacement. Returns the mean loss, accuracies and entropy. */
export async function trainDiscriminator(
  discriminator: Discriminator,
  state: DiscriminatorState,
  expert: RowSource,
  learner: RowSource,
): Promise<Record<string, number>> {
  const { means, carried } = await discriminator.trainer.run(state, {
    ...(state.directions && { directions: state.directions }),
    ...inputs.scalingFeeds(state.observations),
    ...inputs.drawnFeeds(discriminator, "expert", expert, state.drawRng),
    ...inputs.drawnFeeds(discriminator, "learner", learner, state.drawRng),
    ...inputs.shareFeeds(discriminator, state.penaltyRng),
  });
  if (state.directions) state.directions = carried.directions as Float32Array;
  return means;
}

/**
 * Scores `[n]` of all rows of a source, and the score of the absorbing state. `output: "rewards"` gives the reward term
 * of a shaped score (AIRL) instead.
 */
export async function scoreRows(
  discriminator: Discriminator,
  state: DiscriminatorState,
  source: RowSource,
  output: "scores" | "rewards" = "scores",
): Promise<{ scores: Float32Array; absorbing: number }> {
  const { count } = source;
  const rows = copyRows(discriminator.spaces, source, 0, count + 1);
  const result = await discriminator.score.run({
    parameters: state.parameters,
    ...(state.directions && { directions: state.directions }),
    ...inputs.scalingFeeds(state.observations),
    ...inputs.rowFeeds({ ...discriminator, usesPolicy: false }, rows),
  });
  const all = (result[output] ?? result.scores) as Float32Array;
  return { scores: all.subarray(0, count), absorbing: all[count] };
}
