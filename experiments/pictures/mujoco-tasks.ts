/**
 * @file The picture of docs/reference/environments/mujoco-tasks.md: goals, directions and body parameters, by cluster.
 */

import { type DirectionTask, directions } from "../../envs/mujoco/tasks/directions.js";
import { type ScaleTask, scalings } from "../../envs/mujoco/tasks/rand-params.js";
import { CLUSTER_SPREAD, circleGoals } from "../../envs/tasks/circle-goals.js";
import { CLUSTER_COLOURS } from "../../envs/tasks/grid-picture.js";
import type { Task, TaskFamily } from "../../src/env/contracts.js";
import { createRng } from "../../src/random/rng.js";
import { sideBySide } from "../lib/side-by-side.js";

const SIDE = 260;
const INK = "#57606a";

function draw<T extends Task>(family: TaskFamily<T>, count: number): T[] {
  const rng = createRng("tasks");
  return Array.from({ length: count }, (_, k) => family.sampleTask(rng.stream("task", k)));
}

const text = (x: number, y: number, content: string) =>
  `<text x="${x}" y="${y}" font-family="system-ui, sans-serif" font-size="11" fill="${INK}">` +
  `${content}</text>`;

const panel = (...parts: string[]) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}" viewBox="0 0 ${SIDE} ${SIDE}">`,
    `<rect x="0.5" y="0.5" width="${SIDE - 1}" height="${SIDE - 1}" fill="#f6f8fa" stroke="#d0d7de"/>`,
    ...parts,
    "</svg>",
  ].join("\n");

/** Pixel coordinates of a position (m) on a floor of 5 m × 5 m, seen from above. */
const place = (x: number, y: number): [string, string] => [
  (SIDE * (0.5 + x / 5)).toFixed(1),
  (SIDE * (0.5 - y / 5)).toFixed(1),
];

const start = `<circle cx="${SIDE / 2}" cy="${SIDE / 2}" r="4" fill="#24292f"/>`;

function goals(which: "clusters" | "circle"): string {
  const dots = draw(circleGoals("ants", { goals: which, radius: 2, clusterSpread: CLUSTER_SPREAD }), 200).map(
    ({ cluster, goal }) => {
      const [x, y] = place(...goal);
      const colour = which === "clusters" ? CLUSTER_COLOURS[cluster] : INK;
      return `<circle cx="${x}" cy="${y}" r="3.2" fill="${colour}" fill-opacity="0.55"/>`;
    },
  );
  return panel(...dots, start);
}

function headings(): string {
  const lines = draw(directions("humanoids", { directions: "clusters" }), 60).map(
    ({ cluster, angle }: DirectionTask) => {
      const [x, y] = place(2 * Math.cos(angle), 2 * Math.sin(angle));
      const colour = CLUSTER_COLOURS[cluster];
      return (
        `<line x1="${SIDE / 2}" y1="${SIDE / 2}" x2="${x}" y2="${y}" stroke="${colour}" stroke-opacity="0.6"/>` +
        `<circle cx="${x}" cy="${y}" r="3.2" fill="${colour}"/>`
      );
    },
  );
  return panel(...lines, start);
}

/** Factors of several hoppers of each cluster on a logarithmic axis, one row per hopper. */
function builds(): string {
  const names = ["body mass", "damping", "inertia", "friction"];
  const left = 12;
  const right = SIDE - 12;
  const bottom = SIDE - 26;
  const along = (factor: number) =>
    (left + (right - left) * (0.5 + Math.log(factor) / (2 * Math.log(4)))).toFixed(1);
  const tasks = draw(scalings("hoppers", [5, 6, 15, 15], { factors: "log-uniform", logScaleLimit: 3 }), 60);
  const rows = names.flatMap((name, cluster) => {
    const top = 8 + (cluster * bottom) / 4;
    const own = tasks.filter((task: ScaleTask) => task.cluster === cluster).slice(0, 3);
    const dots = own.flatMap(({ scales }, row) =>
      scales.map(
        (factor) =>
          `<circle cx="${along(factor)}" cy="${(top + 20 + 11 * row).toFixed(1)}" r="2.8" ` +
          `fill="${CLUSTER_COLOURS[cluster]}" fill-opacity="0.7"/>`,
      ),
    );
    return [text(left, top + 8, name), ...dots];
  });
  const axis = [0.5, 1, 2].map(
    (factor) =>
      `<line x1="${along(factor)}" y1="4" x2="${along(factor)}" y2="${bottom + 4}" stroke="#d0d7de"/>` +
      text(Number(along(factor)), SIDE - 8, `× ${factor}`),
  );
  return panel(...axis, ...rows);
}

export async function pictures(): Promise<{ [name: string]: string }> {
  const picture = sideBySide([
    { title: "AntGoal-v0: 200 goals, by cluster", svg: goals("clusters") },
    { title: "AntU-v0: 200 goals", svg: goals("circle") },
    { title: "HumanoidDir-v0: 60 directions", svg: headings() },
    { title: "HopperRandParams-v0: factors of 12", svg: builds() },
  ]);
  return { "mujoco-tasks.svg": picture };
}
