/** @file The picture of docs/reference/environments/points.md: goals in clusters, and paths past a wall. */

import { pointPicture } from "../../envs/points/picture.js";
import { pointGoal } from "../../envs/points/point-goal.js";
import { pointNavigation } from "../../envs/points/point-navigation.js";
import type { GoalTask } from "../../envs/tasks/circle-goals.js";
import { CLUSTER_COLOURS } from "../../envs/tasks/grid-picture.js";
import { createRng } from "../../src/random/rng.js";
import { sideBySide } from "../lib/side-by-side.js";

const GOALS = 300;
const PATHS = 6;
const WALL: [number, number, number, number] = [-0.1, -0.5, 0.1, 1];

function goalsInClusters(): string {
  const { tasks } = pointGoal();
  const rng = createRng("goals");
  const dots = Array.from({ length: GOALS }, () => {
    const { cluster, goal } = tasks!.sampleTask(rng) as GoalTask;
    const [x, y] = goal.map((value) => value.toFixed(3)).map(Number);
    return `<circle cx="${x}" cy="${-y}" r="0.025" fill="${CLUSTER_COLOURS[cluster]}" fill-opacity="0.6"/>`;
  });
  return pointPicture({ position: [0, 0], below: dots.join("\n") });
}

/** A controller: straight to the goal, but around the end of the wall from its far side. */
function steer([x, y]: readonly number[], goal: readonly number[]): number[] {
  const [targetX, targetY] = x < 0.15 ? (y > -0.6 ? [-0.3, -0.75] : [0.3, -0.75]) : goal;
  const [dx, dy] = [10 * (targetX - x), 10 * (targetY - y)];
  const size = Math.max(1, Math.abs(dx), Math.abs(dy));
  return [dx / size, dy / size];
}

function pathsPastTheWall(): string {
  const goal: [number, number] = [0.8, 0.8];
  const environment = pointNavigation({ goal, walls: [WALL] });
  const lines = Array.from({ length: PATHS }, (_, path) => {
    let at = Array.from(environment.reset({ seed: path }).observation as Float32Array);
    const points = [at];
    for (let ended = false; !ended; points.push(at)) {
      const { observation, terminated, truncated } = environment.step(steer(at, goal));
      at = Array.from(observation as Float32Array);
      ended = terminated || truncated;
    }
    const shown = points.map(([x, y]) => `${x.toFixed(3)},${(-y).toFixed(3)}`).join(" ");
    const [x, y] = points[0].map((value) => value.toFixed(3));
    return (
      `<polyline points="${shown}" fill="none" stroke="#0969da" stroke-width="0.012"/>` +
      `<circle cx="${x}" cy="${-Number(y)}" r="0.025" fill="#0969da"/>`
    );
  });
  return pointPicture({ goal, goalRadius: 0.1, walls: [WALL], below: lines.join("\n") });
}

export async function pictures(): Promise<{ [name: string]: string }> {
  const picture = sideBySide([
    { title: `PointGoal-v0: ${GOALS} goals, by cluster`, svg: goalsInClusters() },
    { title: "PointNavigation-v0 with a wall", svg: pathsPastTheWall() },
  ]);
  return { "points.svg": picture };
}
