/**
 * @file Pool-based active learning [N §2.4]: a classifier is fitted to the labels so far, an acquisition chooses the items
 * to ask about, a person or the data answer, and so on. An iteration is a batch of answers, after which the model learns
 * from fresh weights, so that the curve shows labels and not epochs.
 */

import { areaUnder, type Classifier, classBalance, type Model, poolView } from "../../src/active/index.js";
import { referenceTo } from "../../src/config/references.js";
import {
  checkSplit,
  featuresOf,
  type LabelledSet,
  type Split,
  splitLabelled,
  widthOf,
  withClasses,
} from "../../src/datasets/labelled.js";
import { mean } from "../../src/diagnostics/statistics.js";
import { UsageError } from "../../src/errors.js";
import type { Learner, Metrics } from "../../src/learning/contract.js";
import { type DataSource, defineAlgorithm } from "../../src/learning/define.js";
import { argmaxRow } from "../../src/mdp/tables.js";
import type { Labeller } from "../../src/people/index.js";
import { createQueryBook, note, openBatch, type QueryBook, settle } from "../../src/people/query-book.js";
import { exchange } from "../../src/people/wait-for-answers.js";
import type { Rng } from "../../src/random/rng.js";
import { chooseAnnotator, recordsOf, simulatedAnnotators } from "./active-learning/annotators.js";
import { type Beliefs, beliefsOf, type Given, labelsIn } from "./active-learning/answers.js";
import { type ActiveClassifier, activeClassifier } from "./active-learning/artefact.js";
import { drawn, drawnBalanced } from "./active-learning/initial.js";
import {
  activeLearningSchema,
  BUDGET,
  checkOptions,
  checkPool,
  type Resolved,
} from "./active-learning/options.js";
import { type Standard, scaled, standardOf } from "./active-learning/standard.js";
import { classifierOf, resolvedClassifier } from "./classifiers/option.js";
import { acquisitionOf, requireAbilities, resolvedAcquisition } from "./shared/acquisition-option.js";

export type { ActiveLearningOptions } from "./active-learning/options.js";

/** Beside a question: who is asked, of simulated annotators. */
interface Extra {
  to: number;
}

export interface ActiveState {
  split: Split;
  /** Items with labels that cost nothing, because only some items of the data have none. */
  known: { items: Int32Array; labels: Int32Array };
  book: QueryBook<"label", Extra>;
  /** The item of each question, by its number. */
  asked: number[];
  /** The annotator of each question, by its number. */
  askedOf: number[];
  answers: Given[];
  /** Whether a batch is open that the model waits for, and its number of questions. */
  waitingFor: number;
  model?: Model;
  /** The curve: accuracy on the test after so many questions. */
  curve: { labels: number[]; values: number[] };
  rng: Rng;
  live: Live;
}

interface Live {
  derived: true;
  set: LabelledSet;
  classifier: Classifier;
  standard?: Standard;
  labeller: Labeller<"label">;
  budget: number;
}

export interface ActiveLearner extends Learner<LabelledSet, ActiveClassifier, ActiveState> {
  /** The answers so far, by the number of the question. */
  answers(state: ActiveState): readonly Given[];
}

/** The labelled set of a run. */
export const labelledSource: DataSource<LabelledSet, ActiveClassifier> = {
  summary:
    "items to classify: a folder with IDX files such as train-images-idx3-ubyte.gz, a CSV file with a column label, " +
    ".jsonl, .npz or .npy",
  async read(path) {
    const { readLabelled } = await import("../../src/datasets/labelled/read.js");
    return readLabelled(path);
  },
  async evaluate(classifier, set): Promise<Metrics> {
    const { test, classes } = classifier;
    if (test.length === 0 || !set.labels) return {};
    const truth = Int32Array.from(test, (item) => classes.indexOf(set.classes[set.labels![item]]));
    return measured(await classifier.predict(featuresOf(set, test)), truth);
  },
};

