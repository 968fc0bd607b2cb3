/** @file Waiting for a labeller: it ends with enough answers, at the patience limit, or at an abort signal. */

import { describe, expect, it } from "vitest";
import { type Answer, type Labeller, Paused } from "../../src/people/index.js";
import { exchange, type Wait } from "../../src/people/wait-for-answers.js";
import { answerOf, requestOf } from "./kind-cases.js";

/** A labeller that yields these answers, each after so many milliseconds, and then ends or is silent. */
const labellerOf = (
  answers: readonly Answer<"comparison">[],
  { after = 0, isSilent = false } = {},
): Labeller<"comparison"> & { aborted: boolean } => {
  const labeller = {
    kind: "test",
    asks: "comparison" as const,
    aborted: false,
    async *label(_: unknown, signal: AbortSignal) {
      signal.addEventListener("abort", () => {
        labeller.aborted = true;
      });
      for (const answer of answers) {
        await new Promise((resolve) => setTimeout(resolve, after));
        yield [answer];
      }
      if (isSilent) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  return labeller;
};

async function wait(labeller: Labeller<"comparison">, options: Partial<Wait<"comparison">> = {}) {
  const received: number[] = [];
  await exchange(labeller, requestOf("comparison"), {
    receive: (answers) => received.push(...answers.map(({ id }) => id)),
    isDone: () => received.length === 3,
    isEnough: () => received.length >= 2,
    patience: 0,
    ...options,
  });
  return received;
}

describe("waiting for answers", () => {
  const answers = [3, 1, 2].map((id) => answerOf("comparison", id));

  const plain = (label: () => unknown) =>
    wait({ kind: "test", asks: "comparison", label } as unknown as Labeller<"comparison">);

  it.each<[string, () => unknown]>([
    [
      "an async generator of single answers",
      async function* () {
        yield* answers;
      },
    ],
    [
      "a generator of arrays",
      function* () {
        yield answers.slice(0, 1);
        yield answers.slice(1);
      },
    ],
    [
      "a generator of single answers",
      function* () {
        yield* answers;
      },
    ],
    ["an array", () => answers],
    ["a promise of an array", async () => answers],
    [
      "a promise of an async generator",
      async () =>
        (async function* () {
          yield answers;
        })(),
    ],
  ])("takes answers from %s", async (_, label) => {
    expect(await plain(label)).toEqual([3, 1, 2]);
  });

  it.each<[string, () => unknown, string]>([
    ["undefined", async () => undefined, "undefined"],
    ["a number", () => 3, "3"],
    [
      "answers without an id",
      function* () {
        yield [{ comparison: "left" }];
      },
      '{"comparison":"left"}',
    ],
  ])("refuses a labeller that returns %s", async (_, label, value) => {
    await expect(plain(label)).rejects.toThrow(
      `the labeller "test" must yield arrays of answers, such as [{ id: 1, comparison: … }], not ${value}`,
    );
  });

  it("ends with the last answer, and stops the labeller", async () => {
    const labeller = labellerOf(answers, { isSilent: true });
    expect(await wait(labeller, { patience: 60 })).toEqual([3, 1, 2]);
    expect(labeller.aborted).toBe(true);
  });

  it("ends when the quorum is reached and the patience is over", async () => {
    expect(await wait(labellerOf(answers.slice(0, 2), { isSilent: true }), { patience: 0.01 })).toEqual([
      3, 1,
    ]);
  });

  it("ends with the labeller if the quorum is reached, and throws if it is not", async () => {
    expect(await wait(labellerOf(answers.slice(0, 2)), { patience: 60 })).toEqual([3, 1]);
    await expect(wait(labellerOf(answers.slice(0, 1)))).rejects.toThrow(
      'the labeller "test" ended with queries open: it must answer, skip or withdraw each of them',
    );
  });

  it("stops at an abort signal", async () => {
    const stop = new AbortController();
    const labeller = labellerOf(answers.slice(0, 1), { isSilent: true });
    const waiting = wait(labeller, { signal: stop.signal });
    setTimeout(() => stop.abort(), 10);
    await expect(waiting).rejects.toThrow(Paused);
    expect(labeller.aborted).toBe(true);
  });

  it("treats a labeller without a kind as one for actions", async () => {
    const { asks: _, ...unnamed } = labellerOf(answers);
    await expect(wait(unnamed)).rejects.toThrow(
      'the labeller "test" answers questions of kind action, and these are of kind comparison',
    );
  });
});
