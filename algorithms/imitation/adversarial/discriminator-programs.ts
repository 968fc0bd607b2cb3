/**
 * @file What a discriminator computes (Ho & Ermon 2016; Nalisnick, Human-in-the-Loop Machine Learning, §3.3, eq. 57–60):
 * its loss, and all of its gradient steps on one batch of the learner's transitions as one tensor program.
 */

import { z } from "zod";
import { count, nonNegative, positive } from "../../../src/config/options.js";
import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import { actionInput } from "../../../src/policies/index.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { Rows } from "../../shared/transition-rows.js";
import {
  actionFeatures,
  type Features,
  type Scaling,
  type Scorer,
  type Spaces,
  stateFeatures,
} from "./scorers.js";
import { spectralNormalisation } from "./spectral.js";

export const discriminatorSchema = z.strictObject({
  hidden: z.array(count()).default([64, 64]).describe("sizes of its hidden layers; [] is linear"),
  activation: z.enum(nn.activationNames).default("tanh").describe("of its hidden layers"),
  learningRate: positive().default(1e-3).describe("its step size, of Adam"),
  minibatchSize: count()
    .default(256)
    .describe(
      "transitions in a gradient step, or trajectories where these are classified: so many of the expert's and as " +
        "many of the learner's",
    ),
  updates: count()
    .default(16)
    .describe("gradient steps on each batch that the learner is about to learn from"),
  gradientPenalty: nonNegative()
    .optional()
    .describe(
      "weight of (‖∂ score / ∂ features‖ − 1)² between the two kinds of transitions; 0: none; unset, 1, or 0.1 " +
        "where observations are not in a box",
    ),
  spectralNormalisation: z
    .boolean()
    .default(false)
    .describe(
      "divide its weights by their largest singular values; to bound slopes by that alone, set gradientPenalty 0",
    ),
  entropyCoefficient: nonNegative().default(0).describe("weight of the bonus for being unsure"),
  normaliseObservations: z
    .boolean()
    .default(true)
    .describe("put those in a box to mean 0 and deviation 1 under all that it has seen"),
});

export type DiscriminatorOptions = z.output<typeof discriminatorSchema>;

/** What is classified, and how. */
export interface DiscriminatorTask {
  spaces: Spaces;
  scorer: Scorer;
  options: DiscriminatorOptions;
  /** Whether the logit is the score less log π(a | s), as in AIRL, or the score itself, as in GAIL. */
  usesPolicy: boolean;
  /** Steps that are classified together, by the sum of their scores; 1 for single transitions. */
  window: number;
  /** Whether an episode that terminates goes on in the absorbing state. */
  withAbsorbing: boolean;
}

/** A task, the weight of its penalty, and how the parameters of its network lie in their vector. */
export type Parts = DiscriminatorTask & {
  options: DiscriminatorOptions & { gradientPenalty: number };
  layout: nn.Layout;
};

/**
 * Between two one-hot rows is nothing that anybody does, and a slope of 1 there says that no two states may differ by more
 * than √2: less than a table needs beside an absorbing state which counts γ / (1 − γ) times. Without any, few demonstrations
 * are learnt by heart (docs/evidence/adversarial.md, "Where it fails").
 */
export const penaltyWeight = ({ spaces, options }: Pick<DiscriminatorTask, "spaces" | "options">): number =>
  options.gradientPenalty ?? (spaces.observationSpace.kind === "box" ? 1 : 0.1);

/** Whether observations are put to mean 0 and deviation 1. */
export const normalises = ({ spaces, options }: Parts) =>
  options.normaliseObservations && spaces.observationSpace.kind === "box";

/** Names of the arrays of rows that a program is given; one that its network never reads is left out. */
export const rowNames = ({ reads }: Scorer, usesPolicy: boolean): (keyof Rows)[] => [
  ...(reads.includes("state") ? (["observations"] as const) : []),
  "absorbing",
  ...(reads.includes("action") ? (["actions"] as const) : []),
  ...(reads.includes("next") ? (["nextObservations", "nextAbsorbing"] as const) : []),
  ...(usesPolicy ? (["logProbs"] as const) : []),
];

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
/** The name of an array of the expert's or the learner's rows. */
export const prefixed = (prefix: string, name: string) => `${prefix}${capital(name)}`;

/** What both programs are given beside rows: the parameters, and what scales observations and weights. */
function commonInputs(parts: Parts) {
  const { layout, options, spaces } = parts;
  const width = t.float32([spaceWidth(spaces.observationSpace)]);
  return {
    parameters: t.float32([layout.size]),
    ...(options.spectralNormalisation ? { directions: t.float32([spectralNormalisation(layout).size]) } : {}),
    ...(normalises(parts) ? { mean: width, scale: width } : {}),
  };
}

function rowInputs({ scorer, usesPolicy, spaces }: DiscriminatorTask, rows: t.Dim, prefix?: string) {
  const observations = t.float32([rows, spaceWidth(spaces.observationSpace)]);
  const specs: Record<keyof Rows, t.InputSpec> = {
    observations,
    actions: actionInput(spaces.actionSpace, rows),
    nextObservations: observations,
    absorbing: t.float32([rows]),
    nextAbsorbing: t.float32([rows]),
    logProbs: t.float32([rows]),
  };
  const names = rowNames(scorer, usesPolicy);
  return Object.fromEntries(
    names.map((name) => [prefix === undefined ? name : prefixed(prefix, name), specs[name]]),
  );
}

type RowTensors = Partial<Record<keyof Rows | "mask", Tensor>>;

