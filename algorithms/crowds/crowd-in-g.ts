/**
 * @file CrowdInG [Chu & Wang 2021] [Chu 2024, §2.2]: a generator makes up the answers that annotators did not give, a
 * discriminator tells them from authentic ones, and an auxiliary network sees that they tell something about the class.
 * The classifier learns to predict classes from which convincing answers follow.
 *
 * There is no published code. Where the paper leaves something open: the generator's last version is the logging policy
 * of a round; μ is a quantile of δ; items are split by a quantile of the entropy of the classifier.
 */

import * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";
import { type Items, labelsOf } from "../../src/crowds/index.js";
import { UsageError } from "../../src/errors.js";
import type { Learner, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { TrainState } from "../../src/learning/trainer.js";
import type { Rng } from "../../src/random/rng.js";
import { generator, judge, labelCorrelation } from "./crowd-in-g/networks.js";
import { type CrowdInGPrograms, crowdInGPrograms } from "./crowd-in-g/programs.js";
import { inRounds, pretrain, validateGenerator } from "./crowd-in-g/rounds.js";
import { crowdLayerMethod } from "./crowd-layer.js";
import { type CrowdClassifier, crowdClassifier } from "./shared/classifier.js";
import { type CrowdState, crowdLearner, itemsSource } from "./shared/learner.js";
import { classifierOptions } from "./shared/options.js";

const crowdInGSchema = z.strictObject({
  augmented: count()
    .default(40)
    .describe("epochs with generated answers, the last ones; before them the classifier has a crowd layer"),
  rounds: count()
    .default(5)
    .describe("rounds in such an epoch: draw answers, judge them, learn from the judgement"),
  pairs: count().default(4096).describe("pairs of item and annotator whose answers a round draws"),
  information: nonNegative()
    .default(0.5)
    .describe("λ: weight of what an answer tells about the class; 0 is the variant CrowdG"),
  threshold: fraction()
    .default(0.5)
    .describe(
      "t: share of the items, those of which the classifier is sure, from which the generator learns",
    ),
  update: z
    .enum(["two steps", "one step"])
    .default("two steps")
    .describe("one step: generator and classifier learn from all items, which collapses in the paper"),
  baseline: fraction().default(0.5).describe("μ, as a quantile of the judgements δ of a round"),
  clip: positive()
    .default(10)
    .describe("largest ratio of the probability of an answer, now and when it was drawn"),
  selection: z
    .enum(["certainty", "chance"])
    .default("certainty")
    .describe("generated answers for the judge: those that the generator is sure of, or any (variant R)"),
  sees: z
    .enum(["everything", "no items", "no annotators"])
    .default("everything")
    .describe(
      "what the generator depends on besides the classifier: no items (variant U), no annotators (variant I)",
    ),
  correlation: z
    .boolean()
    .default(true)
    .describe("whether the judge knows which labels occur together on an item"),
  sparsity: nonNegative().default(1e-3).describe("weight of the squared outputs of the discriminator"),
  embedding: count().default(20).describe("size of the embeddings of annotators and items"),
  noise: count().default(8).describe("size of the generator's noise"),
  ...classifierOptions,
});

export type CrowdInGOptions = z.input<typeof crowdInGSchema>;
export type CrowdInGSettings = z.output<typeof crowdInGSchema>;

export interface CrowdInGState {
  /** The crowd layer that trains first. */
  base: CrowdState;
  /** The networks of the augmented epochs; the classifier is that of `base` until then. */
  classifier: TrainState;
  generator: TrainState;
  judge: TrainState;
  epochs: number;
  rng: Rng;
  heldOutLikelihood?: number;
  live: { derived: true; programs: CrowdInGPrograms };
}

/** A classifier trained with answers that a generator adds. */
export const crowdInG = defineAlgorithm({
  name: "crowdInG",
  summary:
    "a classifier trained with generated answers, which a discriminator cannot tell from authentic ones",
  schema: crowdInGSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create(options): Learner<Items, CrowdClassifier, CrowdInGState> {
    if (options.augmented > options.epochs) {
      throw new UsageError(
        `crowdInG: ${options.augmented} augmented epochs are more than all ${options.epochs} epochs: raise epochs`,
      );
    }
    const base = crowdLearner("crowdInG", options, (crowd) => crowdLayerMethod(crowd, "matrix"));
    const first = options.epochs - options.augmented;
    return {
      name: "crowdInG",
      options: base.options,
      unit: "sweeps",
      defaultSteps: options.epochs,

      async init(items, rng): Promise<CrowdInGState> {
        const state = await base.init(items, rng.stream("crowd layer"));
        const { network, classifier, crowd, minibatchSize } = state.live;
        const { annotations, width } = crowd;
        const sizes = { width, annotators: annotations.annotators, classes: annotations.classes };
        const { embedding, noise, sees, correlation } = options;
        const programs = crowdInGPrograms({
          ...{ classifier: { network, layout: classifier.layout }, minibatchSize, noise },
          generator: generator({ ...sizes, embedding, noise, sees }),
          judge: judge({
            ...{ ...sizes, embedding },
            ...(correlation && { correlation: labelCorrelation(annotations) }),
          }),
          ...{ items: annotations.items, width, classes: annotations.classes },
          ...{
            learningRate: options.learningRate,
            l2: options.l2,
            clip: options.clip,
            sparsity: options.sparsity,
          },
        });
        return {
          base: state,
          classifier: programs.learnClassifier.initialise(rng.stream("classifier")),
          generator: programs.learnGenerator.initialise(rng.stream("generator")),
          judge: programs.learnJudge.initialise(rng.stream("judge")),
          epochs: 0,
          rng: rng.stream("rounds"),
          live: { derived: true, programs },
        };
      },

      async update(state): Promise<Metrics> {
        state.epochs++;
        if (state.epochs <= first) {
          const metrics = await base.update(state.base);
          state.heldOutLikelihood = state.base.heldOutLikelihood;
          return metrics;
        }
        const { layout } = state.base.live.classifier;
        if (state.epochs === first + 1) {
          state.classifier.parameters = state.base.network.parameters.slice(0, layout.size);
          await pretrain(state, options);
        }
        const metrics = await inRounds(state, options);
        const { heldOut } = state.base.live;
        if (heldOut && labelsOf(heldOut) > 0)
          state.heldOutLikelihood = await validateGenerator(state, options);
        const { heldOutLikelihood } = state;
        return {
          steps: state.epochs,
          ...metrics,
          ...(heldOutLikelihood !== undefined && { heldOutLikelihood }),
        };
      },

      done: ({ epochs }) => epochs >= options.epochs,

      artefact(state) {
        const { classes, annotators, items } = options.annotations.names;
        const { live, network } = state.base;
        const { layout, program } = live.classifier;
        return crowdClassifier({
          ...{ classes, annotators, columns: live.items.columns, hidden: options.hidden },
          ...{ network: live.network, program, layout, standard: live.standard },
          vector:
            state.epochs > first ? state.classifier.parameters : network.parameters.subarray(0, layout.size),
          heldOutLikelihood: state.heldOutLikelihood,
          learntFrom: new Set(items),
        });
      },
    };
  },
});
