/** @file A learner without an environment in the catalogue: lists, reference pages and creation. */

import { afterEach, expect, it, vi } from "vitest";
import { algorithmCatalogue, algorithmFor } from "../../algorithms/index.js";
import { algorithmsCommand } from "../../cli/commands/algorithms.js";
import type * as explanations from "../../experiments/reference/explanations.js";
import { referencePages } from "../../experiments/reference/pages.js";
import { UsageError } from "../../src/errors.js";

// It takes the place of another algorithm in the catalogue.
vi.mock("../../algorithms/rl/sarsa.js", async () => ({
  sarsa: (await import("../support/logistic-regression.js")).logisticRegression,
}));
vi.mock("../../experiments/reference/explanations.js", async (original) => {
  const { explanationOf } = await original<typeof explanations>();
  const page = { title: "Logistic regression", page: "logistic-regression.md" };
  return { explanationOf: (name: string) => (name === "logisticRegression" ? page : explanationOf(name)) };
});

afterEach(() => void vi.restoreAllMocks());

it("a data learner is listed with the data that it needs", async () => {
  const lines: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  await algorithmsCommand.run({ json: false }, {}, []);
  expect(lines.join("")).toMatch(/^logisticRegression +data +logistic regression by/m);
  expect(lines.join("")).toMatch(/^dagger +expert or labeller +\S/m);
  expect(lines.join("")).toMatch(/^ppo +– +\S/m);
  lines.length = 0;
  await algorithmsCommand.run({ json: true }, {}, []);
  expect(JSON.parse(lines.join(""))).toContainEqual(
    expect.objectContaining({ name: "logisticRegression", needs: ["data"] }),
  );
});

it("a data learner has a row and a table in the reference", async () => {
  const { "algorithms.md": page } = await referencePages();
  expect(page).toContain("| [`logisticRegression`](#logisticregression) | data | logistic regression by");
  expect(page).toContain("\n## logisticRegression\n");
});

it("a data learner is created by its entry, and is not an environment's algorithm", () => {
  const learner = algorithmCatalogue.logisticRegression.create({ updates: 5 });
  expect(learner).toMatchObject({ name: "logisticRegression", defaultSteps: 5 });
  expect("policy" in learner).toBe(false);
  expect("policy" in algorithmCatalogue.ppo.create({})).toBe(true);
  const mistake = () => algorithmFor("logisticRegression");
  expect(mistake).toThrow(UsageError);
  expect(mistake).toThrow(/logisticRegression learns from a data set, in no environment: use train\(/);
});
