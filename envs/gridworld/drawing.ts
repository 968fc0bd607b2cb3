/** @file Elements of grid pictures: colours, colour scales, walls and number formats. */

import type { GridPicture } from "./model.js";

/** The values at the two ends of a colour scale. */
export type Range = readonly [low: number, high: number];

export const INK = "#1f2933";
const WALL = "#3b4452";
const FLOOR = "#f4f5f7";
const LINES = "#d9dde3";

const each = (labels: string, colour: string) =>
  Object.fromEntries([...labels].map((label) => [label, colour]));

/** Background colour of a cell, by its label in a gridworld's map; `/` is an open door. */
export const FILLS: Readonly<Record<string, string>> = {
  S: "#dbe7f5",
  G: "#8fd19e",
  L: "#f2926c",
  "/": "#efe3d3",
  ...each("<v>^", "#cde9f5"),
  ...each("abcdef", "#ffe08a"),
  ...each("ABCDEF", "#cfa77d"),
};

/** RGB ends of the scales: PALE to ABOVE if all values have one sign, else NEUTRAL at 0, BELOW and ABOVE at the ends. */
const PALE = [239, 245, 252];
const ABOVE = [20, 84, 160];
const BELOW = [196, 74, 30];
const NEUTRAL = [247, 247, 247];
/** Number of shades of a scale; few shades give small files. */
const SHADES = 40;

/** The smallest and the largest finite value, or [0, 1] if there is none. */
export function rangeOf(values: ArrayLike<number>): Range {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return low > high ? [0, 1] : [low, high];
}

/** The colour of a value as `#rrggbb`. In a range with both signs, 0 is neutral and ±x have the same depth of colour. */
export function colourOf(value: number, [low, high]: Range): string {
  const bothSigns = low < 0 && high > 0;
  const share = bothSigns
    ? Math.abs(value) / Math.max(high, -low)
    : high > low
      ? (value - low) / (high - low)
      : 0.5;
  const depth = Math.round(SHADES * Math.min(1, Math.max(0, share))) / SHADES;
  const [from, to] = bothSigns ? [NEUTRAL, value < 0 ? BELOW : ABOVE] : [PALE, ABOVE];
  const hex = (i: number) =>
    Math.round(from[i] + depth * (to[i] - from[i]))
      .toString(16)
      .padStart(2, "0");
  return `#${hex(0)}${hex(1)}${hex(2)}`;
}

/** A number with at most three significant digits below 100, else rounded; without trailing zeros. */
export const short = (value: number): string =>
  String(Number(Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)));

/** Escapes a text for use in XML content and attributes. */
export const escapeXml = (text: string): string =>
  text.replace(
    /[&<>"]/g,
    (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character]!,
  );

/** SVG elements of the floor, its grid lines and the walls; `size` is the side of a cell (px). */
export function wallsAndFloor({ rows, columns, walls }: GridPicture, size: number): string[] {
  const [width, height] = [columns * size, rows * size];
  const lines = [
    ...Array.from({ length: rows + 1 }, (_, row) => `M0 ${row * size}h${width}`),
    ...Array.from({ length: columns + 1 }, (_, column) => `M${column * size} 0v${height}`),
  ];
  const runs: string[] = [];
  for (let cell = 0; cell < rows * columns; cell++) {
    if (!walls[cell]) continue;
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    let end = column + 1;
    while (end < columns && walls[row * columns + end]) end++;
    runs.push(`M${column * size} ${row * size}h${(end - column) * size}v${size}h-${(end - column) * size}z`);
    cell += end - column - 1;
  }
  return [
    `<rect width="${width}" height="${height}" fill="${FLOOR}"/>`,
    size < 8 ? "" : `<path d="${lines.join("")}" stroke="${LINES}" fill="none"/>`,
    runs.length > 0 ? `<path d="${runs.join("")}" fill="${WALL}"/>` : "",
  ];
}

/** The colour scale at (x, y) with the values at its ends and the name of the quantity, `unit`. */
export function legend(range: Range, unit: string, x: number, y: number): string {
  const [low, high] = range;
  const [steps, width] = [40, 140];
  const swatches = Array.from({ length: steps }, (_, i) => {
    const value = low + ((high - low) * (i + 0.5)) / steps;
    const at = short(x + (width * i) / steps);
    return `<rect x="${at}" y="${y}" width="${short(width / steps + 0.4)}" height="9" fill="${colourOf(value, range)}"/>`;
  });
  const text = (at: number, down: number, anchor: string, content: string) =>
    `<text x="${at}" y="${y + down}" font-size="11" text-anchor="${anchor}" fill="${INK}">${escapeXml(content)}</text>`;
  const ends = text(x, 22, "start", short(low)) + text(x + width, 22, "end", short(high));
  return swatches.join("") + ends + text(x + width + 8, 9, "start", unit);
}
