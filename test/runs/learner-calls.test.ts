/** @file Errors of a learner's functions name the learner, the function and the step. */

import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { artefact, update } from "../../src/runs/learner-calls.js";

const learner = (functions: object) => ({ name: "mine", ...functions }) as never;
const missing = () => (undefined as unknown as { value: number }).value;

describe("update", () => {
  it("names the learner and the step in errors of the language, and keeps the stack", async () => {
    const failed = await update(learner({ update: missing }), {}, 128).catch((error) => error);
    expect(failed.message).toMatch(/^mine: update\(\) after step 128: TypeError: .*undefined/);
    expect(failed.stack).toMatch(/learner-calls\.test/);
  });

  it("leaves errors with a message of their own as they are", async () => {
    const own = new UsageError("the rate is too large");
    const rejecting = learner({ update: () => Promise.reject(own) });
    await expect(update(rejecting, {}, 0)).rejects.toBe(own);
  });
});

describe("artefact", () => {
  it.each<[string, unknown, string]>([
    ["an empty object", {}, "not an object with no fields"],
    ["an object without toData", { act: () => 0 }, "not an object with act"],
    ["undefined", undefined, "not undefined"],
  ])("refuses %s", (_, made, message) => {
    expect(() => artefact(learner({ artefact: () => made }), {}, 0)).toThrow(message);
    expect(() => artefact(learner({ artefact: () => made }), {}, 0)).toThrow(
      "mine: policy() or artefact() must return",
    );
  });

  it("names the learner and the step where it throws", () => {
    expect(() => artefact(learner({ artefact: missing }), {}, 7)).toThrow(
      /^mine: policy\(\) or artefact\(\) after step 7: TypeError/,
    );
  });
});
