/** @file Tests of trust in annotators: consistency, agreement, and the weights that follow from them. */

import { describe, expect, it } from "vitest";
import {
  annotatorReports,
  oneSidedWarnings,
  trustIn,
  weighDemonstrations,
  weighPreferences,
} from "../../../../algorithms/preferences/shared/trust.js";
import type { Comparison } from "../../../../src/datasets/preferences.js";
import { createRng } from "../../../../src/random/rng.js";
import { randomDemonstrations } from "../../../support/demonstrations.js";

/** Answers to `questions` pairs, of which the left segment is better, right with these probabilities. */
function answers(abilities: Record<string, number>, questions: number): Comparison[] {
  const rng = createRng("trust");
  return Array.from({ length: questions }, (_, i) => i + 1).flatMap((id) =>
    Object.entries(abilities).map(([annotator, ability]) => ({
      ...{ id, left: 2 * id, right: 2 * id + 1, annotator },
      choice: rng.uniform() < ability ? ("left" as const) : ("right" as const),
    })),
  );
}

const byName = (comparisons: Comparison[]) =>
  Object.fromEntries(annotatorReports({ comparisons }).map((report) => [report.annotator, report]));

describe("reports of annotators", () => {
  it("find who answers at random among those who agree", () => {
    const abilities = { ann: 0.9, ben: 0.85, cat: 0.9, dot: 0.5, eve: 0.5 };
    const found = byName(answers(abilities, 300));
    for (const [name, ability] of Object.entries(abilities)) {
      expect(Math.abs(found[name].ability - ability)).toBeLessThan(0.07);
      expect(found[name].weight).toBeCloseTo(Math.max(0, 2 * found[name].ability - 1), 12);
    }
  });

  it("warn of a named annotator whose ten choices or more are all on one side", () => {
    const chosen = (annotator: string | undefined, choices: Comparison["choice"][]) =>
      choices.map((choice, i): Comparison => ({ id: i + 1, left: 0, right: 1, choice, annotator }));
    const ten = Array<"left">(10).fill("left");
    const warned = (comparisons: Comparison[], provenance = {}) =>
      oneSidedWarnings({ comparisons, provenance });
    expect(warned(chosen("ann", [...ten, "equal"]))).toEqual([
      "all choices of ann are left: they may say nothing about the segments",
    ]);
    expect(warned(chosen("ann", [...ten, "right"]))).toEqual([]);
    expect(warned(chosen("ann", ten.slice(1)))).toEqual([]);
    expect(warned(chosen(undefined, ten))).toEqual([]);
    // Lines of pairs have the chosen segment first.
    expect(warned(chosen("ann", ten), { from: "pairs.jsonl" })).toEqual([]);
  });

  it("count a repeated pair as the same, whichever side it is on", () => {
    const again = { id: 2, left: 3, right: 2, annotator: "ann" };
    const first = { id: 1, left: 2, right: 3, choice: "left" as const, annotator: "ann" };
    expect(byName([first, { ...again, choice: "right" }]).ann).toMatchObject({ repeated: 1, consistency: 1 });
    expect(byName([first, { ...again, choice: "left" }]).ann).toMatchObject({ repeated: 1, consistency: 0 });
  });

  it("trust a consistent annotator more than an inconsistent one, whom nobody else can be compared with", () => {
    const repeated = (annotator: string, same: number): Comparison[] =>
      Array.from({ length: 40 }, (_, i) => i + 1).flatMap((id) => [
        { id, left: 2 * id, right: 2 * id + 1, choice: "left" as const, annotator },
        {
          ...{ id: 100 + id, left: 2 * id + 1, right: 2 * id, annotator },
          choice: id <= 40 * same ? ("right" as const) : ("left" as const),
        },
      ]);
    const [sure, unsure] = [byName(repeated("ann", 0.95)).ann, byName(repeated("ann", 0.5)).ann];
    expect(sure.weight).toBeGreaterThan(0.8);
    expect(unsure.weight).toBeLessThan(0.4);
  });

  it("count skips, ties and sides", () => {
    const of = (id: number, choice: Comparison["choice"]) => ({ id, left: 0, right: 1, choice });
    const [report] = annotatorReports({ comparisons: [of(1, "left"), of(2, "equal"), of(3, "skipped")] });
    expect(report).toMatchObject({ annotator: "(no name)", answers: 2, skipped: 1, ties: 0.5, left: 1 });
  });
});

it("trust by sides tells a habit of one side from answers that depend on the segments", () => {
  const rng = createRng("sides");
  const right = Array.from({ length: 200 }, () =>
    rng.uniform() < 0.5 ? ("left" as const) : ("right" as const),
  );
  const said = (annotator: string, of: (choice: "left" | "right") => "left" | "right") =>
    right.map((choice, i) => ({
      ...{ id: i + 1, left: 2 * i, right: 2 * i + 1, annotator, choice: of(choice) },
    }));
  const comparisons = [
    ...said("ann", (choice) => choice),
    ...said("ben", (choice) => choice),
    ...said("habit", () => "left"),
    // Right on every left, and on half of the others.
    ...said("leaning", (choice) => (rng.uniform() < 0.5 ? "left" : choice)),
  ];
  const trust = trustIn({ comparisons }, "dawid-skene");
  expect(trust.ann).toBeGreaterThan(0.95);
  expect(trust.habit).toBeLessThan(0.03);
  expect(Math.abs(trust.leaning - 0.5)).toBeLessThan(0.1);
  const alone = { comparisons: said("ann", (choice) => choice) };
  expect(trustIn(alone, "dawid-skene")).toEqual(trustIn(alone));
});

it("trust multiplies the weights of comparisons and of demonstrations", () => {
  const comparisons = answers({ ann: 1, ben: 1, dot: 0.5 }, 200);
  const trust = trustIn({ comparisons });
  const weighed = weighPreferences({ comparisons } as never, trust).comparisons;
  expect(weighed.find(({ annotator }) => annotator === "ann")!.weight).toBeGreaterThan(0.9);
  expect(weighed.find(({ annotator }) => annotator === "dot")!.weight).toBeLessThan(0.3);
  const demonstrations = randomDemonstrations({ episodes: 2 });
  const trajectories = demonstrations.trajectories.map((one, i) => ({
    ...one,
    weight: 2,
    expert: ["dot", "zoe"][i],
  }));
  const weights = weighDemonstrations({ ...demonstrations, trajectories }, trust).trajectories.map(
    ({ weight }) => weight,
  );
  expect(weights).toEqual([2 * trust.dot, 2]);
});