/** What the network reads of rows; the rest is never traced. */
function featuresOf({ spaces, scorer }: Parts, rows: RowTensors, scaling?: Scaling): Features {
  const { observationSpace, actionSpace } = spaces;
  const none = rows.absorbing!;
  const { reads } = scorer;
  return {
    state: reads.includes("state")
      ? stateFeatures(observationSpace, rows.observations!, rows.absorbing!, scaling)
      : none,
    action: reads.includes("action") ? actionFeatures(actionSpace, rows.actions!, rows.absorbing!) : none,
    next: reads.includes("next")
      ? stateFeatures(observationSpace, rows.nextObservations!, rows.nextAbsorbing!, scaling)
      : none,
  };
}

const scalingOf = (given: Record<string, Tensor>): Scaling | undefined =>
  given.mean && { mean: given.mean, scale: given.scale };

/**
 * E_E[−log D] + E_π[−log(1 − D)] with D = sigmoid(logit) (notes, eq. 58), of logits `[B]` of either kind, and how well
 * they tell the two apart.
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

/** E(‖∇f‖ − 1)² at features between the expert's and the learner's (Gulrajani et al. 2017; Kostrikov et al. 2019, §4.1). */
export function gradientPenalty(
  { reads, score }: Pick<Scorer, "reads" | "score">,
  parameters: nn.TensorTree,
  expert: Features,
  learner: Features,
  /** `[B]`, the expert's share, in [0, 1]. */
  shares: Tensor,
  /** `[B]`, 0 or 1 and not all 0: the rows that count; all of them without it. */
  mask?: Tensor,
): Tensor {
  const share = t.expandDims(shares, -1);
  const between = Object.fromEntries(
    (["state", "action", "next"] as const).map((name) => [
      name,
      reads.includes(name)
        ? t.add(learner[name], t.mul(t.sub(expert[name], learner[name]), share))
        : learner[name],
    ]),
  ) as unknown as Features;
  const slopes = t.grad(
    t.sum(score(parameters, between)),
    reads.map((name) => between[name]),
  );
  const squares = slopes.map((slope) => t.sum(t.square(slope), -1));
  const norm = t.sqrt(
    t.add(
      squares.reduce((a, b) => t.add(a, b)),
      1e-12,
    ),
  );
  const penalties = t.square(t.sub(norm, 1));
  return mask ? t.div(t.sum(t.mul(penalties, mask)), t.sum(mask)) : t.mean(penalties);
}

/** Its gradient steps on one batch of the learner's: in each, as many rows of the expert's as of the learner's. */
export function discriminatorTrainer(parts: Parts): Trainer {
  const { layout, options, scorer, usesPolicy, window } = parts;
  const size = options.minibatchSize * window;
  const spectral = options.spectralNormalisation ? spectralNormalisation(layout) : undefined;
  const { directions, parameters: _, ...scalingInputs } = commonInputs(parts);
  return trainer({
    layout,
    learningRate: options.learningRate,
    steps: options.updates,
    shared: scalingInputs as Record<string, t.InputSpec>,
    ...(directions && { carried: { directions } }),
    minibatch: {
      ...rowInputs(parts, size, "expert"),
      ...rowInputs(parts, size, "learner"),
      ...(window > 1 ? { expertMask: t.float32([size]), learnerMask: t.float32([size]) } : {}),
      ...(options.gradientPenalty > 0 ? { shares: t.float32([size]) } : {}),
    },
    loss({ parameters, minibatch, shared, carried }) {
      const normalised = spectral?.apply(parameters, carried.directions);
      const weights = normalised?.parameters ?? parameters;
      const rows = (kind: string): RowTensors =>
        Object.fromEntries(
          [...rowNames(scorer, usesPolicy), "mask"].map((name) => [name, minibatch[prefixed(kind, name)]]),
        );
      const logits = (features: Features, { logProbs, mask }: RowTensors) => {
        const score = scorer.score(weights, features);
        const logit = usesPolicy ? t.sub(score, logProbs!) : score;
        if (!mask) return logit;
        return t.sum(t.reshape(t.mul(logit, mask), [options.minibatchSize, window]), -1);
      };
      const [expert, learner] = [rows("expert"), rows("learner")];
      const [shown, own] = [expert, learner].map((kind) => featuresOf(parts, kind, scalingOf(shared)));
      const terms = discriminatorTerms(logits(shown, expert), logits(own, learner));
      let loss = terms.loss;
      if (options.entropyCoefficient > 0) {
        loss = t.sub(loss, t.mul(terms.entropy, options.entropyCoefficient));
      }
      if (minibatch.shares) {
        // What fills a window up is nowhere that the expert or the learner were; the first row of each is real.
        const mask = expert.mask && t.mul(expert.mask, learner.mask!);
        const penalty = gradientPenalty(scorer, weights, shown, own, minibatch.shares, mask);
        loss = t.add(loss, t.mul(penalty, options.gradientPenalty));
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

/** Scores of any number of rows, and the rewards that the network has in it by themselves. */
export function scoreProgram(parts: Parts): t.Program {
  const { layout, options, scorer } = parts;
  const rows = rowInputs({ ...parts, usesPolicy: false }, "batch");
  return t.program({ ...commonInputs(parts), ...rows }, (given) => {
    const p = layout.unflatten(given.parameters);
    const weights = options.spectralNormalisation
      ? spectralNormalisation(layout).apply(p, given.directions).parameters
      : p;
    const features = featuresOf(parts, given, scalingOf(given));
    const scores = scorer.score(weights, features);
    return { scores, ...(scorer.reward ? { rewards: scorer.reward(weights, features) } : {}) };
  });
}
