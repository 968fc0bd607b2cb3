/** @file Curves with interval bands, markers and reference lines. */

import type { Mark, Scale, Spec } from "vega";
import { axisSpec, labelRoom, planAxis } from "./axis.js";
import { haloed, lineDashes, markerShapes, seriesColor } from "./chart.js";
import type { CurvePoint, CurvesSection, Series } from "./types.js";

/** Series with more points than this have no markers and are distinguished by dashes. */
const mostMarkers = 30;
/** If there are at most this many different x values, they are the ticks. */
const mostOwnTicks = 8;
/** The largest number of points of a drawn series: more than the pixels of a chart would only enlarge the file. */
const mostPoints = 600;

/** The look of each series, shared by the chart and its legend. */
export interface SeriesLook {
  name: string;
  color: string;
  width: number;
  dash: number[];
  shape: string | null;
  band: boolean;
}

const hasInterval = ({ low, high }: CurvePoint) => Number.isFinite(low) && Number.isFinite(high);

export function seriesLooks(section: CurvesSection): SeriesLook[] {
  let index = 0;
  return section.series.map(({ name, points, faint }) => {
    if (faint) return { name, color: "var(--faint)", width: 1, dash: [], shape: null, band: false };
    const i = index++;
    const markers = points.length <= mostMarkers;
    return {
      name,
      color: seriesColor(i),
      width: 2,
      dash: markers ? [] : lineDashes[i % lineDashes.length],
      shape: markers ? markerShapes[i % markerShapes.length] : null,
      band: points.some(hasInterval),
    };
  });
}

/** Whether a point can be drawn on the section's axes. */
export function drawable({ x, y }: CurvePoint, { logX, logY }: CurvesSection): boolean {
  return Number.isFinite(x) && Number.isFinite(y) && (!logX || x > 0) && (!logY || y > 0);
}

