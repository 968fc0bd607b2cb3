/** @file Lines of comma-separated values, and the separator of a table. */

import { expect, it } from "vitest";
import { csvLine, separatorOf } from "../../src/state/csv.js";

it("quotes the cells that need it, and leaves undefined ones empty", () => {
  expect(csvLine(["a", 1.5, undefined, "b,c", 'say "hi"', "two\nlines", "old\rmac"])).toBe(
    'a,1.5,,"b,c","say ""hi""","two\nlines","old\rmac"',
  );
});

it("takes the most frequent separator of the head, or a comma", () => {
  expect(separatorOf("item;annotator,name;label")).toBe(";");
  expect(separatorOf("item\tlabel")).toBe("\t");
  expect(separatorOf("item")).toBe(",");
});
