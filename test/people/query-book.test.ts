/** @file The query book: how answers change it, in any order, after a kill, and which it refuses. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import type { Answer, KindName } from "../../src/people/index.js";
import { createQueryBook, note, openBatch, settle } from "../../src/people/query-book.js";
import { box, discrete } from "../../src/spaces/index.js";
import { restore, snapshot } from "../../src/state/snapshot.js";
import { answerOf, cases, kindNames } from "./kind-cases.js";
import { createPupil, QUESTIONS, receive } from "./pupil.js";

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

describe("the query book", () => {
  it.each<[string, Answer]>([
    ["is not an action", { id: 2, action: 9 }],
    ["answers a query that was never asked", { id: 4, action: 1 }],
  ])("accepts no answer of an array in which one %s, so that the array can be sent again", (_, bad) => {
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

function suite<K extends KindName>(kind: K) {
  const taught = (arrays: readonly (readonly Answer<K>[])[]) => {
    const pupil = createPupil(kind);
    for (const answers of arrays) receive(kind, pupil, answers);
    return pupil;
  };

  it("opens batches, closes answered questions, and keeps the annotators' names", () => {
    const pupil = createPupil(kind);
    expect(pupil.book.open.map(({ id, batch }) => [id, batch])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => [id, Math.ceil(id / 3)]),
    );
    receive(kind, pupil, [
      { ...answerOf(kind, 8), annotator: "ada", seconds: 2.5 },
      { id: 2, skipped: true },
      { id: 3, withdrawn: true },
    ]);
    expect(pupil.book).toMatchObject({ answered: 1, skipped: 1, withdrawn: 1 });
    expect(pupil.book.open.map(({ id }) => id)).toEqual([1, 4, 5, 6, 7, 9]);
    expect(pupil.replies).toEqual({ 8: { ...answerOf(kind, 8), annotator: "ada", seconds: 2.5 } });
  });

  it("counts the first answer to a question, and lets replies and skips be withdrawn", () => {
    const pupil = taught([[answerOf(kind, 1), { id: 2, skipped: true }]]);
    receive(kind, pupil, [answerOf(kind, 1, 1), answerOf(kind, 2, 1), { id: 1, skipped: true }]);
    expect(pupil.book).toMatchObject({ answered: 1, skipped: 1, withdrawn: 0 });
    expect(pupil.replies[1]).toEqual(answerOf(kind, 1));
    const withdrawals = [1, 2, 1].map((id) => ({ id, withdrawn: true }) as const);
    receive(kind, pupil, withdrawals);
    receive(kind, pupil, [...withdrawals, answerOf(kind, 1)]);
    expect(pupil.book).toMatchObject({ answered: 0, skipped: 0, withdrawn: 2, skippedIds: [] });
    expect(pupil.replies).toEqual({});
  });

  it.each(cases[kind].bad)("refuses %j with the question and the reason", (value, reason) => {
    const pupil = createPupil(kind);
    const bad = { id: 1, [cases[kind].written.field]: value } as unknown as Answer<K>;
    expect(() => receive(kind, pupil, [bad])).toThrow(`the labeller "test", query 1: ${reason}`);
    expect(pupil).toEqual(createPupil(kind));
  });

  it("refuses an answer without a value", () => {
    const nothing = { id: 1 } as unknown as Answer<K>;
    expect(() => taught([[nothing]])).toThrow('the labeller "test", query 1: undefined is not');
  });

  const outcome = fc.constantFrom(
    "reply",
    "second",
    "skip",
    "withdraw",
    "reply+withdraw",
    "skip+withdraw",
    "",
  );
  const answersTo = (id: number, what: string): Answer<K>[] => {
    const given: Answer<K>[] = [];
    if (what.startsWith("reply")) given.push(answerOf(kind, id));
    if (what === "second") given.push(answerOf(kind, id, 1));
    if (what.startsWith("skip")) given.push({ id, skipped: true });
    if (what.endsWith("withdraw")) given.push({ id, withdrawn: true });
    // Repeating an answer changes nothing.
    return [...given, ...given];
  };
  /** Answers to all questions, in some order, divided into some arrays, twice; and where a kill falls. */
  const interleavings = fc.array(outcome, { minLength: QUESTIONS, maxLength: QUESTIONS }).chain((whats) => {
    const answers = whats.flatMap((what, i) => answersTo(i + 1, what));
    const order = fc.array(fc.nat(), { minLength: answers.length, maxLength: answers.length });
    const cuts = fc.array(fc.nat(answers.length), { maxLength: 5 });
    const arrays = fc.tuple(order, cuts).map(([keys, at]) => {
      const shuffled = answers.map((answer, i) => ({ answer, key: keys[i] }));
      shuffled.sort((a, b) => a.key - b.key);
      const bounds = [0, ...at.sort((a, b) => a - b), answers.length];
      return bounds.slice(1).map((end, k) => shuffled.slice(bounds[k], end).map(({ answer }) => answer));
    });
    return fc.record({ one: arrays, other: arrays, saved: fc.nat(6), killed: fc.nat(6) });
  });

  it("is the same after any interleaving of the answers", () => {
    fc.assert(
      fc.property(interleavings, ({ one, other }) => {
        expect(taught(one)).toEqual(taught(other));
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it("is the same after a kill, if the answers since the checkpoint arrive again in any order", () => {
    fc.assert(
      fc.property(interleavings, ({ one, other, saved, killed }) => {
        const before = taught(one.slice(0, saved));
        const checkpoint = snapshot(before);
        // Lost with the kill.
        for (const answers of one.slice(saved, saved + killed)) receive(kind, before, answers);
        const resumed = createPupil(kind);
        restore(resumed, checkpoint);
        for (const answers of other) receive(kind, resumed, answers);
        expect(resumed).toEqual(taught(one));
      }),
      { numRuns: 200, seed: 8 },
    );
  });
}

describe.each(kindNames)("the query book of kind %s", suite);
