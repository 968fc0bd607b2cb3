/** @file The questions of a batch: about which items, and to whom. */

import { type Acquisition, poolView, topB } from "../../../src/active/index.js";
import { featuresOf } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import { note, openBatch, settle } from "../../../src/people/query-book.js";
import { exchange } from "../../../src/people/wait-for-answers.js";
import { chooseAnnotator, chosenAmong, recordsOf } from "./annotators.js";
import { type Beliefs, labelsIn } from "./answers.js";
import { drawn, drawnBalanced } from "./initial.js";
import type { Resolved } from "./options.js";
import { inputsOf } from "./standard.js";
import { type ActiveState, beliefs, candidatesOf, left } from "./state.js";

/** Opens the questions of the next batch: again about unsure items, and about items that the acquisition chooses. */
export async function openNextBatch(
  state: ActiveState,
  acquisition: Acquisition,
  options: Resolved,
): Promise<void> {
  const { book, model, known } = state;
  const from = book.asked + 1;
  const askAnother = asker(state, options);
  const isFirst = model === undefined && known.items.length === 0;
  const wanted = Math.min(
    isFirst ? options.initial : options.batch,
    Math.ceil(left(state) / options.answersPerItem),
  );
  let again = 0;
  for (const item of unsureItems(state, options)) {
    if (again < Math.floor(wanted / 2) && askAnother(item)) again++;
  }
  const fresh = Math.max(0, wanted - Math.ceil(again / options.answersPerItem));
  for (const item of await chosenItems(state, acquisition, fresh, options)) {
    for (let n = 0; n < options.answersPerItem; n++) askAnother(item);
  }
  openBatch(book, from, () => true);
  state.waitingFor = book.asked + 1 - from;
}

/** Asks another annotator about an item, with the records at this time; the result is false if there is none. */
function asker(state: ActiveState, options: Resolved): (item: number) => boolean {
  const { live, rng, book } = state;
  const names = chosenAmong(options);
  const annotators = names ?? ["anyone"];
  const picks = rng.stream("annotators", book.asked);
  const now = beliefs(state, options);
  const labels = labelsIn(now);
  const believed = new Map(Array.from(now.items, (item, i) => [item, labels[i]]));
  const records = recordsOf(state.answers, (item) => believed.get(item) ?? -1, annotators);
  const K = live.set.classes.length;
  const { annotatorCosts: costs, annotatorExploration: exploration } = options;
  // Chance is worth nothing: otherwise a cheap guess would be the best buy.
  const worth = (a: number, p: number) => (costs ? Math.max(0, p - 1 / K) / costs[a] : p);
  return (item) => {
    const before = new Set(state.askedOf.filter((_, q) => state.asked[q] === item));
    const may = annotators.map((_, a) => a).filter((a) => !before.has(a));
    if (may.length === 0 || left(state) <= 0) return false;
    const expertise = expertiseOf(now, item, annotators);
    const to = chooseAnnotator(
      options.annotatorChoice,
      may,
      { ...records, worth, exploration, ...(expertise && { expertise }) },
      picks,
    );
    const content = live.set.texts?.[item] ?? featuresOf(live.set, [item]);
    note(book, { item, content, ...(names && { for: names[to] }) });
    state.asked.push(item);
    state.askedOf.push(to);
    return true;
  };
}

/** The probability of a right answer about an item, `[annotators]`; of those who never answered it is that of the prior. */
function expertiseOf(
  { expertise }: Beliefs,
  item: number,
  annotators: readonly string[],
): Float64Array | undefined {
  if (!expertise) return undefined;
  const known = expertise.of([item]);
  return Float64Array.from(annotators, (name) => {
    const at = expertise.annotators.indexOf(name);
    return at < 0 ? 1 / (1 + Math.exp(-1)) : known[at];
  });
}

/** Items that were asked about and whose class is less probable than `relabel`, the least probable first. */
function unsureItems(state: ActiveState, options: Resolved): number[] {
  if (!state.model || options.relabel === 0) return [];
  const { items, targets } = beliefs(state, options);
  const K = state.live.set.classes.length;
  const most = Float64Array.from(items, (_, i) => Math.max(...targets.subarray(i * K, (i + 1) * K)));
  return Array.from(items, (_, i) => i)
    .filter((i) => i >= state.known.items.length && most[i] < options.relabel)
    .sort((a, b) => most[a] - most[b])
    .map((i) => items[i]);
}

