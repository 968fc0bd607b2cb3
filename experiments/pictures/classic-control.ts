/** @file The pictures of docs/reference/environments/classic-control.md: one state of each problem. */

import { acrobot } from "../../envs/classic-control/acrobot.js";
import { cartPole } from "../../envs/classic-control/cartpole.js";
import { mountainCar } from "../../envs/classic-control/mountain-car.js";
import { pendulum } from "../../envs/classic-control/pendulum.js";
import type { Environment } from "../../src/env/contracts.js";
import type { Action } from "../../src/spaces/values.js";
import { sideBySide } from "../lib/side-by-side.js";

/** The picture of an environment after one action from a given state. */
function moment(environment: Environment, state: readonly number[], action: Action): string {
  environment.reset({ options: { state } });
  environment.step(action);
  return environment.renderSvg!();
}

export async function pictures(): Promise<Record<string, string>> {
  return {
    "cartpole.svg": moment(cartPole(), [0.6, 0.1, 0.12, 0.1], 1),
    "mountain-car.svg": moment(mountainCar(), [-0.95, 0.02], 2),
    "pendulum-acrobot.svg": sideBySide([
      { title: "Pendulum", svg: moment(pendulum(), [0.7, -0.5], [-1.6]) },
      { title: "Acrobot", svg: moment(acrobot(), [1.1, 1.2, 0.5, 0.5], 2) },
    ]),
  };
}
