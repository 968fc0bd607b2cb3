/** @file Panels of curves, with intervals or with one faint curve per seed, as one SVG on a white background. */

import * as vega from "vega";
import { mean } from "../../index.js";

export interface Curve {
  name: string;
  colour: string;
  dashed?: boolean;
  /** Draws only the line, without interval and markers. */
  faint?: boolean;
  points: readonly { x: number; y: number; low?: number; high?: number }[];
}

export interface Panel {
  title: string;
  x: string;
  y: string;
  curves: readonly Curve[];
  /** Scale of the y axis. `symlog` is linear up to ± the given constant and logarithmic beyond. */
  yScale: { type: "log" } | { type: "symlog"; constant: number } | { type: "linear" };
  /** Scale of the x axis; linear axes start at 0. Unset: logarithmic, with a tick at each x. */
  xScale?: "log" | "linear";
  /** Value of a dashed horizontal line, such as a target score. */
  reference?: number;
  /** The y axis starts at this value or below. */
  from?: number;
}

/** The point at x with the mean of the values, and their range as its interval. */
export const rangeAt = (x: number, values: readonly number[]): Curve["points"][number] => ({
  x,
  y: mean(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

const [WIDTH, HEIGHT] = [270, 210];
const INK = "#24292f";
const font = "system-ui, sans-serif";

/** An SVG of the panels, `columns` in a row, with a legend below. */
export async function panels(given: readonly Panel[], columns: number): Promise<string> {
  const names = new Map(given.flatMap(({ curves }) => curves.map((curve) => [curve.name, curve] as const)));
  const spec: vega.Spec = {
    background: "#ffffff",
    padding: 14,
    layout: { columns, padding: 40 },
    marks: given.map(panelMark),
    scales: [
      {
        name: "names",
        type: "ordinal",
        domain: [...names.keys()],
        range: [...names.values()].map((c) => c.colour),
      },
    ],
    legends: [
      {
        stroke: "names",
        orient: "bottom",
        direction: "horizontal",
        columns: 2 * columns,
        symbolType: "stroke",
        labelLimit: 0,
        labelFont: font,
      },
    ],
    config: {
      axis: { labelFont: font, titleFont: font, labelColor: INK, titleColor: INK, titleFontWeight: "normal" },
    },
  };
  return new vega.View(vega.parse(spec), { renderer: "none" }).toSVG();
}

function panelMark({ title, x, y, curves, yScale, xScale = "log", reference, from }: Panel): vega.Mark {
  const points = curves.flatMap((curve) => curve.points);
  const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const ys = points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]);
  ys.push(...[reference, from].filter((level) => level !== undefined));
  const isLinear = xScale === "linear";
  const isSymlog = yScale.type === "symlog";
  const domain = [isSymlog ? Math.min(0, ...ys) : Math.min(...ys), Math.max(...ys)];
  return {
    type: "group",
    encode: { enter: { width: { value: WIDTH }, height: { value: HEIGHT } } },
    title: { text: title, font, fontSize: 13, anchor: "start", color: INK },
    scales: [
      { name: "x", type: xScale, range: [0, WIDTH], domain: [isLinear ? 0 : xs[0], xs[xs.length - 1]] },
      { name: "y", ...yScale, range: [HEIGHT, 0], domain, nice: !isSymlog, zero: false },
    ],
    axes: [
      {
        orient: "bottom",
        scale: "x",
        title: x,
        grid: true,
        // The prefix k is for steps; fractions must not get the prefix m.
        ...(isLinear
          ? { tickCount: 4, format: xs[xs.length - 1] < 1000 ? "~r" : "~s" }
          : { values: xs, format: "~r" }),
      },
      {
        orient: "left",
        scale: "y",
        title: y,
        format: "~r",
        grid: true,
        ...(isSymlog ? { values: symlogTicks(domain[1], yScale.constant) } : { tickCount: 5 }),
      },
    ],
    marks: [...(reference === undefined ? [] : [rule(reference)]), ...curves.flatMap(curveMarks)],
  };
}

const rule = (value: number): vega.Mark => ({
  type: "rule",
  encode: {
    enter: {
      x: { value: 0 },
      x2: { value: WIDTH },
      y: { scale: "y", value },
      stroke: { value: "#57606a" },
      strokeDash: { value: [4, 4] },
    },
  },
});

/** Ticks of a symlog axis: 0, powers of ten and 3 times these, from the end of the linear part on. */
function symlogTicks(largest: number, constant: number): number[] {
  const ticks = [0];
  for (let power = 10 ** Math.floor(Math.log10(constant)); power <= largest; power *= 10) {
    for (const tick of [power, 3 * power]) if (tick >= constant && tick <= largest) ticks.push(tick);
  }
  return ticks;
}

function curveMarks({ colour, dashed, faint, points }: Curve): vega.Mark[] {
  const at = { x: { scale: "x", field: "x" } };
  const values = points.map((point) => ({
    ...point,
    low: point.low ?? point.y,
    high: point.high ?? point.y,
  }));
  const marks: vega.Mark[] = [
    {
      type: "area",
      from: { data: "curve" },
      encode: {
        enter: {
          ...at,
          y: { scale: "y", field: "low" },
          y2: { scale: "y", field: "high" },
          fill: { value: colour },
          fillOpacity: { value: 0.15 },
        },
      },
    },
    {
      type: "line",
      from: { data: "curve" },
      encode: {
        enter: {
          ...at,
          y: { scale: "y", field: "y" },
          stroke: { value: colour },
          strokeWidth: { value: faint ? 1 : 2 },
          ...(faint && { strokeOpacity: { value: 0.35 } }),
          ...(dashed && { strokeDash: { value: [5, 4] } }),
        },
      },
    },
    {
      type: "symbol",
      from: { data: "curve" },
      encode: {
        enter: {
          ...at,
          y: { scale: "y", field: "y" },
          fill: { value: colour },
          size: { value: dashed ? 0 : 26 },
        },
      },
    },
  ];
  const shown = faint ? marks.filter(({ type }) => type === "line") : marks;
  return [{ type: "group", data: [{ name: "curve", values }], marks: shown }];
}
