/** @file AIRL recovers a reward that transfers to other dynamics, where GAIL's does not. */

import { describe, expect, it } from "vitest";
import { learners, turnedAround } from "../../experiments/adversarial/turned-around.js";
import { softValueIteration, uniformTable } from "../../src/mdp/index.js";
import { underSeeds } from "../support/claim.js";

const { here, demonstrated, carriedOver } = turnedAround();

describe("a reward learnt on a grid, retrained with every action reversed", () => {
  it("leads to the goal if AIRL learnt it, not if GAIL did, and not if the demonstrations are random", async () => {
    const shown = await demonstrated(softValueIteration(here, { temperature: 0.05 }).policy);
    const aimless = await demonstrated(uniformTable(here));
    const { airl, gail, random } = await underSeeds(
      [0, 1],
      {
        airl: learners["airl, of states"](shown),
        gail: learners.gail(shown),
        random: learners["airl, of states"](aimless),
      },
      async (learner, seed) => (await carriedOver(learner, seed)).share,
    );
    expect(Math.min(...airl)).toBeGreaterThan(0.9);
    expect(Math.max(...gail)).toBeLessThan(0.5);
    // A reward that is all noise is somewhere the largest, which of 25 states is now and then the goal.
    expect(Math.min(...random)).toBeLessThan(0.2);
  }, 480_000);
});
