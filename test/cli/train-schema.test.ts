/** @file The options of the command of an algorithm: its own have other names than those of every run and command. */

import { expect, it } from "vitest";
import * as z from "zod";
import { catalogue } from "../../algorithms/index.js";
import { trainSchema } from "../../cli/train-schema.js";

const definition = catalogue.find(({ name }) => name === "qLearning")!;
const withOption = (name: string) =>
  trainSchema({ ...definition, schema: z.strictObject({ [name]: z.string().optional() }) });

it.each(["trust", "printConfig", "help", "seed", "out"])("refuses an option %s of an algorithm", (name) => {
  expect(() => withOption(name)).toThrow(
    `qLearning: option "${name}" is one that every run has; call it otherwise`,
  );
});

it("has the algorithm's options beside those of every run", () => {
  const { schema, own } = withOption("rewardWeights");
  expect(own).toEqual(["rewardWeights"]);
  expect(Object.keys(schema.shape)).toEqual(expect.arrayContaining(["seed", "out", "rewardWeights"]));
});

it("takes the options of all algorithms", () => {
  for (const each of catalogue) expect(() => trainSchema(each)).not.toThrow();
});
