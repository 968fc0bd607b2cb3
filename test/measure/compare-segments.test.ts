/** @file Tests of collecting comparisons: pairs, repeats, several annotators, and an interruption. */

import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { isSameStart } from "../../src/datasets/preferences.js";
import { loadPreferences } from "../../src/datasets/preferences-folder.js";
import { problemOf } from "../../src/env/problem.js";
import {
  addQuestions,
  askQuestions,
  openPreferences,
  pairSchema,
} from "../../src/measure/compare-segments.js";
import { annotator } from "../../src/people/annotator.js";
import type { Labeller } from "../../src/people/labeller.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { memoryFolder } from "../support/memory-folder.js";

async function asked(options: object) {
  const problem = await problemOf("CartPole-v1");
  const folder = memoryFolder();
  const writer = await openPreferences(folder, problem, {});
  const policy = new UniformPolicy(problem.observationSpace, problem.actionSpace);
  await addQuestions(
    writer,
    policy,
    problem,
    pairSchema.parse({ pairs: 10, segmentLength: 30, ...options }),
    1,
  );
  return { folder, writer };
}

describe("collecting comparisons", () => {
  it("asks about pairs with the same start, and again about a share of them with swapped sides", async () => {
    const { folder, writer } = await asked({ repeats: 0.3 });
    expect(await askQuestions(writer, folder, annotator(), { annotator: "oracle" })).toBe(13);
    const { segments, comparisons, ...spaces } = await loadPreferences(folder);
    for (const { left, right } of comparisons) {
      expect(isSameStart(segments[left], segments[right], spaces)).toBe(true);
    }
    for (const again of comparisons.slice(10)) {
      const before = comparisons.find(({ left, right }) => left === again.right && right === again.left)!;
      const swapped = { left: "right", right: "left", equal: "equal" } as Record<string, string>;
      expect(again.choice).toBe(swapped[before.choice]);
    }
  });

  it("asks a second annotator the same questions, and the first one none of them again", async () => {
    const { folder, writer } = await asked({ sameStart: false });
    await askQuestions(writer, folder, annotator({ name: "ann" }), { annotator: "ann" });
    expect(await askQuestions(writer, folder, annotator({ name: "ben" }), { annotator: "ben" })).toBe(10);
    expect(await askQuestions(writer, folder, annotator({ name: "ann" }), { annotator: "ann" })).toBe(0);
    expect((await loadPreferences(folder)).comparisons).toHaveLength(20);
  });

  it("keeps what was answered before an error, and goes on with the rest", async () => {
    const { folder, writer } = await asked({});
    const oracle = annotator();
    const tiring: Labeller<"comparison"> = {
      kind: "tiring",
      asks: "comparison",
      async *label(request, signal) {
        for await (const batch of oracle.label(request, signal)) yield batch.slice(0, 4);
        throw new Error("tired");
      },
    };
    await expect(askQuestions(writer, folder, tiring, { annotator: "oracle" })).rejects.toThrow("tired");
    expect((await loadPreferences(folder)).comparisons).toHaveLength(4);
    expect(await askQuestions(writer, folder, oracle, { annotator: "oracle" })).toBe(6);
  });
});
