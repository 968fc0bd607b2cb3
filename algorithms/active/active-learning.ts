/**
 * @file Pool-based active learning [N §2.4]: a classifier is fitted to the labels so far, an acquisition chooses the items
 * to ask about, a person or the data answer, and so on. An iteration is a batch of answers, after which the model learns
 * from fresh weights, so that the curve shows labels and not epochs.
 */

import { areaUnder, classBalance, kappaOf } from "../../src/active/index.js";
import { referenceTo } from "../../src/config/references.js";
import {
  checkSplit,
  type LabelledSet,
  type Split,
  splitLabelled,
  widthOf,
  withClasses,
} from "../../src/datasets/labelled.js";
import { mean } from "../../src/diagnostics/statistics.js";
import type { Learner, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { argmaxRow } from "../../src/mdp/tables.js";
import type { Labeller } from "../../src/people/index.js";
import { createQueryBook } from "../../src/people/query-book.js";
import { chosenAmong, simulatedAnnotators } from "./active-learning/annotators.js";
import { type Given, labelsIn } from "./active-learning/answers.js";
import { type ActiveClassifier, activeClassifier } from "./active-learning/artefact.js";
import { openNextBatch, receiveAnswers } from "./active-learning/batch.js";
import {
  activeLearningSchema,
  BUDGET,
  checkOptions,
  checkPool,
  type Resolved,
} from "./active-learning/options.js";
import { inputsOf, standardFor } from "./active-learning/standard.js";
import { type ActiveState, answersOf, beliefs, candidatesOf, left, paid } from "./active-learning/state.js";
import { classifierOf, resolvedClassifier } from "./classifiers/option.js";
import { acquisitionOf, requireAbilities, resolvedAcquisition } from "./shared/acquisition-option.js";
import { labelledSource, measured } from "./shared/labelled-source.js";

export type { ActiveLearningOptions } from "./active-learning/options.js";

export interface ActiveLearner extends Learner<LabelledSet, ActiveClassifier, ActiveState> {
  /** The answers so far, by the number of the question. */
  answers(state: ActiveState): readonly Given[];
}

/** A classifier that asks for the labels it learns from. */
export const activeLearning = defineAlgorithm({
  name: "activeLearning",
  summary: "a classifier that chooses the items whose labels it asks for",
  schema: activeLearningSchema,
  source: labelledSource,
  asks: "label",
  create: (options): ActiveLearner => activeLearner(options),
});

function activeLearner(options: Resolved): ActiveLearner {
  const name = "activeLearning";
  checkOptions(name, options);
  const acquisition = acquisitionOf(name, options.acquisition);
  const needsSamples = acquisition.needs.includes("samples");
  const { labeller: given, signal: _, split: ownSplit, ...rest } = options;

  /** Learns from all labels, from fresh weights, with a stream of their number. */
  async function learn(state: ActiveState): Promise<void> {
    const { items, targets } = beliefs(state, options);
    if (items.length === 0) return;
    const { live, rng } = state;
    const examples = { count: items.length, features: inputsOf(live, items), targets };
    const from = options.refit === "warm" ? state.model : undefined;
    state.model = await live.classifier.fit(examples, rng.stream("fit", paid(state)), from);
  }

  return {
    name,
    options: {
      ...rest,
      acquisition: resolvedAcquisition(name, options.acquisition),
      classifier: resolvedClassifier(name, options.classifier),
      ...(ownSplit && { split: ownSplit }),
      ...(given && { labeller: referenceTo(given, "labeller", { kind: given.kind }) }),
    },
    unit: "labels",
    defaultSteps: options.budget ?? BUDGET,

    async init(source, rng): Promise<ActiveState> {
      const set = withClasses(source, options.classes?.map(String));
      const split = ownSplit ? rowsOf(ownSplit) : splitLabelled(set, options, rng.stream("split"));
      checkSplit(set, split);
      checkPool(name, options, set, split.pool);
      const data = { shape: set.shape, classes: set.classes.length };
      const classifier = classifierOf(name, options.classifier, data, needsSamples);
      requireAbilities(name, acquisition, classifier, data.classes);
      const standard = standardFor(set, split.pool, classifier, options.standardise);
      const truth = (item: number) => set.labels![item];
      const isKnown = (item: number) => set.labels !== undefined && set.labels[item] >= 0;
      const some =
        given && split.pool.some((item) => !isKnown(item)) ? split.pool.filter(isKnown) : new Int32Array(0);
      const state: ActiveState = {
        split,
        known: { items: some, labels: some.map(truth) },
        book: createQueryBook(),
        asked: [],
        askedOf: [],
        answers: [],
        waitingFor: 0,
        curve: { labels: [], values: [] },
        stable: 0,
        isStopped: false,
        rng,
        live: {
          derived: true,
          set,
          classifier,
          ...(standard && { standard }),
          labeller: given as Labeller<"label">,
          budget: options.budget ?? Math.min(BUDGET, split.pool.length),
        },
      };
      const { annotators = [1], annotatorsAbove } = options;
      const isAbove = annotatorsAbove ? aboveMedian(set, split.pool) : () => false;
      state.live.labeller ??= simulatedAnnotators({
        names: chosenAmong(options)!,
        accuracy: (a, item) => (isAbove(item) ? annotatorsAbove! : annotators)[a],
        classes: data.classes,
        truth,
        rng: rng.stream("simulated annotators"),
      });
      return state;
    },

    /**
     * One batch: chooses, asks, learns and measures.
     *
     * @throws Paused when the signal is aborted or the labeller stops; call again, also after a restore, to continue
     */
    async update(state): Promise<Metrics> {
      if (state.waitingFor === 0) {
        if (!state.model) await learn(state);
        await openNextBatch(state, acquisition, options);
      }
      await receiveAnswers(state, options);
      state.waitingFor = 0;
      await learn(state);
      await noteStability(state, options);
      const metrics = await measuredState(state, options);
      const { stopAccuracy = Number.POSITIVE_INFINITY, stableFor = Number.POSITIVE_INFINITY } = options;
      state.isStopped = metrics.validationAccuracy >= stopAccuracy || state.stable >= stableFor;
      return metrics;
    },

    done: (state) =>
      state.waitingFor === 0 &&
      state.book.open.length === 0 &&
      (state.isStopped || left(state) <= 0 || candidatesOf(state).length === 0),

    artefact: (state) => {
      const { live, split, model } = state;
      const { set, classifier, standard } = live;
      const believed = beliefs(state, options);
      return activeClassifier({
        classes: set.classes,
        shape: set.shape,
        items: believed.items,
        labels: labelsIn(believed),
        test: split.test,
        classifier,
        option: resolvedClassifier(name, options.classifier),
        needsSamples,
        ...(model && { model }),
        ...(standard && { standard }),
      });
    },

    outcome: (state) => {
      const { curve } = state;
      const end = curve.values.at(-1);
      if (end === undefined) return undefined;
      const area = areaUnder(curve).toFixed(3);
      return `accuracy ${end.toFixed(3)} on the test after ${paid(state)} questions; mean of the curve ${area}`;
    },

    answers: answersOf,
  };
}

/** The metrics after a batch; the accuracy on the test becomes the next point of the curve. */
async function measuredState(state: ActiveState, options: Resolved): Promise<Metrics> {
  const { book, split, curve, live, answers } = state;
  const { set } = live;
  const steps = paid(state);
  const believed = beliefs(state, options);
  const labels = labelsIn(believed);
  const test = await measuredOn(state, split.test);
  const validation = await measuredOn(state, split.validation);
  if (test) {
    curve.labels.push(steps);
    curve.values.push(test.accuracy);
  }
  const times = answers.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
  return {
    steps,
    labelled: labels.length,
    ...(test && { ...test, area: areaUnder(curve) }),
    ...(validation && { validationAccuracy: validation.accuracy }),
    ...(labels.length > 0 && { classBalance: classBalance(labels, set.classes.length) }),
    skipped: book.skipped,
    open: book.open.length,
    ...(times.length > 0 && { secondsPerAnswer: mean(times) }),
    ...(options.annotatorCosts && {
      cost: state.askedOf.reduce((sum, a) => sum + options.annotatorCosts![a], 0),
    }),
    ...(options.annotators && set.labels && { rightLabels: shareRight(believed.items, labels, set.labels) }),
  };
}

/** Kappa of the predictions of the pool at which they count as the same [Bloodgood & Vijay-Shanker 2009, §3]. */
const SAME = 0.99;

/** Counts the batches in a row that left the predictions of the pool as they were. */
async function noteStability(state: ActiveState, { stableFor }: Resolved): Promise<void> {
  const { live, model, split, predicted: before } = state;
  if (stableFor === undefined || !model) return;
  const K = live.set.classes.length;
  const p = await live.classifier.probabilities(model, inputsOf(live, split.pool));
  const now = split.pool.map((_, i) => argmaxRow(p, i * K, K));
  state.stable = before && kappaOf(before, now, K) >= SAME ? state.stable + 1 : 0;
  state.predicted = now;
}

async function measuredOn({ live, model }: ActiveState, items: Int32Array) {
  const { set, classifier } = live;
  if (items.length === 0 || !set.labels || !model) return undefined;
  const truth = items.map((item) => set.labels![item]);
  return measured(await classifier.probabilities(model, inputsOf(live, items)), truth);
}

/** Whether the first feature of an item is above its median in the pool. */
function aboveMedian(set: LabelledSet, pool: Int32Array): (item: number) => boolean {
  const first = (item: number) => set.features[item * widthOf(set.shape)];
  const sorted = Float32Array.from(pool, first).sort();
  const median = sorted[sorted.length >> 1];
  return (item) => first(item) > median;
}

const shareRight = (items: Int32Array, labels: Int32Array, truth: Int32Array): number =>
  items.reduce((sum, item, i) => sum + Number(truth[item] === labels[i]), 0) / Math.max(1, items.length);

const rowsOf = ({ pool, validation, test }: Split): Split => ({
  pool: Int32Array.from(pool),
  validation: Int32Array.from(validation),
  test: Int32Array.from(test),
});
