/** @file The MuJoCo environments, for the registry. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { ant, antOptions } from "./ant.js";
import { halfCheetah, halfCheetahOptions } from "./half-cheetah.js";
import { hopper, hopperOptions } from "./hopper.js";
import { humanoid, humanoidOptions } from "./humanoid.js";
import { humanoidStandup, humanoidStandupOptions } from "./humanoid-standup.js";
import { invertedDoublePendulum, invertedDoublePendulumOptions } from "./inverted-double-pendulum.js";
import { invertedPendulum, invertedPendulumOptions } from "./inverted-pendulum.js";
import { pusher, pusherOptions } from "./pusher.js";
import { reacher, reacherOptions } from "./reacher.js";
import { swimmer, swimmerOptions } from "./swimmer.js";
import { mujocoTasks } from "./tasks/index.js";
import { walker2d, walker2dOptions } from "./walker2d.js";

export const mujoco: EnvironmentSpec[] = [
  {
    id: "InvertedPendulum-v5",
    summary: "keep a pole upright by pushing the cart that it stands on",
    options: invertedPendulumOptions,
    make: invertedPendulum,
  },
  {
    id: "InvertedDoublePendulum-v5",
    summary: "keep two poles, one on the other, upright by pushing the cart below",
    options: invertedDoublePendulumOptions,
    make: invertedDoublePendulum,
  },
  {
    id: "Reacher-v5",
    summary: "bring the tip of a two-link arm to a target on the table",
    options: reacherOptions,
    make: reacher,
  },
  {
    id: "Pusher-v5",
    summary: "push a cylinder to a goal with an arm of seven joints",
    options: pusherOptions,
    make: pusher,
  },
  {
    id: "Swimmer-v5",
    summary: "propel a chain of three links through a viscous plane by bending it",
    options: swimmerOptions,
    make: swimmer,
  },
  {
    id: "Hopper-v5",
    summary: "hop forwards on one leg without falling",
    options: hopperOptions,
    make: hopper,
  },
  {
    id: "HalfCheetah-v5",
    summary: "run fast on a hind leg and a front leg",
    options: halfCheetahOptions,
    make: halfCheetah,
  },
  {
    id: "Walker2d-v5",
    summary: "walk forwards on two legs without falling",
    options: walker2dOptions,
    make: walker2d,
  },
  {
    id: "Ant-v5",
    summary: "run forward on four legs",
    options: antOptions,
    make: ant,
  },
  {
    id: "Humanoid-v5",
    summary: "walk forward on two legs, in space, without falling",
    options: humanoidOptions,
    make: humanoid,
  },
  {
    id: "HumanoidStandup-v5",
    summary: "get up from lying on the back",
    options: humanoidStandupOptions,
    make: humanoidStandup,
  },
  ...mujocoTasks,
];
