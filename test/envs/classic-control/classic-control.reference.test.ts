/** @file Classic control against episodes of Gymnasium 1.3 with the same states and actions. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { acrobot } from "../../../envs/classic-control/acrobot.js";
import { cartPole } from "../../../envs/classic-control/cartpole.js";
import { mountainCar, mountainCarContinuous } from "../../../envs/classic-control/mountain-car.js";
import { pendulum } from "../../../envs/classic-control/pendulum.js";
import type { Environment } from "../../../src/env/contracts.js";

interface Episode {
  options: Record<string, unknown>;
  state: number[];
  actions: number[];
  observations: number[][];
  rewards: number[];
  terminated: boolean;
}

const episodesOf = (name: string): Episode[] =>
  JSON.parse(readFileSync(new URL(`../../data-files/classic-control/${name}.json`, import.meta.url), "utf8"))
    .episodes;

/** Gymnasium's options under our names. */
const renamed = (options: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      { sutton_barto_reward: "suttonBartoReward", g: "gravity", goal_velocity: "goalVelocity" }[name] ??
        "dynamics",
      value,
    ]),
  );

const makers: Record<string, (options: object) => Environment> = {
  cartpole: cartPole,
  pendulum,
  "mountain-car": mountainCar,
  "mountain-car-continuous": mountainCarContinuous,
  acrobot,
};

describe.each(Object.keys(makers))("%s", (name) => {
  it.each(episodesOf(name))("steps from $state with $options as Gymnasium does", (episode) => {
    const environment = makers[name](renamed(episode.options));
    environment.reset({ options: { state: episode.state } });
    for (const [step, action] of episode.actions.entries()) {
      const result = environment.step(action);
      const observation = result.observation as Float32Array;
      expect([step, ...observation]).toEqual([step, ...episode.observations[step].map(Math.fround)]);
      expect(result.reward).toBeCloseTo(episode.rewards[step], 9);
      expect(result.terminated).toBe(episode.terminated && step === episode.actions.length - 1);
    }
  });
});
