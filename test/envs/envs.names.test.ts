/** @file The names of actions and of the entries of observations that the registered environments declare. */

import { describe, expect, it } from "vitest";
import { envIds, envSpec, make } from "../../envs/index.js";

const named = envIds().filter((id) => envSpec(id).names);

describe("names of actions and observations", () => {
  it("are declared by environments for human labelling", () => {
    expect(named).toEqual(
      expect.arrayContaining(["CartPole-v1", "FrozenLake-v1", "Gridworld-v0", "Taxi-v3"]),
    );
  });

  it.each(named)("%s has one name for each action and each entry of an observation", async (id) => {
    const { actions, observations } = envSpec(id).names ?? {};
    const { actionSpace, observationSpace } = await make(id);
    if (actions) expect(actionSpace).toMatchObject({ kind: "discrete", n: actions.length });
    if (!observations) return;
    if (observationSpace.kind === "tuple") expect(observationSpace.spaces).toHaveLength(observations.length);
    else expect(observationSpace).toMatchObject({ shape: [observations.length] });
  });
});
