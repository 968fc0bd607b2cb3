/** @file Horizontal bars with intervals, each under its label, so that long labels fit a phone. */

import type { Mark, Spec } from "vega";
import { axisSpec, planAxis, textWidth } from "./axis.js";
import { haloed, seriesColor } from "./chart.js";
import { formatEstimate } from "./format.js";
import type { Bar, BarsSection } from "./types.js";

const fontSize = 13;
const lineHeight = 17;
const barHeight = 12;
const rowGap = 12;
/** Padding at both sides, in pixels, so that the first and last labels of the axis are not cut off. */
const edge = 16;

const hasInterval = ({ low, high }: Bar) => Number.isFinite(low) && Number.isFinite(high);

/** Breaks `text` at spaces into lines of at most `width` pixels. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, fontSize) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The bars from top to bottom as Vega data, and their total height. */
function layOut(bars: Bar[], width: number) {
  let height = 0;
  const rows = bars.map((bar) => {
    const text = formatEstimate(bar);
    const label = wrap(bar.label, width - textWidth(text, fontSize) - 12);
    const top = height + label.length * lineHeight + 4;
    const row = {
      label,
      text,
      value: Number.isFinite(bar.value) ? bar.value : 0,
      low: hasInterval(bar) ? bar.low : 0,
      high: hasInterval(bar) ? bar.high : 0,
      banded: hasInterval(bar),
      color: bar.emphasis ? "var(--ink)" : seriesColor(0),
      baseline: height + fontSize,
      textBaseline: top - lineHeight + fontSize - 4,
      top,
      middle: top + barHeight / 2,
      bottom: top + barHeight,
    };
    height = top + barHeight + rowGap;
    return row;
  });
  return { rows, height };
}

/** The chart of a section at a total `width` in pixels, or null when no bar is finite. */
export function barsSpec(section: BarsSection, width: number): Spec | null {
  const ends = section.bars.flatMap((bar) =>
    hasInterval(bar) ? [bar.value, bar.low!, bar.high!] : [bar.value],
  );
  const finite = ends.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const inner = width - 2 * edge;
  const plan = planAxis([0, ...finite], { length: inner, spacing: 80, margin: 0.02 });
  const { scales, axis } = axisSpec(plan, "x", { grid: true, title: section.xLabel, titlePadding: 8 });
  const { rows, height } = layOut(section.bars, width);
  const from = { data: "bars" };
  const zero = { scale: "x", value: 0 };
  const low = { scale: "x", field: "low" };
  const high = { scale: "x", field: "high" };
  const opacity = [{ test: "datum.banded", value: 1 }, { value: 0 }];
  const stroke = { stroke: { field: "color" }, strokeWidth: { value: 2 }, opacity };
  const caps = [low, high].map((x, i): Mark => {
    const span = { y: { field: "middle", offset: -4 }, y2: { field: "middle", offset: 4 } };
    return { type: "rule", name: `cap-${i}`, from, encode: { update: { x, ...span, ...stroke } } };
  });
  const ink = { fill: { value: "var(--ink)" }, fontSize: { value: fontSize } };
  return {
    width: inner,
    height,
    padding: { left: edge, right: edge, top: 0, bottom: 44 },
    data: [{ name: "bars", values: rows }],
    scales,
    axes: [axis],
    marks: [
      {
        type: "rect",
        name: "bar",
        from,
        encode: {
          update: {
            x: zero,
            x2: { scale: "x", field: "value" },
            y: { field: "top" },
            y2: { field: "bottom" },
            fill: { field: "color" },
            // Pale if an interval is drawn over the bar in the same colour.
            fillOpacity: [{ test: "datum.banded", value: 0.45 }, { value: 1 }],
          },
        },
      },
      {
        type: "rule",
        name: "interval",
        from,
        encode: { update: { x: low, x2: high, y: { field: "middle" }, ...stroke } },
      },
      ...caps,
      {
        type: "rule",
        name: "zero",
        from,
        encode: {
          update: {
            x: zero,
            y: { field: "top", offset: -3 },
            y2: { field: "bottom", offset: 3 },
            stroke: { value: "var(--ink)" },
          },
        },
      },
      {
        type: "text",
        name: haloed,
        from,
        encode: {
          update: {
            ...ink,
            x: { value: -edge },
            y: { field: "baseline" },
            text: { field: "label" },
            lineHeight: { value: lineHeight },
          },
        },
      },
      {
        type: "text",
        name: `${haloed}-value`,
        from,
        encode: {
          update: {
            ...ink,
            x: { value: inner + edge },
            y: { field: "textBaseline" },
            align: { value: "right" },
            text: { field: "text" },
          },
        },
      },
    ],
  };
}
