/** @file The picture of docs/reference/environments/task-families.md: the goals of GridNavi, and a trial. */

import { type GridTask, gridNavi, gridNaviClusters } from "../../envs/tasks/grid-navi.js";
import { gridPicture } from "../../envs/tasks/grid-picture.js";
import type { Environment } from "../../src/env/contracts.js";
import { createRng } from "../../src/random/rng.js";
import { sideBySide } from "../lib/side-by-side.js";

const SIZE = 5;

/** The possible goal cells of each cluster. */
function goalsOf({ tasks }: Environment): number[][] {
  const rng = createRng("goals");
  const cells = Array.from({ length: tasks!.clusters }, () => new Set<number>());
  for (let draw = 0; draw < 2000; draw++) {
    const { cluster, goal } = tasks!.sampleTask(rng) as GridTask;
    cells[cluster].add(goal);
  }
  return cells.map((set) => [...set]);
}

/** A path along the rows, upwards, that finds any goal in a trial. */
function sweep(steps: number): number[] {
  const actions: number[] = [];
  for (let right = true; actions.length < steps; right = !right) {
    actions.push(...new Array<number>(SIZE - 1).fill(right ? 1 : 3), 0);
  }
  return actions.slice(0, steps);
}

/** The cells of a first episode that sweeps the grid. */
function firstEpisode(goal: number): string {
  const environment = gridNavi();
  environment.setTask!({ goal });
  const path = [environment.reset().observation as number];
  for (const action of sweep(15)) path.push(environment.step(action).observation as number);
  return gridPicture(SIZE, { goals: [[goal]], path, at: path[path.length - 1] });
}

export async function pictures(): Promise<{ [name: string]: string }> {
  const picture = sideBySide([
    { title: "GridNavi-v0: start, goals", svg: gridPicture(SIZE, { at: 20, goals: goalsOf(gridNavi()) }) },
    {
      title: "GridNaviClusters-v0",
      svg: gridPicture(SIZE, { at: 12, goals: goalsOf(gridNaviClusters()) }),
    },
    { title: "15 steps of a sweep", svg: firstEpisode(8) },
  ]);
  return { "task-families.svg": picture };
}
