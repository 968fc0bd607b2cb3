/** @file The expert of LaneKeeping-v0: it follows the curvature of the road and corrects offset and heading. */

import { actorCritic, NetworkPolicy } from "../../src/policies/index.js";
import { box } from "../../src/spaces/index.js";
import { AHEAD } from "./lane-keeping.js";

/** Steering per metre of offset and per radian of heading; the feedback is close to critical damping. */
const [PER_METRE, PER_RADIAN] = [-0.5, -3];

/** A linear policy with mean curvature − 0.5·offset − 3·heading, all as observed in LaneKeeping-v0. */
export function laneKeeper(): NetworkPolicy {
  const width = 2 + AHEAD.length;
  const settings = {
    observationSpace: box([width], -Infinity, Infinity),
    actionSpace: box([1], -1, 1),
    hidden: [],
    activation: "tanh" as const,
    critic: false,
  };
  const { layout } = actorCritic(settings);
  const weight = Float32Array.from({ length: width }, (_, i) => [PER_METRE, PER_RADIAN, 1][i] ?? 0);
  const parameters = layout.fromNamed({
    "actor.output.weight": { shape: [width, 1], data: weight },
    "actor.output.bias": { shape: [1], data: Float32Array.of(0) },
    "head.logStd": { shape: [1], data: Float32Array.of(-3) },
  });
  return new NetworkPolicy(settings, parameters);
}
