/** @file The book of queries: what answers do to it, and what they do where one of them is refused. */

import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import type { Answer } from "../../src/people/index.js";
import { createQueryBook, note, openBatch, settle } from "../../src/people/query-book.js";
import { box, discrete } from "../../src/spaces/index.js";

const context = { env: "Test-v0", observationSpace: box([1], 0, 9), actionSpace: discrete(2) };

/** A book with queries 1 to 3 open, and a way to answer them; `labels` are the ids of those that were added. */
function opened() {
  const book = createQueryBook<"action", { own: Int32Array }>();
  for (let i = 0; i < 3; i++) {
    note(book, { observation: Float32Array.of(i), own: Int32Array.of(0), round: 0, environment: 0 });
  }
  openBatch(book, 1, () => true);
  const labels: number[] = [];
  const store = { add: ({ id }: { id: number }) => void labels.push(id), remove: () => false };
  const answer = (answers: Answer[]) =>
    settle(book, answers, { kind: "action", context, labeller: "test" }, store);
  return { book, labels, answer };
}

describe("the book of queries", () => {
  it.each<[string, Answer]>([
    ["is no action", { id: 2, action: 9 }],
    ["answers what was never asked", { id: 4, action: 1 }],
  ])("takes in no answer of an array in which one %s, so that the rest can be given again", (_, bad) => {
    const { book, labels, answer } = opened();
    const good: Answer = { id: 1, action: 1 };
    expect(() => answer([good, { id: 3, skipped: true }, bad])).toThrow(UsageError);
    expect(book).toMatchObject({ answered: 0, skipped: 0, open: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    expect(labels).toEqual([]);
    answer([good]);
    expect(book).toMatchObject({ answered: 1, open: [{ id: 2 }, { id: 3 }] });
    expect(labels).toEqual([1]);
  });
});
