/** @file Axes: domains, round ticks that do not collide, and short tick labels. */

import type { Axis, Scale } from "vega";

export const axisFontSize = 12;

/** An upper estimate of the width of `text` in pixels. */
export function textWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.58;
}

/** A continuous axis: domain, tick values and tick labels. */
export interface AxisPlan {
  type: "linear" | "log";
  domain: [number, number];
  ticks: number[];
  labels: string[];
}

interface AxisOptions {
  log?: boolean;
  /** The length of the axis and the smallest distance between two ticks, in pixels. */
  length: number;
  spacing: number;
  /** The fraction of the length left free at each end; never extended across 0. */
  margin?: number;
  /** Ticks to use instead of round ones, if they are far enough apart. */
  preferred?: number[];
}

/** Multiples of 1, 2 or 5 times a power of ten, about `count` at most. */
function linearTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((multiple) => multiple * power >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten, with multiples by 2 and 5 or by 3 between them if there are few. */
function logTicks(low: number, high: number, count: number): number[] {
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.floor(Math.log10(high)) - first + 1 }, (_, i) => first + i);
  const inside = (multiples: number[], every = 1) =>
    powers
      .filter((_, i) => i % every === 0)
      .flatMap((power) => multiples.map((multiple) => Number(`${multiple}e${power}`)))
      .filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
  const fine = [[1, 2, 5], [1, 3], [1]]
    .map((multiples) => inside(multiples))
    .find((ticks) => ticks.length <= count);
  const ticks = fine ?? inside([1], Math.ceil(powers.length / count));
  return ticks.length > 1 ? ticks : linearTicks(low, high, count);
}

/** The short label of a tick: "50k", "0.25", "1e\u22126". */
function tickText(value: number, largest: number): string {
  if (value === 0) return "0";
  const [divisor, suffix] = largest >= 1e6 ? [1e6, "M"] : largest >= 1e4 ? [1e3, "k"] : [1, ""];
  const plain = largest < 1e9;
  const scaled = Number((plain ? value / divisor : value).toPrecision(6));
  const exponential = Math.abs(scaled) < 1e-3 || Math.abs(scaled) >= 1e6;
  const text = exponential ? scaled.toExponential().replace("e+", "e") : String(scaled);
  return text.replaceAll("-", "\u2212") + (plain ? suffix : "");
}

function domainOf(values: number[], log: boolean, margin: number): [number, number] {
  let low = values.reduce((a, b) => Math.min(a, b));
  let high = values.reduce((a, b) => Math.max(a, b));
  if (log) {
    const factor = low === high ? 2 : (high / low) ** margin;
    return [low / factor, high * factor];
  }
  if (low === high) [low, high] = low === 0 ? [-1, 1] : [Math.min(0, low), Math.max(0, high)];
  // An axis that starts near 0 starts at 0.
  if (low > 0 && low < 0.25 * high) low = 0;
  if (high < 0 && high > 0.25 * low) high = 0;
  const free = (high - low) * margin;
  return [
    low >= 0 ? Math.max(0, low - free) : low - free,
    high <= 0 ? Math.min(0, high + free) : high + free,
  ];
}

/** Plans an axis over finite `values`, at least one, all above 0 when `log`. */
export function planAxis(values: number[], options: AxisOptions): AxisPlan {
  const { log = false, length, spacing, margin = 0, preferred = [] } = options;
  const domain = domainOf(values, log, margin);
  const [low, high] = domain;
  const count = Math.max(2, Math.floor(length / spacing));
  const apart = preferred.slice(1).every((tick, i) => {
    const before = preferred[i];
    return (
      (log ? Math.log(tick / before) / Math.log(high / low) : (tick - before) / (high - low)) * length >=
      spacing / 2
    );
  });
  const round = log ? logTicks(low, high, count) : linearTicks(low, high, count);
  const ticks = preferred.length > 0 && apart ? preferred : round;
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return {
    type: log ? "log" : "linear",
    domain,
    ticks,
    labels: ticks.map((tick) => tickText(tick, log ? Math.abs(tick) : largest)),
  };
}

/** The width or height needed by the labels of the axis, in pixels. */
export function labelRoom(axis: AxisPlan): number {
  return Math.max(0, ...axis.labels.map((label) => textWidth(label, axisFontSize)));
}

/** The Vega scales and axis of a plan: positions under `name`, the ticks' text under `nameText`. */
export function axisSpec(
  plan: AxisPlan,
  name: "x" | "y",
  options: Partial<Axis> = {},
): { scales: Scale[]; axis: Axis } {
  const range = name === "x" ? "width" : "height";
  return {
    scales: [
      { name, type: plan.type, domain: plan.domain, range, zero: false, nice: false } as Scale,
      { name: `${name}Text`, type: "ordinal", domain: plan.ticks, range: plan.labels },
    ],
    axis: {
      scale: name,
      orient: name === "x" ? "bottom" : "left",
      values: plan.ticks,
      labelOverlap: false,
      encode: { labels: { update: { text: { scale: `${name}Text`, field: "value" } } } },
      ...options,
    },
  };
}
