/** @file Several people who label: whom a question is for, what their answers make of an item, and runs that go on. */

import { describe, expect, it } from "vitest";
import { beliefs } from "../../../../algorithms/active/active-learning/state.js";
import {
  type ActiveLearner,
  type ActiveLearningOptions,
  activeLearning,
} from "../../../../algorithms/active/active-learning.js";
import { fileLabeller, type Labeller } from "../../../../src/people/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { restore, snapshot } from "../../../../src/state/snapshot.js";
import { type MemoryDrop, memoryDrop } from "../../../people/memory-drop.js";
import { blobs } from "../../../support/blobs.js";

const set = blobs();
const PEOPLE = ["ann", "ben", "cem"];

/** A folder in which people answer every file of questions at once: what is theirs, and ben is often wrong. */
function answeredFolder(): MemoryDrop {
  const folder = memoryDrop();
  const { write } = folder;
  const reply = ({ id, item, for: annotator }: { id: number; item: number; for: string }) => {
    const isWrong = annotator === "ben" && item % 3 === 0;
    return { id, annotator, label: (set.labels![item] + Number(isWrong)) % 3 };
  };
  folder.write = async (name, text) => {
    await write(name, text);
    const { queries } = JSON.parse(text);
    for (const who of PEOPLE) {
      const own = queries.filter((query: { for: string }) => query.for === who).map(reply);
      folder.drop(`answers-${who}-${name}`, own);
    }
  };
  return folder;
}

const labellerOf = (folder: MemoryDrop, annotators: readonly string[] = PEOPLE) =>
  fileLabeller({ folder, asks: "label", annotators, every: 0.001 });

const learnerOf = (labeller: Labeller<"label">, options: ActiveLearningOptions): ActiveLearner =>
  activeLearning({
    initial: 9,
    batch: 6,
    budget: 60,
    classifier: { name: "softmax-regression", fitSteps: 20 },
    ...options,
    labeller,
  }) as ActiveLearner;

async function learnt(learner: ActiveLearner) {
  const state = await learner.init(set, createRng(5));
  const snapshots = [snapshot(state)];
  while (!learner.done!(state)) {
    await learner.update(state);
    snapshots.push(snapshot(state));
  }
  return { state, snapshots };
}

describe("several people", () => {
  it("answer about one item, each once and in their own name, and their answers are weighed", async () => {
    const learner = learnerOf(labellerOf(answeredFolder()), { answersPerItem: 2 });
    const { state } = await learnt(learner);
    const { items } = learner.artefact(state);
    expect(items).toHaveLength(30);
    for (const item of items) {
      const own = state.answers.filter((answer) => answer.item === item);
      expect(new Set(own.map(({ annotator }) => annotator)).size).toBe(2);
      for (const { id, annotator } of own) expect(PEOPLE[state.askedOf[id - 1]]).toBe(annotator);
    }
    // Where ben and another differ, the other is believed, who agrees with the third elsewhere.
    const { items: rows, targets } = beliefs(state, { aggregate: "dawid-skene" });
    const isTorn = (item: number) =>
      new Set(state.answers.filter((answer) => answer.item === item).map(({ label }) => label)).size === 2;
    const torn = [...rows.keys()].filter((i) => isTorn(rows[i]));
    expect(torn.length).toBeGreaterThan(3);
    for (const i of torn) expect(targets[3 * i + set.labels![rows[i]]]).toBeGreaterThan(0.5);
  });

  it("are asked again about unsure items, which changes what is believed, and go on bit for bit", async () => {
    const folder = answeredFolder();
    const options = { answersPerItem: 2, relabel: 0.95, budget: 90 };
    const { state, snapshots } = await learnt(learnerOf(labellerOf(folder), options));
    const counts = new Map<number, Set<string>>();
    for (const { item, annotator } of state.answers) {
      counts.set(item, (counts.get(item) ?? new Set()).add(annotator));
    }
    expect([...counts.values()].reduce((sum, people) => sum + people.size, 0)).toBe(90);
    const first = state.answers.find(
      ({ item, label }) => label !== set.labels![item] && counts.get(item)!.size > 2,
    )!;
    const now = beliefs(state, { aggregate: "dawid-skene" });
    const at = now.items.indexOf(first.item);
    expect(now.targets[3 * at + first.label]).toBeLessThan(0.5);

    for (const from of [1, 4]) {
      const learner = learnerOf(labellerOf(folder), options);
      const again = await learner.init(set, createRng(5));
      restore(again, structuredClone(snapshots[from]));
      for (let step = from; step + 1 < snapshots.length; step++) {
        await learner.update(again);
        expect(snapshot(again)).toEqual(snapshots[step + 1]);
      }
    }
  });

  it("may all answer any question where each item has one answer", async () => {
    const folder = memoryDrop();
    const { write } = folder;
    folder.write = async (name, text) => {
      await write(name, text);
      const own = JSON.parse(text).queries.map(({ id, item }: { id: number; item: number }) => {
        return { id, annotator: PEOPLE[id % 2], label: set.labels![item] };
      });
      folder.drop(`answers-${name}`, own);
    };
    const { state } = await learnt(learnerOf(labellerOf(folder), { budget: 15 }));
    expect(state.answers.map(({ id, annotator }) => annotator === PEOPLE[id % 2])).toEqual(
      Array.from({ length: 15 }, () => true),
    );
  });

  it("are refused an answer to a question for another", async () => {
    const labeller: Labeller<"label"> = {
      kind: "test",
      asks: "label",
      annotators: PEOPLE,
      async *label({ queries }) {
        yield queries.map(({ id }) => ({ id, label: 0, annotator: "ann" }));
      },
    };
    const learner = learnerOf(labeller, { answersPerItem: 2 });
    const state = await learner.init(set, createRng(5));
    await expect(learner.update(state)).rejects.toThrow(
      /query \d+ is for "(ben|cem)", and the answer is by "ann"/,
    );
    expect(state.answers).toEqual([]);
  });

  it.each([
    [
      ["ann"],
      { answersPerItem: 2 },
      "there is 1 annotator: name several people, as annotators of a labeller",
    ],
    [["ann"], { relabel: 0.8 }, "there is only one: name several people"],
    [PEOPLE, { answersPerItem: 4 }, "answersPerItem is 4, and there are 3 annotators"],
    [PEOPLE, { annotatorCosts: [1, 2] }, "annotatorCosts has 2 numbers, and annotators 3"],
  ])("of %j are too few for %j", (annotators, options, message) => {
    expect(() => learnerOf(labellerOf(memoryDrop(), annotators), options)).toThrow(message);
  });
});
