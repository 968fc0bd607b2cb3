/** @file The environments of this project, registered, and what a user needs to add another. */

import { register } from "../src/rollout/registry.js";
import { cartPole, cartPoleOptions } from "./classic-control/cartpole.js";
import { pendulum, pendulumOptions } from "./classic-control/pendulum.js";
import { corridor, corridorOptions } from "./gridworld/corridor.js";
import { gridworld, gridworldOptions } from "./gridworld/gridworld.js";
import {
  frozenLake,
  frozenLake8x8,
  frozenLake8x8Options,
  frozenLakeOptions,
} from "./toy-text/frozen-lake.js";

register({
  id: "CartPole-v1",
  summary: "balance a pole on a cart by pushing it left or right",
  options: cartPoleOptions,
  make: cartPole,
});
register({
  id: "Pendulum-v1",
  summary: "swing a pendulum up with a weak motor and hold it there",
  options: pendulumOptions,
  make: pendulum,
});
register({
  id: "Gridworld-v0",
  summary: "a slippery room with walls and lava; any map, or random ones; exact model",
  options: gridworldOptions,
  make: gridworld,
});
register({
  id: "Corridor-v0",
  summary: "a long path between ledges, on which a clone's errors compound; exact model",
  options: corridorOptions,
  make: corridor,
});
register({
  id: "FrozenLake-v1",
  summary: "cross a slippery lake without falling into a hole; exact model",
  options: frozenLakeOptions,
  make: frozenLake,
});
register({
  id: "FrozenLake8x8-v1",
  summary: "the same on the larger lake; exact model",
  options: frozenLake8x8Options,
  make: frozenLake8x8,
});

export { type AdapterOptions, adaptEnvironment, type EnvironmentLike } from "../src/rollout/adapter.js";
export { type CheckOptions, checkEnv, type Finding, formatFindings } from "../src/rollout/check-env.js";
export {
  type EnvironmentSource,
  type EnvironmentSpec,
  envIds,
  envSpec,
  make,
  register,
} from "../src/rollout/registry.js";
export { makeVector, vectorOf } from "../src/rollout/vector.js";
export { cartPole, corridor, frozenLake, frozenLake8x8, gridworld, pendulum };