/** Every k-th point and the last one, at most about `mostPoints`. */
function thin(points: CurvePoint[]): CurvePoint[] {
  const stride = Math.ceil(points.length / mostPoints);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

/** A series as Vega data. Points that cannot be drawn are marked, and interrupt the line. */
function rows(series: Series, section: CurvesSection, floor: number) {
  return thin(series.points).map((point) => {
    const ok = drawable(point, section);
    const banded = ok && hasInterval(point);
    // On a logarithmic axis, a band that reaches 0 or below is drawn to the edge.
    const low = banded ? Math.max(point.low!, floor) : 0;
    return ok
      ? { x: point.x, y: point.y, low, high: banded ? point.high : 0, ok, banded }
      : { x: 0, y: 0, low: 0, high: 0, ok, banded };
  });
}

/** The marks of a series: its band and line over one set of data, its markers over another. */
function seriesMarks(look: SeriesLook, lineData: string, markerData: string): Mark[] {
  const x = { scale: "x", field: "x" };
  const y = { scale: "y", field: "y" };
  const color = { value: look.color };
  const marks: Mark[] = [];
  if (look.band) {
    const span = { x, y: { scale: "y", field: "low" }, y2: { scale: "y", field: "high" } };
    const fill = { fill: color, fillOpacity: { value: 0.16 }, defined: { field: "banded" } };
    marks.push({
      type: "area",
      name: `band-${lineData}`,
      from: { data: lineData },
      encode: { update: { ...span, ...fill } },
    });
  }
  const dash = look.dash.length > 0 ? { strokeDash: { value: look.dash } } : {};
  const pen = { stroke: color, strokeWidth: { value: look.width }, strokeJoin: { value: "round" as const } };
  marks.push({
    type: "line",
    name: `line-${lineData}`,
    from: { data: lineData },
    encode: { update: { x, y, ...pen, ...dash, defined: { field: "ok" } } },
  });
  if (look.shape !== null) {
    const symbol = { shape: { value: look.shape }, size: { value: 52 }, fill: color };
    const edge = { stroke: { value: "var(--paper)" }, strokeWidth: { value: 1 } };
    marks.push({
      type: "symbol",
      name: `markers-${lineData}`,
      from: { data: markerData },
      encode: { update: { x, y, ...symbol, ...edge } },
    });
  }
  return marks;
}

/** A short sample of a series for the legend, in the style of the chart. */
export function swatchSpec(look: SeriesLook): Spec {
  const at = (x: number) => ({ x, y: 0.5, low: 0, high: 1, ok: true, banded: true });
  return {
    width: 26,
    height: 12,
    data: [
      { name: "ends", values: [at(0), at(1)] },
      { name: "middle", values: [at(0.5)] },
    ],
    scales: [
      { name: "x", type: "linear", domain: [0, 1], range: "width" },
      { name: "y", type: "linear", domain: [0, 1], range: "height" },
    ],
    marks: seriesMarks(look, "ends", "middle"),
  };
}

/** The positions of reference lines; labels are above the line, or below it to avoid another label. */
function referenceRows(references: { y: number; label: string }[], position: (y: number) => number) {
  const taken: number[] = [];
  return references.map(({ y, label }) => {
    const at = position(y);
    const free = (candidate: number) => taken.every((other) => Math.abs(other - candidate) >= 14);
    const baseline = [at - 5, at + 14].find(free) ?? at - 5;
    taken.push(baseline);
    return { at, label, baseline };
  });
}

function referenceMarks(width: number): Mark[] {
  const from = { data: "references" };
  const rule = { x: { value: 0 }, x2: { value: width }, y: { field: "at" } };
  const stroke = {
    stroke: { value: "var(--ink)" },
    strokeDash: { value: [4, 4] },
    strokeWidth: { value: 1 },
  };
  const place = { x: { value: width }, y: { field: "baseline" }, align: { value: "right" as const } };
  const text = { text: { field: "label" }, fontSize: { value: 12 } };
  return [
    { type: "rule", name: "reference", from, encode: { update: { ...rule, ...stroke } } },
    {
      type: "text",
      name: haloed,
      from,
      encode: { update: { ...place, ...text, fill: { value: "var(--ink)" } } },
    },
  ];
}

/** The chart of a section at a total `width` in pixels, or null when it has no point to draw. */
export function curvesSpec(section: CurvesSection, width: number): Spec | null {
  const points = section.series.flatMap((series) =>
    series.points.filter((point) => drawable(point, section)),
  );
  if (points.length === 0) return null;
  const { logX = false, logY = false } = section;
  const references = (section.references ?? []).filter(({ y }) => Number.isFinite(y) && (!logY || y > 0));
  const ys = points.flatMap((point) => (hasInterval(point) ? [point.y, point.low!, point.high!] : [point.y]));
  ys.push(...references.map(({ y }) => y));
  const height = section.compact ? 150 : Math.round(Math.min(320, width * 0.62));
  const yPlan = planAxis(logY ? ys.filter((y) => y > 0) : ys, {
    log: logY,
    length: height,
    spacing: 36,
    margin: 0.04,
  });
  const left = Math.ceil(labelRoom(yPlan)) + 10;
  const right = 18;
  const inner = width - left - right;
  const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const preferred = xs.length <= mostOwnTicks ? xs : [];
  const xPlan = planAxis(xs, { log: logX, length: inner, spacing: 60, preferred });
  const x = axisSpec(xPlan, "x", {
    title: section.xLabel,
    titlePadding: 8,
    ticks: true,
    tickColor: "var(--grid)",
  });
  const y = axisSpec(yPlan, "y", { grid: true });
  const [low, high] = yPlan.domain;
  const looks = seriesLooks(section);
  const share = (value: number) =>
    logY ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  const position = (value: number) => height * (1 - share(value));
  const data = section.series.flatMap((series, i) => {
    const values = rows(series, section, logY ? low : Number.NEGATIVE_INFINITY);
    return [
      { name: `d${i}`, values },
      { name: `m${i}`, values: looks[i].shape === null ? [] : values.filter(({ ok }) => ok) },
    ];
  });
  const order = section.series
    .map((_, i) => i)
    .sort((a, b) => Number(!section.series[a].faint) - Number(!section.series[b].faint));
  const title: Mark = {
    type: "text",
    encode: {
      update: {
        text: { value: section.yLabel },
        x: { value: -left },
        y: { value: -14 },
        fontSize: { value: 12 },
        fill: { value: "var(--muted)" },
      },
    },
  };
  return {
    width: inner,
    height,
    padding: { left, right, top: section.yLabel ? 30 : 8, bottom: 44 },
    data: [...data, { name: "references", values: referenceRows(references, position) }],
    scales: [...x.scales, ...y.scales] as Scale[],
    axes: [y.axis, x.axis],
    marks: [
      title,
      ...order.flatMap((i) => seriesMarks(looks[i], `d${i}`, `m${i}`)),
      ...referenceMarks(inner),
    ],
  };
}
