/** @file Heatmaps: grids of cells coloured by a value, in one or several panels with a common colour scale. */

import type { Data, Mark, RectEncodeEntry, Spec, TextEncodeEntry } from "vega";
import { formatNumber } from "./format.js";
import type { HeatmapPanel, HeatmapSection } from "./types.js";

const gap = 24;
const titleHeight = 26;
const legendHeight = 64;
const largestCell = 52;
const smallestSharedCell = 30;
/** The smallest side of a cell, in pixels; larger grids are wider than the page and scroll. */
const smallestCell = 14;
/** The smallest side, in pixels, of a cell with both a label and an arrow. */
const smallestSharingCell = 24;
const legendSteps = 40;

/** The values at the two ends of the colour scale: 0 is always neutral. */
interface ColorRange {
  low: number;
  high: number;
  squareRoot: boolean;
}

function colorRange(section: HeatmapSection): ColorRange {
  let low = 0;
  let high = 0;
  for (const { values } of section.panels) {
    for (const value of Array.from(values).filter(Number.isFinite)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { low, high, squareRoot: section.squareRoot ?? false };
}

/** Colour as hue and opacity, so that 0 has the page's colour in light and dark mode. */
function color(value: number, { low, high, squareRoot }: ColorRange): { fill: string; fillOpacity: number } {
  const share = Math.abs(value) / Math.max(high, -low, Number.MIN_VALUE);
  const strength = squareRoot ? Math.sqrt(share) : share;
  return {
    fill: value < 0 ? "var(--heat-below)" : "var(--heat-above)",
    fillOpacity: Number(strength.toFixed(3)),
  };
}

interface Placed {
  panel: HeatmapPanel;
  left: number;
  top: number;
}

/** The number of panels per row, and the resulting size of a cell. */
function arrange(panels: HeatmapPanel[], width: number): { perRow: number; cell: number } {
  const columns = Math.max(...panels.map((panel) => panel.columns));
  const cellSize = (perRow: number) =>
    Math.min(largestCell, Math.floor((width - gap * (perRow - 1)) / perRow / columns));
  let perRow = Math.min(panels.length, 3);
  while (perRow > 1 && cellSize(perRow) < smallestSharedCell) perRow--;
  return { perRow, cell: Math.max(smallestCell, cellSize(perRow)) };
}

function place(panels: HeatmapPanel[], width: number): { placed: Placed[]; cell: number; height: number } {
  const { perRow, cell } = arrange(panels, width);
  const placed: Placed[] = [];
  let top = 0;
  for (let first = 0; first < panels.length; first += perRow) {
    const row = panels.slice(first, first + perRow);
    let left = 0;
    for (const panel of row) {
      placed.push({ panel, left, top: top + titleHeight });
      left += panel.columns * cell + gap;
    }
    top += titleHeight + Math.max(...row.map((panel) => panel.rows)) * cell + gap;
  }
  return { placed, cell, height: top - gap };
}

interface CellMark {
  x: number;
  y: number;
  fill: string;
  fillOpacity: number;
  ink: string;
  label: string;
  arrowX: number;
  arrowY: number;
  angle: number;
  arrowSize: number;
}

function cellMarks({ panel, left, top }: Placed, cell: number, range: ColorRange): CellMark[] {
  return Array.from({ length: panel.rows * panel.columns }, (_, i) => {
    const value = panel.values[i];
    const wall = panel.walls?.[i] === 1;
    const shade = wall
      ? { fill: "var(--wall)", fillOpacity: 1 }
      : Number.isFinite(value)
        ? color(value, range)
        : { fill: "var(--grid)", fillOpacity: 0.5 };
    const x = left + (i % panel.columns) * cell;
    const y = top + Math.floor(i / panel.columns) * cell;
    const label = panel.labels?.[i] ?? "";
    const crowded = label !== "" && cell < smallestSharingCell;
    const arrow = wall || crowded ? null : panel.arrows?.[i];
    const length = arrow ? Math.min(1, Math.hypot(arrow.dx, arrow.dy)) : 0;
    // With a label, the arrow is smaller and shifted.
    const room = label === "" ? 1 : 0.8;
    return {
      x,
      y,
      ...shade,
      ink: wall || shade.fillOpacity > 0.5 ? "var(--paper)" : "var(--ink)",
      label,
      arrowX: x + cell * (0.5 + (1 - room) / 2),
      arrowY: y + cell * (0.5 + (1 - room) / 2),
      // Vega's arrow points up, and angles go clockwise.
      angle: arrow ? (Math.atan2(arrow.dx, -arrow.dy) * 180) / Math.PI : 0,
      arrowSize: length > 0.05 ? (cell * room * (0.3 + 0.35 * length)) ** 2 : 0,
    };
  });
}

/** A line of small text at (x, y). */
function textAt(content: string, x: number, y: number, options: Partial<TextEncodeEntry> = {}): Mark {
  const base: TextEncodeEntry = { fontSize: { value: 12 }, fill: { value: "var(--muted)" } };
  const place: TextEncodeEntry = { text: { value: content }, x: { value: x }, y: { value: y } };
  return { type: "text", encode: { update: { ...base, ...place, ...options } } };
}

/** The colour scale under the panels, with the values at its ends and at 0. */
function legend(range: ColorRange, unit: string, top: number, width: number): { data: Data; marks: Mark[] } {
  const { low, high } = range;
  const length = Math.min(240, width);
  const step = (high - low) / legendSteps;
  const values = Array.from({ length: legendSteps }, (_, i) => ({
    x: (length * i) / legendSteps,
    ...color(low + step * (i + 0.5), range),
  }));
  const bar: RectEncodeEntry = {
    x: { field: "x" },
    width: { value: length / legendSteps },
    y: { value: top + 20 },
    height: { value: 10 },
    fill: { field: "fill" },
    fillOpacity: { field: "fillOpacity" },
  };
  const zero = (length * -low) / (high - low);
  const room = 50;
  const marks: Mark[] = [
    { type: "rect", name: "scale", from: { data: "legend" }, encode: { update: bar } },
    textAt(unit, 0, top + 12),
    textAt(formatNumber(low), 0, top + 46),
    textAt(formatNumber(high), length, top + 46, { align: { value: "right" } }),
  ];
  if (zero > room && length - zero > room)
    marks.push(textAt("0", zero, top + 46, { align: { value: "center" } }));
  return { data: { name: "legend", values }, marks };
}

/**
 * The chart of a section at a total `width` in pixels, or null when no panel has a finite value. It is wider if a
 * grid has too many columns.
 */
export function heatmapSpec(section: HeatmapSection, width: number): Spec | null {
  if (!section.panels.some(({ values }) => Array.from(values).some(Number.isFinite))) return null;
  const range = colorRange(section);
  const { placed, cell, height } = place(section.panels, width - 2);
  const labelSize = Math.max(8, Math.min(12, Math.round(cell * 0.28)));
  const scale = range.low === range.high ? null : legend(range, section.unit, height + 12, width - 2);
  const cells = placed.flatMap((panel) => cellMarks(panel, cell, range));
  const corner = { x: { field: "x", offset: 3 }, y: { field: "y", offset: labelSize } };
  return {
    width: Math.max(width - 2, ...placed.map(({ panel, left }) => left + panel.columns * cell)),
    height: height + (scale ? legendHeight : 0),
    padding: { left: 1, right: 1, top: 0, bottom: 1 },
    data: [
      { name: "cells", values: cells },
      { name: "arrows", values: cells.filter(({ arrowSize }) => arrowSize > 0) },
      { name: "labels", values: cells.filter(({ label }) => label !== "") },
      ...(scale ? [scale.data] : []),
    ],
    marks: [
      ...placed.map(({ panel, left, top }) =>
        textAt(panel.title, left, top - 9, {
          fontSize: { value: 13 },
          fontWeight: { value: 600 },
          fill: { value: "var(--ink)" },
          // Vega overestimates the width of letters by about a third.
          limit: { value: 1.35 * Math.max(panel.columns * cell, 120) },
        }),
      ),
      {
        type: "rect",
        name: "cell",
        from: { data: "cells" },
        encode: {
          update: {
            x: { field: "x" },
            y: { field: "y" },
            width: { value: cell },
            height: { value: cell },
            fill: { field: "fill" },
            fillOpacity: { field: "fillOpacity" },
            stroke: { value: "var(--rule)" },
            strokeWidth: { value: 0.5 },
          },
        },
      },
      {
        type: "symbol",
        name: "arrow",
        from: { data: "arrows" },
        encode: {
          update: {
            x: { field: "arrowX" },
            y: { field: "arrowY" },
            shape: { value: "arrow" },
            angle: { field: "angle" },
            size: { field: "arrowSize" },
            fill: { field: "ink" },
          },
        },
      },
      {
        type: "text",
        name: "label",
        from: { data: "labels" },
        encode: {
          update: {
            ...corner,
            text: { field: "label" },
            fontSize: { value: labelSize },
            fontWeight: { value: 700 },
            fill: { field: "ink" },
          },
        },
      },
      ...(scale?.marks ?? []),
    ],
  };
}
