/**
 * @file Goals on a circle about the origin, with or without clusters, for the point and the ant tasks.
 *
 * The clusters are those of Ant-Goal in MiLEt [Chu, Cai & Wang 2024]: the angle is π N(c, 0.2) with c uniform on 0.25,
 * 0.75, 1.25 and 1.75, where 0.2 is taken as the standard deviation. Centres are 0.5 apart, so the clusters overlap: 21 %
 * of the goals are nearer to the centre of another cluster. Without clusters, goals are uniform on the upper half of the
 * circle, as for the sparse point robot of PEARL [Rakelly et al. 2019], or on the whole circle.
 */

import * as z from "zod";
import type { TaskFamily } from "../../src/env/contracts.js";
import { clusterField, taskChecker } from "../../src/env/task-families.js";
import type { Rng } from "../../src/random/rng.js";

/** Centres of the clusters, in units of π rad. */
export const CLUSTER_CENTRES = [0.25, 0.75, 1.25, 1.75];
/** Standard deviation about the centre, in units of π rad. */
export const CLUSTER_SPREAD = 0.2;

export const goalDistribution = () => z.enum(["clusters", "circle", "semicircle"]);
export type GoalDistribution = z.output<ReturnType<typeof goalDistribution>>;

/** A task: the goal [x, y] and the cluster from which it was drawn. */
export type GoalTask = { cluster: number; goal: [number, number] };

/** The task family of environment `id`: goals at distance `radius` from the origin. */
export function circleGoals(id: string, goals: GoalDistribution, radius: number): TaskFamily<GoalTask> {
  const clusters = goals === "clusters" ? CLUSTER_CENTRES.length : 1;
  const schema = z.strictObject({
    cluster: clusterField(clusters),
    goal: z.tuple([z.number(), z.number()]),
  });
  return {
    clusters,
    sampleTask(rng) {
      const cluster = rng.integer(clusters);
      const angle = Math.PI * sampleAngle(goals, cluster, rng);
      return { cluster, goal: [radius * Math.cos(angle), radius * Math.sin(angle)] };
    },
    clusterOf: ({ cluster }) => cluster,
    checkTask: taskChecker(id, schema),
  };
}

/** Draws the angle of a goal, in units of π rad. */
function sampleAngle(goals: GoalDistribution, cluster: number, rng: Rng): number {
  if (goals === "clusters") return CLUSTER_CENTRES[cluster] + CLUSTER_SPREAD * rng.normal();
  return (goals === "circle" ? 2 : 1) * rng.uniform();
}
