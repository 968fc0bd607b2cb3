/** @file Learning curves as SVG, a panel a task: every seed faint, and the interquartile mean over them. */

import * as vega from "vega";
import { iqm } from "../../index.js";

export interface Learner {
  name: string;
  colour: string;
  /** A curve a seed, all with the same steps. */
  curves: readonly (readonly (readonly [steps: number, value: number])[])[];
}

export interface Panel {
  title: string;
  learners: readonly Learner[];
  /** A dashed line, such as a score to reach. */
  reference?: number;
}

const [WIDTH, HEIGHT, COLUMNS] = [230, 150, 3];
const INK = "#24292f";
const font = "system-ui, sans-serif";

/** The panels in rows of three, on white. */
export async function learningCurves(panels: readonly Panel[]): Promise<string> {
  const spec: vega.Spec = {
    background: "#ffffff",
    padding: 12,
    layout: { columns: COLUMNS, padding: 34 },
    marks: panels.map(panelMark),
    config: { axis: { labelFont: font, titleFont: font, labelColor: INK, titleColor: INK } },
  };
  return new vega.View(vega.parse(spec), { renderer: "none" }).toSVG();
}

function panelMark({ title, learners, reference }: Panel): vega.Mark {
  const points = learners.flatMap(({ curves }) => curves.flat());
  const values = [...points.map(([, value]) => value), ...(reference === undefined ? [] : [reference])];
  return {
    type: "group",
    encode: { enter: { width: { value: WIDTH }, height: { value: HEIGHT } } },
    title: { text: title, font, fontSize: 13, anchor: "start", color: INK },
    scales: [
      { name: "x", type: "linear", range: [0, WIDTH], domain: [0, Math.max(...points.map(([x]) => x))] },
      {
        name: "y",
        type: "linear",
        range: [HEIGHT, 0],
        nice: true,
        zero: false,
        domain: [Math.min(...values), Math.max(...values)],
      },
    ],
    axes: [
      { orient: "bottom", scale: "x", tickCount: 4, format: "~s", title: "environment steps", grid: true },
      { orient: "left", scale: "y", tickCount: 5, grid: true },
    ],
    marks: [
      ...(reference === undefined ? [] : [rule(reference)]),
      ...learners.flatMap(({ colour, curves }) => [
        ...curves.map((curve) => line(curve, colour, 1, 0.35)),
        line(middle(curves), colour, 2.2, 1),
      ]),
      ...(learners.length > 1 ? learners.map(nameMark) : []),
    ],
  };
}

/** The interquartile mean at each of the steps that every curve has. */
function middle(curves: Learner["curves"]): [number, number][] {
  return curves[0]
    .map(([x], k): [number, number[]] => [x, curves.flatMap((curve) => (k in curve ? [curve[k][1]] : []))])
    .filter(([, ys]) => ys.length === curves.length)
    .map(([x, ys]) => [x, iqm(ys)]);
}

function line(
  points: readonly (readonly [number, number])[],
  colour: string,
  width: number,
  opacity: number,
): vega.Mark {
  return {
    type: "group",
    data: [{ name: "curve", values: points.map(([x, y]) => ({ x, y })) }],
    marks: [
      {
        type: "line",
        from: { data: "curve" },
        encode: {
          enter: {
            x: { scale: "x", field: "x" },
            y: { scale: "y", field: "y" },
            stroke: { value: colour },
            strokeWidth: { value: width },
            strokeOpacity: { value: opacity },
          },
        },
      },
    ],
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

const nameMark = ({ name, colour }: Learner, i: number): vega.Mark => ({
  type: "text",
  encode: {
    enter: {
      x: { value: WIDTH - 4 },
      y: { value: HEIGHT - 10 - 15 * i },
      align: { value: "right" },
      text: { value: name },
      font: { value: font },
      fontSize: { value: 12 },
      fontWeight: { value: 600 },
      fill: { value: colour },
    },
  },
});
