/**
 * @file Families of running directions, with or without clusters. The clusters are those of Humanoid-Dir in MiLEt
 * [Chu, Cai & Wang 2024; Chu 2024, §3.3.5]: four evenly spaced directions with the spread of the goals of Ant-Goal, so
 * the angle is π N(c, 0.2) with c one of 0.25, 0.75, 1.25 and 1.75. Without clusters directions are uniform on the
 * circle, as in Ant-Dir of PEARL [Rakelly et al. 2019]; "forward-backward" is that of [Finn, Abbeel & Levine 2017,
 * §5.3].
 */

import * as z from "zod";
import type { TaskFamily } from "../../../src/env/contracts.js";
import { clusterField, taskChecker } from "../../../src/env/task-families.js";
import { CLUSTER_CENTRES, CLUSTER_SPREAD, clusterAngle, nearestCentre } from "../../tasks/circle-goals.js";
import type { Rules } from "../environment.js";
import { withAim } from "./task-rules.js";

const CLUSTERS = { clusters: CLUSTER_CENTRES.length, circle: 1, "forward-backward": 2 } as const;

export const directionDistribution = () => z.enum(["clusters", "circle", "forward-backward"]);

interface DirectionOptions {
  directions: z.output<ReturnType<typeof directionDistribution>>;
  clusterSpread?: number;
}

/** A task: the direction (rad, from the x axis towards the y axis) and the cluster from which it was drawn. */
export type DirectionTask = { cluster: number; angle: number };

/** The task family of environment `id`. */
export function directions(
  id: string,
  { directions: which, clusterSpread = CLUSTER_SPREAD }: DirectionOptions,
): TaskFamily<DirectionTask> {
  const clusters = CLUSTERS[which];
  const schema = z.strictObject({ cluster: clusterField(clusters), angle: z.number() });
  return {
    clusters,
    sampleTask(rng) {
      const cluster = rng.integer(clusters);
      if (which === "circle") return { cluster, angle: 2 * Math.PI * rng.uniform() };
      if (which === "forward-backward") return { cluster, angle: Math.PI * cluster };
      return { cluster, angle: clusterAngle(cluster, clusterSpread, rng) };
    },
    clusterOf: ({ cluster }) => cluster,
    ...(which === "clusters" && { nearestCluster: ({ angle }) => nearestCentre(angle) }),
    checkTask: taskChecker(id, schema),
  };
}

/** Adds `weight` times the velocity in the task's direction to the reward of `rules`, whose forward weight must be 0. */
export function inDirections(rules: Rules, weight: number, copies: number): Rules {
  const units = new Float64Array(2 * copies);
  return {
    ...withAim(rules, {
      reward: ({ copy, xVelocity, yVelocity }) =>
        weight * (units[2 * copy] * xVelocity + units[2 * copy + 1] * yVelocity),
    }),
    setTask(copy, task) {
      const { angle } = task as DirectionTask;
      units[2 * copy] = Math.cos(angle);
      units[2 * copy + 1] = Math.sin(angle);
    },
  };
}
