/** @file Which algorithms the playground offers in an environment. */

import { describe, expect, it } from "vitest";
import { algorithmNames, loadDefinition } from "../../../algorithms/load.js";
import "../../../envs/register.js";
import { problemOf } from "../../../src/env/problem.js";
import { algorithmsFor, offered } from "../../../web/playground/choices.js";

const inEnvironment = async (env: string, hasExpert = false) =>
  algorithmsFor(await problemOf(env), hasExpert).join(" ");

describe("the playground", () => {
  it("offers algorithms of the catalogue", () => {
    const names = Object.values(offered).flat();
    expect(names.filter((name) => !algorithmNames.includes(name))).toEqual([]);
  });

  it("offers what learns in the spaces of the environment", async () => {
    expect(await inEnvironment("CartPole-v1")).toBe("ppo a2c dqn");
    expect(await inEnvironment("Pendulum-v1")).toBe("ppo a2c sac td3");
    expect(await inEnvironment("Gridworld-v0")).toBe("ppo a2c dqn qLearning sarsa valueIteration");
    expect(await inEnvironment("GridNavi-v0")).toBe("rl2 varibad");
  });

  it("offers imitation where there is an expert", async () => {
    expect(await inEnvironment("CartPole-v1", true)).toBe("ppo a2c dqn bc dagger gail airl sqil");
  });

  it("gives each algorithm all that it needs", async () => {
    for (const name of Object.values(offered).flat()) {
      const { needs = [], source } = (await loadDefinition(name))!;
      expect(needs.every((need) => need.includes("demonstrations") || need.includes("expert"))).toBe(true);
      expect(source).toBeUndefined();
    }
  });
});