/** The new items of a batch: those of the acquisition or, without a model, items at random. */
async function chosenItems(
  state: ActiveState,
  acquisition: Acquisition,
  size: number,
  options: Resolved,
): Promise<Int32Array> {
  const { model, live, rng, book } = state;
  const candidates = candidatesOf(state);
  if (!model) return firstItems(state, candidates, size, options);
  const { items: labelled, targets } = beliefs(state, options);
  const view = poolView(
    {
      classifier: live.classifier,
      model,
      classes: live.set.classes.length,
      ...{ labelled, targets },
      features: (items) => inputsOf(live, items),
      rng: rng.stream("samples", book.asked),
    },
    candidates,
  );
  const isJoint = options.annotatorChoice === "yan-joint";
  const many = isJoint ? JOINTLY * size : size;
  const chosen = await acquisition.select(view, many, rng.stream("selection", book.asked));
  const items = checkedBatch(acquisition, chosen, candidates, Math.min(many, candidates.length));
  const { expertise } = beliefs(state, options);
  if (!isJoint || !expertise) return items.slice(0, size);
  // The items about which some annotator is the surest, in the order of the acquisition where they are alike.
  const known = expertise.of(items);
  const R = expertise.annotators.length;
  const best = Float64Array.from(items, (_, i) => Math.max(...known.subarray(i * R, (i + 1) * R)));
  return topB(
    best,
    size,
    best.map((_, i) => -i),
  ).map((i) => items[i]);
}

/** Items among which item and annotator are chosen together, for each that is asked about. */
const JOINTLY = 3;

/** @throws UsageError for a batch of an acquisition that is not distinct candidates, as many as wanted */
function checkedBatch(
  acquisition: Acquisition,
  items: Int32Array,
  candidates: Int32Array,
  wanted: number,
): Int32Array {
  const may = new Set(candidates);
  const wrong = items.find((item) => !may.delete(item));
  if (wrong === undefined && items.length === wanted) return items;
  throw new UsageError(
    `activeLearning: the acquisition ${acquisition.name} chose ${items.length} items for a batch of ${wanted}` +
      `${wrong === undefined ? "" : `, and item ${wrong} is twice in it or no candidate`}`,
  );
}

/** @throws UsageError for a balanced start without labels */
function firstItems(
  { live: { set }, rng, book }: ActiveState,
  candidates: Int32Array,
  size: number,
  { initialBalanced, labeller }: Resolved,
): Int32Array {
  const isBalanced = initialBalanced ?? (set.labels !== undefined && labeller === undefined);
  const stream = rng.stream("initial", book.asked);
  if (!isBalanced || book.asked > 0) return drawn(candidates, size, stream);
  if (!set.labels) {
    throw new UsageError(
      "activeLearning: a balanced start needs labels in the data: set initialBalanced to false",
    );
  }
  return drawnBalanced(
    candidates,
    size,
    { labels: set.labels, classes: set.classes, what: "activeLearning" },
    stream,
  );
}

/**
 * Waits for the answers to the open questions, until the quorum of the batch is reached.
 *
 * @throws Paused when the signal is aborted or the labeller takes a break
 */
export async function receiveAnswers(
  state: ActiveState,
  { quorum, patience, signal }: Resolved,
): Promise<void> {
  const { book, waitingFor, answers: given } = state;
  if (book.open.length === 0) return;
  const { set, labeller } = state.live;
  const context = { dataset: "the pool", classes: set.classes };
  const last = book.batches;
  const openOfBatch = () => book.open.filter(({ batch }) => batch === last).length;
  await exchange(
    labeller,
    { ...context, kind: "label", asked: book.asked, queries: book.open },
    {
      receive: (answers) =>
        settle(
          book,
          answers,
          { kind: "label", context, labeller: labeller.kind },
          {
            add({ id, item }, { label, annotator = labeller.kind, seconds }) {
              given.push({ id, item, label, annotator, ...(seconds !== undefined && { seconds }) });
            },
            remove(id) {
              const at = given.findIndex((answer) => answer.id === id);
              if (at >= 0) given.splice(at, 1);
              return at >= 0;
            },
          },
        ),
      isDone: () => book.open.length === 0,
      // A step needs an answer at least.
      isEnough: () => openOfBatch() <= Math.min(waitingFor - 1, (1 - quorum) * waitingFor),
      patience,
      signal,
    },
  );
}
