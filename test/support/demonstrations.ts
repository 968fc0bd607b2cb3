/** @file Random demonstrations without an environment. */

import { type Demonstrations, demonstrationsOf } from "../../src/datasets/demonstrations.js";
import { createRng } from "../../src/random/rng.js";
import type { Trajectory } from "../../src/rollout/trajectory.js";
import {
  allocateActions,
  box,
  discrete,
  type Space,
  sampleInto,
  spaceWidth,
} from "../../src/spaces/index.js";

/** Episodes of 1 to 9 steps with observations, actions and rewards drawn from their spaces. */
export function randomDemonstrations({
  episodes = 5,
  seed = 0,
  observationSpace = box([3], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY) as Space,
  actionSpace = discrete(4) as Space,
} = {}): Demonstrations {
  const rng = createRng(seed);
  const rows = (space: Space, count: number, out: Float32Array | Int32Array) => {
    for (let i = 0; i < count; i++) sampleInto(space, rng, out, i * spaceWidth(space));
  };
  const trajectories = Array.from({ length: episodes }, (): Trajectory => {
    const steps = 1 + rng.integer(9);
    const observations = new Float32Array((steps + 1) * spaceWidth(observationSpace));
    const actions = allocateActions(actionSpace, steps);
    rows(observationSpace, steps + 1, observations);
    rows(actionSpace, steps, actions);
    const terminated = rng.uniform() < 0.5;
    const rewards = rng.fillNormal(new Float64Array(steps));
    return { observations, actions, rewards, terminated, truncated: !terminated };
  });
  return demonstrationsOf(trajectories, {
    env: "Random-v0",
    observationSpace,
    actionSpace,
    provenance: { seed },
  });
}