/** Accuracy and mean −log p(truth) of probabilities `[n, K]`. A prediction is the first of equally probable classes. */
function measured(p: Float32Array, truth: Int32Array): { accuracy: number; logLoss: number } {
  const K = p.length / truth.length;
  let [right, loss] = [0, 0];
  truth.forEach((y, i) => {
    if (argmaxRow(p, i * K, K) === y) right++;
    loss -= Math.log(Math.max(1e-12, p[i * K + y]));
  });
  return { accuracy: right / truth.length, logLoss: loss / truth.length };
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
  const answersOf = (state: ActiveState) => [...state.answers].sort((a, b) => a.id - b.id);

  /** Number of questions that are answered, skipped or withdrawn: what has been paid. */
  const paid = ({ book }: ActiveState) => book.answered + book.skipped + book.withdrawn;

  /** Items of the pool that were never asked about and have no label. */
  function candidatesOf({ split, known, asked }: ActiveState): Int32Array {
    const gone = new Set([...known.items, ...asked]);
    return split.pool.filter((item) => !gone.has(item));
  }

  const beliefs = (state: ActiveState): Beliefs =>
    beliefsOf(answersOf(state), state.known, state.live.set.classes.length, options.aggregate);

  const inputsOf = ({ set, standard }: Live, items: ArrayLike<number>) =>
    scaled(featuresOf(set, items), standard);

  /** Questions that may still be asked. */
  const left = (state: ActiveState) => state.live.budget - state.book.asked;

  /** Chooses the items of the next batch: at random without a model. */
  async function chosenItems(state: ActiveState, size: number): Promise<Int32Array> {
    const { model, live, rng, book } = state;
    const candidates = candidatesOf(state);
    if (!model) {
      const { set } = live;
      const balanced = options.initialBalanced ?? (set.labels !== undefined && given === undefined);
      const first = rng.stream("initial", book.asked);
      if (!balanced || book.asked > 0) return drawn(candidates, size, first);
      if (!set.labels) {
        throw new UsageError(
          `${name}: a balanced start needs labels in the data: set initialBalanced to false`,
        );
      }
      return drawnBalanced(candidates, size, { labels: set.labels, classes: set.classes }, first);
    }
    const view = poolView(
      {
        classifier: live.classifier,
        model,
        classes: live.set.classes.length,
        labelled: beliefs(state).items,
        features: (items) => inputsOf(live, items),
        rng: rng.stream("samples", book.asked),
      },
      candidates,
    );
    const items = await acquisition.select(view, size, rng.stream("selection", book.asked));
    return checkedBatch(items, candidates, Math.min(size, candidates.length));
  }

  /** @throws UsageError for a batch of an acquisition that is not distinct candidates, as many as asked for */
  function checkedBatch(items: Int32Array, candidates: Int32Array, size: number): Int32Array {
    const may = new Set(candidates);
    const wrong = items.find((item) => !may.delete(item));
    if (wrong === undefined && items.length === size) return items;
    throw new UsageError(
      `${name}: the acquisition ${acquisition.name} chose ${items.length} items for a batch of ${size}` +
        `${wrong === undefined ? "" : `, and item ${wrong} is twice in it or no candidate`}`,
    );
  }

  /** Opens the questions of the next batch, with the annotators who are asked. */
  async function choose(state: ActiveState): Promise<void> {
    const { live, rng, book, model, known } = state;
    const { set } = live;
    const many = options.annotators?.length ?? 1;
    const picks = rng.stream("annotators", book.asked);
    const { items, targets } = beliefs(state);
    const K = set.classes.length;
    const believed = new Map(Array.from(items, (item, i) => [item, labelsIn({ items, targets })[i]]));
    const records = recordsOf(state.answers, (item) => believed.get(item) ?? -1, many);
    const from = book.asked + 1;
    const ask = (item: number, to: number) => {
      const content = set.texts?.[item] ?? featuresOf(set, [item]);
      note(book, { item, content, to });
      state.asked.push(item);
      state.askedOf.push(to);
    };
    /** Asks further annotators about an item; false if there is none. */
    const askAnother = (item: number): boolean => {
      const before = new Set(state.askedOf.filter((_, q) => state.asked[q] === item));
      const may = Array.from({ length: many }, (_, a) => a).filter((a) => !before.has(a));
      if (may.length === 0 || left(state) <= 0) return false;
      ask(item, chooseAnnotator(options.annotatorChoice, may, records, picks));
      return true;
    };
    const isFirst = model === undefined && known.items.length === 0;
    const wanted = Math.min(
      isFirst ? options.initial : options.batch,
      Math.ceil(left(state) / options.answersPerItem),
    );
    let again = 0;
    if (model && options.relabel > 0) {
      const sure = (i: number) => {
        let most = 0;
        for (let k = 0; k < K; k++) most = Math.max(most, targets[i * K + k]);
        return most;
      };
      const unsure = Array.from(items, (_, i) => i)
        .filter((i) => i >= known.items.length && sure(i) < options.relabel)
        .sort((a, b) => sure(a) - sure(b));
      for (const i of unsure) if (again < Math.floor(wanted / 2) && askAnother(items[i])) again++;
    }
    for (const item of await chosenItems(
      state,
      Math.max(0, wanted - Math.ceil(again / options.answersPerItem)),
    )) {
      for (let n = 0; n < options.answersPerItem; n++) askAnother(item);
    }
    openBatch(book, from, () => true);
    state.waitingFor = book.asked + 1 - from;
  }

  /** @throws Paused when the signal is aborted or the labeller takes a break */
  async function ask(state: ActiveState): Promise<void> {
    const { book, live, waitingFor } = state;
    if (book.open.length === 0) return;
    const { classes } = live.set;
    const context = { dataset: "the pool", classes };
    const { labeller } = live;
    const last = book.batches;
    const openOfBatch = () => book.open.filter(({ batch }) => batch === last).length;
    await exchange(
      labeller,
      {
        ...context,
        kind: "label",
        asked: book.asked,
        queries: book.open.map(({ to: _to, ...question }) => question),
      },
      {
        receive: (answers) =>
          settle(
            book,
            answers,
            { kind: "label", context, labeller: labeller.kind },
            {
              add({ id, item }, { label, annotator = labeller.kind, seconds }) {
                state.answers.push({ id, item, label, annotator, ...(seconds !== undefined && { seconds }) });
              },
              remove(id) {
                const at = state.answers.findIndex((answer) => answer.id === id);
                if (at >= 0) state.answers.splice(at, 1);
                return at >= 0;
              },
            },
          ),
        isDone: () => book.open.length === 0,
        // A step needs an answer at least.
        isEnough: () => openOfBatch() <= Math.min(waitingFor - 1, (1 - options.quorum) * waitingFor),
        patience: options.patience,
        signal: options.signal,
      },
    );
  }

  /** Learns from all labels, from fresh weights, with a stream of their number. */
  async function learn(state: ActiveState): Promise<void> {
    const { items, targets } = beliefs(state);
    if (items.length === 0) return;
    const { classifier } = state.live;
    const features = inputsOf(state.live, items);
    state.model = await classifier.fit(
      { count: items.length, features, targets },
      state.rng.stream("fit", paid(state)),
    );
  }

  async function accuracyOn({ live, model }: ActiveState, items: Int32Array) {
    const { set, classifier } = live;
    if (items.length === 0 || !set.labels || !model) return undefined;
    const truth = items.map((item) => set.labels![item]);
    return measured(await classifier.probabilities(model, inputsOf(live, items)), truth);
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
      requireAbilities(name, acquisition, classifier);
      const isStandard = options.standardise && classifier.raw !== true;
      const standard = isStandard
        ? standardOf(featuresOf(set, split.pool), widthOf(set.shape), set.shape.length === 3)
        : undefined;
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
      state.live.labeller ??= simulatedAnnotators(
        {
          accuracies: options.annotators ?? [1],
          classes: data.classes,
          truth,
          rng: rng.stream("simulated annotators"),
        },
        ({ id }) => state.askedOf[id - 1],
      );
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
        await choose(state);
      }
      await ask(state);
      state.waitingFor = 0;
      await learn(state);
      const { book, split, curve, live } = state;
      const { items, targets } = beliefs(state);
      const steps = paid(state);
      const test = await accuracyOn(state, split.test);
      const validation = await accuracyOn(state, split.validation);
      if (test) {
        curve.labels.push(steps);
        curve.values.push(test.accuracy);
      }
      const K = live.set.classes.length;
      const times = state.answers.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
      return {
        steps,
        labelled: items.length,
        ...(test && { ...test, area: areaUnder(curve) }),
        ...(validation && { validationAccuracy: validation.accuracy }),
        ...(items.length > 0 && { classBalance: classBalance(labelsIn({ items, targets }), K) }),
        skipped: book.skipped,
        open: book.open.length,
        ...(times.length > 0 && { secondsPerAnswer: mean(times) }),
        ...(options.annotators &&
          live.set.labels && {
            rightLabels: shareRight(items, labelsIn({ items, targets }), live.set.labels),
          }),
      };
    },

    done: (state) =>
      state.waitingFor === 0 &&
      state.book.open.length === 0 &&
      (left(state) <= 0 || candidatesOf(state).length === 0),

    artefact: (state) => {
      const { live, split, model } = state;
      const { set, classifier, standard } = live;
      const { items, targets } = beliefs(state);
      return activeClassifier({
        classes: set.classes,
        shape: set.shape,
        items,
        labels: labelsIn({ items, targets }),
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

const shareRight = (items: Int32Array, labels: Int32Array, truth: Int32Array): number =>
  items.reduce((sum, item, i) => sum + Number(truth[item] === labels[i]), 0) / Math.max(1, items.length);

const rowsOf = ({ pool, validation, test }: Split): Split => ({
  pool: Int32Array.from(pool),
  validation: Int32Array.from(validation),
  test: Int32Array.from(test),
});
