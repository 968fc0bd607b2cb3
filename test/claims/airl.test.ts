/** @file AIRL recovers a reward that transfers to other dynamics, where GAIL's does not. */

import { describe, expect, it } from "vitest";
import { learners, turnedAround } from "../../experiments/adversarial/turned-around.js";
import { softValueIteration, uniformTable } from "../../src/mdp/index.js";

const { here, demonstrated, carriedOver } = turnedAround();
const share = async (...given: Parameters<typeof carriedOver>) => (await carriedOver(...given)).share;

describe("a reward learnt on a grid, retrained with every action reversed", () => {
  it("leads to the goal if AIRL learnt it, and away from it if GAIL did", async () => {
    const demonstrations = await demonstrated(softValueIteration(here, { temperature: 0.05 }).policy);
    for (const seed of [0, 1]) {
      expect(await share(learners["airl, of states"](demonstrations), seed)).toBeGreaterThan(0.9);
      expect(await share(learners.gail(demonstrations), seed)).toBeLessThan(0.5);
    }
  }, 120_000);

  it("does not lead to the goal if the demonstrations are random", async () => {
    const demonstrations = await demonstrated(uniformTable(here));
    const reached = [];
    for (const seed of [0, 1, 2]) {
      reached.push(await share(learners["airl, of states"](demonstrations), seed));
    }
    // A reward that is all noise is somewhere the largest, which now and then is at the goal: of three, the one between.
    expect(reached.sort((a, b) => a - b)[1]).toBeLessThan(0.2);
  }, 120_000);
});
