/** @file The classic control problems, for the registry. */

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
    options: cartPoleOptions,
    make: cartPole,
  },
  {
    id: "Pendulum-v1",
    summary: "swing a pendulum up with a weak motor and hold it there",
    options: pendulumOptions,
    make: pendulum,
  },
  {
    id: "MountainCar-v0",
    summary: "swing an underpowered car up a hill",
    options: mountainCarOptions,
    make: mountainCar,
  },
  {
    id: "MountainCarContinuous-v0",
    summary: "the same with a throttle, paying for its use",
    options: mountainCarContinuousOptions,
    make: mountainCarContinuous,
  },
  {
    id: "Acrobot-v1",
    summary: "swing the free end of two links above a bar by a motor in their joint",
    options: acrobotOptions,
    make: acrobot,
  },
];
