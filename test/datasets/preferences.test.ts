/** @file Tests of the checks of preferences that are put together by hand. */

import { beforeAll, describe, expect, it } from "vitest";
import "../../envs/index.js";
import { type Preferences, preferencesOf, targetOf } from "../../src/datasets/preferences.js";
import { preferencesFromJsonl, preferencesToJsonl } from "../../src/datasets/preferences-jsonl.js";
import { shownPreferences } from "../support/preferences.js";

let preferences: Preferences;
beforeAll(async () => {
  preferences = await shownPreferences({ pairs: 4, segmentLength: 6 });
});

describe("preferencesOf", () => {
  it("refuses answers twice, segments of other spaces and unknown choices", () => {
    const { segments, comparisons } = preferences;
    expect(() => preferencesOf(segments, [...comparisons, comparisons[0]], preferences)).toThrow(
      /comparison 1: "oracle" answered it twice/,
    );
    const wide = { ...segments[0], observations: segments[0].observations.slice(1) };
    expect(() => preferencesOf([wide], [], preferences)).toThrow(/segment 0: .* need .* observations of 4/);
    const wrong = { ...comparisons[0], choice: "both" as never };
    expect(() => preferencesOf(segments, [wrong], preferences)).toThrow(/choice "both" is not one of left/);
    expect(() => preferencesOf(segments, [{ ...comparisons[0], weight: -1 }], preferences)).toThrow(
      /weight is -1/,
    );
  });

  it("takes answers of several annotators to a question, in order of the questions", () => {
    const { segments, comparisons } = preferences;
    const both = [...comparisons, ...comparisons.map((one) => ({ ...one, annotator: "ann" }))];
    const found = preferencesOf(segments, both, preferences).comparisons;
    expect(found.map(({ id }) => id)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

it("a choice has the target of its side, of a tie, or none", () => {
  expect(
    ["left", "right", "equal", "neither", "skipped"].map((choice) => targetOf(choice as "left")),
  ).toEqual([1, 0, 0.5, 0.5, undefined]);
  expect(targetOf("neither", "drop")).toBeUndefined();
});

describe("JSON lines", () => {
  it("have the chosen and the rejected segment, and are read as they were", () => {
    const text = preferencesToJsonl(preferences);
    expect(text.trim().split("\n")).toHaveLength(4);
    const read = preferencesFromJsonl(text, preferences, "pairs.jsonl");
    for (const [i, { left, right, choice }] of preferences.comparisons.entries()) {
      const chosen = preferences.segments[choice === "left" ? left : right];
      expect(read.segments[2 * i].observations).toEqual(chosen.observations);
      expect(read.segments[2 * i].actions).toEqual(chosen.actions);
      expect(read.comparisons[i]).toMatchObject({ choice: "left", annotator: "oracle" });
    }
  });

  it.each([
    ["{", /pairs.jsonl, line 1: it is not JSON/],
    [
      '{"chosen":{"observations":[[0,0,0]],"actions":[0]}}',
      /line 1, chosen: observations must be rows of 4 numbers/,
    ],
    [
      '{"chosen":{"observations":[[0,0,0,0],[0,0,0,0]],"actions":[0.5]}}',
      /chosen: actions must be whole numbers/,
    ],
    ["", /pairs.jsonl has no pair/],
  ])("refuse %s", (text, message) => {
    expect(() => preferencesFromJsonl(text, preferences, "pairs.jsonl")).toThrow(message);
  });
});
