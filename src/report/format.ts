/** @file Formats numbers and text for reports. */

import type { Cell, Column, Estimate } from "./types.js";

const minus = "\u2212";
const missing = "n/a";

/** `text` with the five special characters of HTML and XML replaced by entities. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

function fixed(value: number, decimals: number): string {
  // Rounds first, so that values that round to zero have no sign; adding 0 turns -0 into 0.
  const rounded = Number(value.toFixed(decimals)) + 0;
  return rounded
    .toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .replace("-", minus);
}

/** The power of ten of the first significant digit of `value`, which is neither 0 nor infinite. */
function magnitude(value: number): number {
  return Math.floor(Math.log10(Math.abs(value)));
}

/**
 * A number with `digits` significant digits: integers in full, thousands separated, powers of ten outside
 * [1e-4, 1e7), a typographic minus sign, "n/a" for null, undefined and NaN.
 */
export function formatNumber(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return missing;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${minus}∞`;
  if (value === 0) return "0";
  const power = magnitude(value);
  if (power < -4 || power >= 7) {
    return value
      .toExponential(digits - 1)
      .replace("e+", "e")
      .replaceAll("-", minus);
  }
  return fixed(value, Number.isInteger(value) ? 0 : Math.max(0, digits - 1 - power));
}

/** "a [b, c]", with decimals chosen such that the width of the interval is 5 to 50 units of the last one. */
export function formatEstimate({ value, low, high }: Estimate, digits = 3): string {
  const text = (number: number) => formatNumber(number, digits);
  if (low === undefined || high === undefined || !Number.isFinite(value + low + high)) return text(value);
  const all = [value, low, high];
  const decimals = high > low ? Math.max(0, Math.ceil(Math.log10(5 / (high - low)))) : -1;
  const plain = decimals >= 0 && decimals <= 6 && all.every((number) => Math.abs(number) < 1e7);
  const [a, b, c] = all.map((number) => (plain ? fixed(number, decimals) : text(number)));
  return `${a} [${b}, ${c}]`;
}

/** A table cell as text. */
export function formatCell(cell: Cell, { digits, percent }: Pick<Column, "digits" | "percent"> = {}): string {
  if (typeof cell === "string") return cell;
  const estimate = typeof cell === "object" && cell !== null ? cell : { value: cell ?? Number.NaN };
  if (!percent) return formatEstimate(estimate, digits);
  const { value, low, high } = estimate;
  const hundredfold = (number: number | undefined) => (number === undefined ? undefined : number * 100);
  const text = formatEstimate({ value: value * 100, low: hundredfold(low), high: hundredfold(high) }, digits);
  return Number.isNaN(value) ? text : `${text} %`;
}
