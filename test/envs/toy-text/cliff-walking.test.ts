/** @file CliffWalking-v1: the book's returns, the transition from the cliff, and its rendering. */

import { describe, expect, it } from "vitest";
import { cliffWalking, cliffWalkingSlippery } from "../../../envs/toy-text/cliff-walking.js";
import { finiteHorizonValueIteration } from "../../../src/mdp/index.js";

const [UP, RIGHT, DOWN] = [0, 1, 2];

describe("CliffWalking-v1", () => {
  it("costs 13 by the optimal path and 17 by the safest, as in example 6.6 of Sutton and Barto", () => {
    const { values } = finiteHorizonValueIteration(cliffWalking().model!(), { horizon: 60 });
    expect(values[36]).toBe(-13);
    const walk = (up: number) => {
      const environment = cliffWalking();
      environment.reset();
      const actions = [...Array(up).fill(UP), ...Array(11).fill(RIGHT), ...Array(up).fill(DOWN)];
      const steps = actions.map((action) => environment.step(action));
      expect(steps.at(-1)).toMatchObject({ observation: 47, terminated: true });
      return steps.reduce((sum, { reward }) => sum + reward, 0);
    };
    expect([walk(1), walk(3)]).toEqual([-13, -17]);
  });

  it("leads from the cliff back to the start with reward −100, and the episode continues", () => {
    const environment = cliffWalking();
    environment.reset();
    const fall = { observation: 36, reward: -100, terminated: false, truncated: false, info: { prob: 1 } };
    expect(environment.step(RIGHT)).toEqual(fall);
    environment.step(UP);
    environment.step(RIGHT);
    expect(environment.step(DOWN)).toEqual(fall);
  });

  it("has no limit of its own", () => {
    const environment = cliffWalking();
    expect(environment.maxEpisodeSteps).toBeUndefined();
    environment.reset();
    for (let step = 0; step < 1500; step++) expect(environment.step(UP).truncated).toBe(false);
  });

  it("slips to both sides with probability 1/3 each if slippery, with a higher cost", () => {
    const environment = cliffWalkingSlippery();
    environment.reset({ seed: 1 });
    const seen = new Set<number>();
    for (let i = 0; i < 60; i++) {
      environment.reset({ options: { state: 13 } });
      const { observation, info } = environment.step(RIGHT);
      expect(info.prob).toBeCloseTo(1 / 3, 12);
      seen.add(observation as number);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([1, 14, 25]);
    const { values } = finiteHorizonValueIteration(environment.model!(), { horizon: 2000 });
    expect(values[36]).toBeLessThan(-50);
    expect(cliffWalking({ slippery: true }).model!()).toEqual(environment.model!());
  });

  it("renders itself as text and as a picture", () => {
    const environment = cliffWalking();
    environment.reset({ options: { state: 2 } });
    expect(environment.render!().split("\n")).toEqual([
      "..@.........",
      "............",
      "............",
      "SCCCCCCCCCCG",
    ]);
    expect(environment.renderSvg!()).toMatch(/^<svg[\s\S]*<circle cx="120" cy="24"[\s\S]*<\/svg>$/);
  });

  it("refuses to start at the goal", () => {
    expect(() => cliffWalking().reset({ options: { state: 47 } })).toThrow(
      'CliffWalking-v1: reset option "state" is 47, which is a terminal state',
    );
  });
});
