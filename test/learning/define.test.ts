/** @file The required inputs in definitions, also of a learner without an environment. */

import { describe, expect, it } from "vitest";
import { algorithmCatalogue, bc, dagger, maxEntIrl, ppo } from "../../algorithms/index.js";
import {
  type AlgorithmDefinition,
  describeNeeds,
  hasNeed,
  isSatisfied,
  needsOf,
} from "../../src/learning/define.js";
import { logisticRegression } from "../support/logistic-regression.js";

const definitions = {
  bc: bc.definition,
  dagger: dagger.definition,
  maxEntIrl: maxEntIrl.definition,
  ppo: ppo.definition,
  logisticRegression: logisticRegression.definition,
} as Record<string, AlgorithmDefinition>;

describe("the needs of a definition", () => {
  it.each([
    ["bc", ["demonstrations"]],
    ["dagger", ["expert or labeller"]],
    ["maxEntIrl", ["demonstrations or expert"]],
    ["ppo", []],
    ["logisticRegression", ["data"]],
  ])("of %s are %j", (name, words) => {
    expect(describeNeeds(definitions[name])).toEqual(words);
    expect(algorithmCatalogue[name]?.needs ?? words).toEqual(words);
  });

  it("are satisfied by any one of the alternatives", () => {
    const [need] = needsOf(definitions.dagger);
    expect(isSatisfied(need, { expert: "expert" })).toBe(true);
    expect(isSatisfied(need, { labeller: "console" })).toBe(true);
    expect(isSatisfied(need, { demonstrations: "demos", expert: undefined })).toBe(false);
  });

  it("are detected through any of their alternatives", () => {
    expect(hasNeed(definitions.maxEntIrl, "demonstrations", "expert")).toBe(true);
    expect(hasNeed(definitions.bc, "demonstrations", "expert")).toBe(false);
    expect(hasNeed(definitions.dagger, "labeller")).toBe(true);
    expect(hasNeed(definitions.logisticRegression, "data")).toBe(true);
  });
});
