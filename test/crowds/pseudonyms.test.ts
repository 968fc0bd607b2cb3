/** @file Pseudonyms: the same name has the same one under a salt, and another one under another. */

import { expect, it } from "vitest";
import { annotationsFrom, withPseudonyms } from "../../src/crowds/index.js";
import { UsageError } from "../../src/errors.js";

const set = annotationsFrom([
  { item: 1, annotator: "A1B2", label: "x" },
  { item: 1, annotator: "C3", label: "y" },
]);

it("replaces the names of annotators, and nothing else", async () => {
  const hidden = await withPseudonyms(set, "secret");
  expect(hidden.names.annotators[0]).toMatch(/^[0-9a-f]{10}$/);
  expect(new Set(hidden.names.annotators).size).toBe(2);
  expect({ ...hidden, names: set.names }).toEqual(set);
  const other = annotationsFrom([{ item: 7, annotator: "C3", label: "x" }]);
  expect((await withPseudonyms(other, "secret")).names.annotators[0]).toBe(hidden.names.annotators[1]);
  expect((await withPseudonyms(set, "other")).names.annotators).not.toEqual(hidden.names.annotators);
  // HMAC-SHA-256 of "A1B2" under "secret" begins so.
  const { createHmac } = await import("node:crypto");
  expect(hidden.names.annotators[0]).toBe(
    createHmac("sha256", "secret").update("A1B2").digest("hex").slice(0, 10),
  );
  await expect(withPseudonyms(set, "")).rejects.toThrow(UsageError);
});
