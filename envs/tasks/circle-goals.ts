/**
 * @file Goals about the origin, with or without clusters, for the point and the ant tasks.
 *
 * The clusters are those of Ant-Goal in MiLEt [Chu, Cai & Wang 2024]: the angle is π N(c, 0.2) with c uniform on 0.25,
 * 0.75, 1.25 and 1.75, where 0.2 is taken as the standard deviation. Centres are 0.5 apart, so the clusters overlap: 21 %
 * of the goals are nearer to the centre of another cluster. Without clusters, goals are uniform on the upper half of the
 * circle, as for the sparse point robot of PEARL [Rakelly et al. 2019], on the whole circle, or in the disc, as in
 * Ant-Goal of PEARL and VariBAD [Zintgraf et al. 2020].
 */

import * as z from "zod";
import { nonNegative } from "../../src/config/options.js";
import type { TaskFamily } from "../../src/env/contracts.js";
import { clusterField, taskChecker } from "../../src/env/task-families.js";
import type { Rng } from "../../src/random/rng.js";

/** Centres of the clusters of angles, in units of π rad. */
export const CLUSTER_CENTRES = [0.25, 0.75, 1.25, 1.75];
/** Standard deviation about the centre, in units of π rad, unless another is asked for. */
export const CLUSTER_SPREAD = 0.2;

/** Option `clusterSpread`; `clustered` is the option and its value with which it acts. */
export const clusterSpread = (clustered: string) =>
  nonNegative()
    .default(CLUSTER_SPREAD)
    .describe(
      `with ${clustered}: standard deviation of the angle about the centre of its cluster (units of π rad); clusters overlap unless it is small, such as 0.07`,
    );

/** An angle of a cluster (rad). */
export const clusterAngle = (cluster: number, spread: number, rng: Rng): number =>
  Math.PI * (CLUSTER_CENTRES[cluster] + spread * rng.normal());

/** The cluster whose centre is nearest to an angle (rad). */
export function nearestCentre(angle: number): number {
  const closeness = CLUSTER_CENTRES.map((centre) => Math.cos(angle - Math.PI * centre));
  return closeness.indexOf(Math.max(...closeness));
}

export const goalDistribution = () => z.enum(["clusters", "circle", "semicircle", "disc"]);

export interface GoalOptions {
  goals: z.output<ReturnType<typeof goalDistribution>>;
  /** Distance of the goals from the origin; with "disc" the largest one. */
  radius: number;
  clusterSpread: number;
}

/** A task: the goal [x, y] and the cluster from which it was drawn. */
export type GoalTask = { cluster: number; goal: [number, number] };

/** The task family of environment `id`. */
export function circleGoals(id: string, options: GoalOptions): TaskFamily<GoalTask> {
  const { goals, radius } = options;
  const isClustered = goals === "clusters";
  const clusters = isClustered ? CLUSTER_CENTRES.length : 1;
  const schema = z.strictObject({
    cluster: clusterField(clusters),
    goal: z.tuple([z.number(), z.number()]),
  });
  return {
    clusters,
    sampleTask(rng) {
      const cluster = rng.integer(clusters);
      const angle = sampleAngle(options, cluster, rng);
      const distance = goals === "disc" ? radius * Math.sqrt(rng.uniform()) : radius;
      return { cluster, goal: [distance * Math.cos(angle), distance * Math.sin(angle)] };
    },
    clusterOf: ({ cluster }) => cluster,
    ...(isClustered && { nearestCluster: ({ goal: [x, y] }) => nearestCentre(Math.atan2(y, x)) }),
    checkTask: taskChecker(id, schema),
  };
}

/** Draws the angle of a goal (rad). */
function sampleAngle({ goals, clusterSpread }: GoalOptions, cluster: number, rng: Rng): number {
  if (goals === "clusters") return clusterAngle(cluster, clusterSpread, rng);
  return Math.PI * ((goals === "semicircle" ? 1 : 2) * rng.uniform());
}
