/** @file Registry entries of the MuJoCo environments. */

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
    summary: "keep a pole on a cart upright by pushing the cart",
    listing: { observations: "Box(4)", actions: "Box(1)", limit: 1000 },
    options: invertedPendulumOptions,
    make: invertedPendulum,
  },
  {
    id: "InvertedDoublePendulum-v5",
    summary: "keep two poles, one on the other, upright on a cart by pushing the cart",
    listing: { observations: "Box(9)", actions: "Box(1)", limit: 1000 },
    options: invertedDoublePendulumOptions,
    make: invertedDoublePendulum,
  },
  {
    id: "Reacher-v5",
    summary: "bring the tip of a two-link arm to a target on the table",
    listing: { observations: "Box(10)", actions: "Box(2)", limit: 50 },
    options: reacherOptions,
    make: reacher,
  },
  {
    id: "Pusher-v5",
    summary: "push a cylinder to a goal with an arm of seven joints",
    listing: { observations: "Box(23)", actions: "Box(7)", limit: 100 },
    options: pusherOptions,
    make: pusher,
  },
  {
    id: "Swimmer-v5",
    summary: "propel a chain of three links through a viscous plane by bending it",
    listing: { observations: "Box(8)", actions: "Box(2)", limit: 1000 },
    options: swimmerOptions,
    make: swimmer,
  },
  {
    id: "Hopper-v5",
    summary: "hop forwards on one leg without falling",
    listing: { observations: "Box(11)", actions: "Box(3)", limit: 1000 },
    options: hopperOptions,
    make: hopper,
  },
  {
    id: "HalfCheetah-v5",
    summary: "run fast on a hind leg and a front leg",
    listing: { observations: "Box(17)", actions: "Box(6)", limit: 1000 },
    options: halfCheetahOptions,
    make: halfCheetah,
  },
  {
    id: "Walker2d-v5",
    summary: "walk forwards on two legs without falling",
    listing: { observations: "Box(17)", actions: "Box(6)", limit: 1000 },
    options: walker2dOptions,
    make: walker2d,
  },
  {
    id: "Ant-v5",
    summary: "run forward on four legs",
    listing: { observations: "Box(105)", actions: "Box(8)", limit: 1000 },
    options: antOptions,
    make: ant,
  },
  {
    id: "Humanoid-v5",
    summary: "walk forward on two legs, in space, without falling",
    listing: { observations: "Box(348)", actions: "Box(17)", limit: 1000 },
    options: humanoidOptions,
    make: humanoid,
  },
  {
    id: "HumanoidStandup-v5",
    summary: "get up from lying on the back",
    listing: { observations: "Box(348)", actions: "Box(17)", limit: 1000 },
    options: humanoidStandupOptions,
    make: humanoidStandup,
  },
  ...mujocoTasks,
];
