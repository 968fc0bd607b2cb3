/**
 * @file The content of a report, as plain data, which the renderer converts to one HTML file. All text is plain text.
 */

/** A number with the ends of its interval. */
export interface Estimate {
  value: number;
  low?: number;
  high?: number;
}

/** The content of a table cell; `null`, `undefined` and NaN are printed as "n/a". */
export type Cell = string | number | null | undefined | Estimate;

export interface Column {
  label: string;
  /** Alignment. Default: numbers right, text left. */
  align?: "left" | "right";
  /** Significant digits of plain numbers. Default 3. Integers are always printed in full. */
  digits?: number;
  /** Show fractions as percentages. */
  percent?: boolean;
}

interface SectionBase {
  title: string;
  /** The summary sentence of the section. */
  reading: string;
  /** The origin of the figures: seeds, intervals, units. */
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
  /** Small, with several per row, for the many metrics of a run. */
  compact?: boolean;
}

export interface Bar extends Estimate {
  label: string;
  /** Drawn in the text colour, for totals of the other bars. */
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
  /** `[rows × columns]` in row-major order; NaN: empty cell. */
  values: ArrayLike<number>;
  /** 1 where there is a wall, `[rows × columns]`. */
  walls?: ArrayLike<number>;
  /** A letter or two in a cell's corner, such as S, G or L, `[rows × columns]`. */
  labels?: ArrayLike<string | undefined>;
  /** The action of the policy in each cell, `[rows × columns]`. */
  arrows?: ArrayLike<Arrow | null | undefined>;
}

/** Panels side by side with a common colour scale. */
export interface HeatmapSection extends SectionBase {
  kind: "heatmap";
  /** The quantity that the colour shows, and its unit. */
  unit: string;
  /** Colour by the square root, so that small values are visible next to large ones. */
  squareRoot?: boolean;
  panels: HeatmapPanel[];
}

export type Section = TextSection | TableSection | CurvesSection | BarsSection | HeatmapSection;

export interface Report {
  title: string;
  subtitle?: string;
  /** The results, in a few paragraphs. */
  summary: string[];
  /** A few figures set large under the title. */
  highlights?: { label: string; value: string }[];
  sections: Section[];
  /** The exact commands that reproduce the report. */
  commands: string[];
  /** Versions, seed, machine, time, commit. */
  provenance: Record<string, unknown>;
}
