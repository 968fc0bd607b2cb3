/** @file The columns that a text takes in a terminal. */

import { expect, it } from "vitest";
import stringWidth from "../../cli/string-width.js";

it.each([
  ["", 0],
  ["--clip  range 1 ± ε of the ratio", 32],
  ["γ × λ ≥ 0 → “batch” – ∞", 23],
  ["überprüfen", 10],
  ["u\u0308berpru\u0308fen", 10],
  ["soft\u00adhyphen", 10],
  ["Обучение", 8],
  ["強化学習", 8],
  ["강화 학습", 9],
  ["ﾊﾝｶｸ", 4],
  ["done ✅", 7],
  ["a\u200bb", 2],
])("%s takes %i columns", (text, columns) => {
  expect(stringWidth(text)).toBe(columns);
});
