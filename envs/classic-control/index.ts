/** @file Registry entries of the classic control problems. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { acrobot, acrobotOptions } from "./acrobot.js";
import { cartPole, cartPoleOptions } from "./cartpole.js";
import {
  mountainCar,
  mountainCarContinuous,
  mountainCarContinuousOptions,
  mountainCarOptions,
} from "./mountain-car.js";
import { pendulum, pendulumOptions } from "./pendulum.js";

export const classicControl: EnvironmentSpec[] = [
  {
    id: "CartPole-v1",
    summary: "balance a pole on a cart by pushing it left or right",
    listing: { observations: "Box(4)", actions: "Discrete(2)", limit: 500 },
    names: {
      actions: ["left", "right"],
      observations: ["position", "velocity", "angle", "angular velocity"],
    },
    options: cartPoleOptions,
    make: cartPole,
  },
  {
    id: "Pendulum-v1",
    summary: "swing a pendulum up with a weak motor and hold it there",
    listing: { observations: "Box(3)", actions: "Box(1)", limit: 200 },
    names: { observations: ["cosine", "sine", "angular velocity"] },
    options: pendulumOptions,
    make: pendulum,
  },
  {
    id: "MountainCar-v0",
    summary: "swing an underpowered car up a hill",
    listing: { observations: "Box(2)", actions: "Discrete(3)", limit: 200 },
    names: { actions: ["left", "nothing", "right"], observations: ["position", "velocity"] },
    options: mountainCarOptions,
    make: mountainCar,
  },
  {
    id: "MountainCarContinuous-v0",
    summary: "MountainCar with a continuous force; each step costs 0.1 · force²",
    listing: { observations: "Box(2)", actions: "Box(1)", limit: 999 },
    names: { observations: ["position", "velocity"] },
    options: mountainCarContinuousOptions,
    make: mountainCarContinuous,
  },
  {
    id: "Acrobot-v1",
    summary: "swing the free end of two links above a bar with a motor in the joint between them",
    listing: { observations: "Box(6)", actions: "Discrete(3)", limit: 500 },
    names: { actions: ["push back", "nothing", "push forth"] },
    options: acrobotOptions,
    make: acrobot,
  },
];
