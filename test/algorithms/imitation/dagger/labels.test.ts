/** @file DAgger's data set: the order of labels, their differences from the learner, and withdrawn ones. */

import { describe, expect, it } from "vitest";
import {
  createLabelStore,
  labelOf,
  labelsOf,
  takeFresh,
} from "../../../../algorithms/imitation/dagger/labels.js";
import { createPairs } from "../../../../algorithms/shared/labelled-pairs.js";
import { box, discrete } from "../../../../src/spaces/index.js";

const observationSpace = box([2], -1, 1);
const choices = { observationSpace, actionSpace: discrete(4) };
const pushes = { observationSpace, actionSpace: box([2], -10, 10) };

const storeOf = (spaces: typeof choices | typeof pushes) => createLabelStore(createPairs(spaces, 5), 5);
type Query = Parameters<ReturnType<typeof labelsOf>["add"]>[0];
const query = (id: number, own: number[], isChoice = false) =>
  ({
    id,
    observation: Float32Array.of(id, -id),
    own: isChoice ? Int32Array.from(own) : Float32Array.from(own),
  }) as Query;

describe("new labels", () => {
  it("become pairs in the order of their queries, with the mean squared distance from the learner", () => {
    const store = storeOf(pushes);
    const replies = labelsOf(store, pushes);
    replies.add(query(3, [1, 1]), { action: [4, 5] });
    replies.add(query(1, [0, 2]), { action: [0, 1] });
    const { added, meanDifference } = takeFresh(store, pushes);
    expect(meanDifference).toBe((25 + 1) / 2);
    expect([...added.actions]).toEqual([0, 1, 4, 5]);
    expect([...added.observations]).toEqual([1, -1, 3, -3]);
    expect([...store.ids]).toEqual([1, 3, 0, 0, 0]);
    expect(takeFresh(store, pushes)).toMatchObject({ meanDifference: 0, added: { count: 0 } });
    expect(store.pairs.count).toBe(2);
  });

  it("differ by 1 from another choice, and by 0 from the same", () => {
    const store = storeOf(choices);
    const replies = labelsOf(store, choices);
    replies.add(query(1, [3], true), { action: 0 });
    replies.add(query(2, [2], true), { action: 2 });
    replies.add(query(3, [2], true), { action: 1 });
    expect(takeFresh(store, choices).meanDifference).toBeCloseTo(2 / 3, 12);
  });

  it("are the last of a query", () => {
    const store = storeOf(choices);
    const replies = labelsOf(store, choices);
    replies.add(query(1, [0], true), { action: 2 });
    replies.add(query(1, [0], true), { action: 3 });
    expect([...labelOf(store, 1)!]).toEqual([3]);
    expect(labelOf(store, 2)).toBeUndefined();
  });
});

describe("a label that a mask forbids", () => {
  it("is refused, with its question", () => {
    const masked = {
      observationSpace: {
        kind: "dict" as const,
        spaces: { place: box([1], -9, 9), actionMask: box([4], 0, 1) },
      },
      actionSpace: discrete(4),
    };
    const store = createLabelStore(createPairs(masked, 5), 5);
    const replies = labelsOf(store, masked);
    const asked = { ...query(7, [0], true), observation: Float32Array.of(5, 1, 1, 1, 0) };
    replies.add(asked, { action: 1 });
    expect(store.fresh).toHaveLength(1);
    expect(() => replies.add(asked, { action: 3 })).toThrow(
      "dagger: the label 3 of question 7 is an action that",
    );
  });
});

describe("a withdrawn label", () => {
  it("leaves the new labels, or the pairs, whose gap closes", () => {
    const store = storeOf(choices);
    const replies = labelsOf(store, choices);
    for (const id of [1, 2, 3]) replies.add(query(id, [0], true), { action: id });
    expect(replies.remove(2)).toBe(true);
    takeFresh(store, choices);
    expect(replies.remove(1)).toBe(true);
    expect(store.pairs.count).toBe(1);
    expect([...store.pairs.actions.subarray(0, 1)]).toEqual([3]);
    expect([...store.pairs.observations.subarray(0, 2)]).toEqual([3, -3]);
    expect(store.ids[0]).toBe(3);
    expect(replies.remove(2)).toBe(false);
  });

  it("is found at any place, with rows of several numbers", () => {
    const store = storeOf(pushes);
    const replies = labelsOf(store, pushes);
    const add = (...ids: number[]) => {
      for (const id of ids) replies.add(query(id, [0, 0]), { action: [id, 2 * id] });
    };
    add(1, 2, 3, 4, 5);
    expect(replies.remove(1)).toBe(true);
    expect(store.fresh.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
    takeFresh(store, pushes);
    expect(replies.remove(4)).toBe(true);
    expect(store.pairs.count).toBe(3);
    expect([...store.ids.subarray(0, 3)]).toEqual([2, 3, 5]);
    expect([...store.pairs.observations.subarray(0, 6)]).toEqual([2, -2, 3, -3, 5, -5]);
    expect([...store.pairs.actions.subarray(0, 6)]).toEqual([2, 4, 3, 6, 5, 10]);
    expect(replies.remove(5)).toBe(true);
    expect(replies.remove(2)).toBe(true);
    expect([...store.pairs.actions.subarray(0, 2)]).toEqual([3, 6]);
    expect([store.pairs.count, store.ids[0]]).toEqual([1, 3]);
  });

  it("takes its weight with it", () => {
    const pairs = { ...createPairs(choices, 5), weights: new Float32Array(5) };
    const store = createLabelStore(pairs, 5);
    const replies = labelsOf(store, choices);
    for (const id of [1, 2, 3]) replies.add(query(id, [0], true), { action: id });
    takeFresh(store, choices);
    expect([...pairs.weights.subarray(0, 3)]).toEqual([1, 1, 1]);
    pairs.weights.set([0.5, 2, 3]);
    replies.remove(1);
    expect([...pairs.weights.subarray(0, 2)]).toEqual([2, 3]);
  });
});
