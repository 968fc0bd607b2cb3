/** @file What a report holds, as plain data: the renderer turns it into one HTML file. All text is plain text. */

/** A number with the ends of its interval. */
export interface Estimate {
  value: number;
  low?: number;
  high?: number;
}

/** What a table shows in a cell; `null`, `undefined` and NaN read "n/a". */
export type Cell = string | number | null | undefined | Estimate;

export interface Column {
  label: string;
  /** Numbers go right and text goes left unless this says otherwise. */
  align?: "left" | "right";
  /** Significant digits of plain numbers; 3 by default. Integers are always shown whole. */
  digits?: number;
  /** Show fractions as percentages. */
  percent?: boolean;
}

interface SectionBase {
  title: string;
  /** The sentence that says what to read from the section. */
  reading: string;
  /** How the figures were made: seeds, intervals, units. */
  caption?: string;
}

export interface TextSection extends SectionBase {
  kind: "text";
  paragraphs: string[];
}

export interface TableSection extends SectionBase {
  kind: "table";
  columns: Column[];
  rows: Cell[][];
}

export interface CurvePoint {
  x: number;
  y: number;
  low?: number;
  high?: number;
}

export interface Series {
  name: string;
  points: CurvePoint[];
  /** Drawn thin and grey behind the others, for raw values under a moving average. */
  faint?: boolean;
}

export interface CurvesSection extends SectionBase {
  kind: "curves";
  xLabel: string;
  yLabel: string;
  /** Points at or below 0 are left out, with a note. */
  logX?: boolean;
  logY?: boolean;
  series: Series[];
  /** Horizontal lines with a label: the expert's return, a bound, the best possible. */
  references?: { y: number; label: string }[];
  /** Small enough to stand several in a row: for the many metrics of a run. */
  compact?: boolean;
}

export interface Bar extends Estimate {
  label: string;
  /** Drawn in the text colour: totals, and what the other bars should add up to. */
  emphasis?: boolean;
}

export interface BarsSection extends SectionBase {
  kind: "bars";
  xLabel: string;
  bars: Bar[];
}

/** The direction and strength of an arrow in a cell: `dx` to the right, `dy` down, length 0 to 1. */
export interface Arrow {
  dx: number;
  dy: number;
}

export interface HeatmapPanel {
  title: string;
  rows: number;
  columns: number;
  /** Row by row, `[rows × columns]`; NaN where there is nothing to show. */
  values: ArrayLike<number>;
  /** 1 where there is a wall, `[rows × columns]`. */
  walls?: ArrayLike<number>;
  /** A letter or two in a cell's corner, such as S, G or L, `[rows × columns]`. */
  labels?: ArrayLike<string | undefined>;
  /** What the policy does there, `[rows × columns]`. */
  arrows?: ArrayLike<Arrow | null | undefined>;
}

/** Panels side by side under one colour scale. */
export interface HeatmapSection extends SectionBase {
  kind: "heatmap";
  /** What the colour measures, and in what unit. */
  unit: string;
  /** Colour by the square root, so that small values show beside large ones. */
  squareRoot?: boolean;
  panels: HeatmapPanel[];
}

export type Section = TextSection | TableSection | CurvesSection | BarsSection | HeatmapSection;

export interface Report {
  title: string;
  subtitle?: string;
  /** What was found, in a few paragraphs. */
  summary: string[];
  /** A few figures set large under the title. */
  highlights?: { label: string; value: string }[];
  sections: Section[];
  /** The exact commands that make the same report again. */
  commands: string[];
  /** Versions, seed, machine, time, commit. */
  provenance: Record<string, unknown>;
}
