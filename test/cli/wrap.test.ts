/** @file The rows of a text in a terminal. */

import { expect, it } from "vitest";
import wrap from "../../cli/wrap.js";

it.each([
  ["", 5, [""]],
  ["one two three", 13, ["one two three"]],
  ["one two three", 12, ["one two", "three"]],
  ["one two three", 5, ["one", "two", "three"]],
  ["  one\ntwo three  ", 7, ["one", "two", "three"]],
  ["a b  c   d", 4, ["a b", "c", "d"]],
  ["γ ≤ 1 “or” less", 5, ["γ ≤ 1", "“or”", "less"]],
  ["強化 学習", 5, ["強化", "学習"]],
  ["a longer", 4, ["a", "long", "er"]],
])("%j takes these rows in %i columns", (text, columns, rows) => {
  expect(wrap(text, columns).split("\n")).toEqual(rows);
});
