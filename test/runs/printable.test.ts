/** @file Control characters in text for a terminal. */

import { expect, it } from "vitest";
import { printable } from "../../src/runs/printable.js";

it("escapes what a terminal would obey, and leaves all other text", () => {
  expect(printable("\u001b]0;title\u0007\u001b[31mred\u009b1m\r\u202ex\u007f")).toBe(
    "\\u001b]0;title\\u0007\\u001b[31mred\\u009b1m\\u000d\\u202ex\\u007f",
  );
  const text = "π ≈ 3.14\tε\n─── 行 🙂 é";
  expect(printable(text)).toBe(text);
});

it("leaves JSON with the same value", () => {
  const value = { id: "\u009b1m\u202e" };
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
});
