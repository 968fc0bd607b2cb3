/** @file The gap by branched episodes, by hand. */

import { describe, expect, it } from "vitest";
import { sampledDiagnostics } from "../../src/diagnostics/index.js";
import type { Environment, Problem } from "../../src/env/contracts.js";
import { withEpisodeLimit } from "../../src/env/episode-limit.js";
import { problemOf } from "../../src/env/problem.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box } from "../../src/spaces/index.js";

describe("branches of policies without memory", () => {
  it.each([
    ["that end by themselves", 1, 2, undefined],
    ["that end by themselves", 3, 2, undefined],
    ["that are cut", 3, 9, 2],
  ])("are the gap of two steps %s, in %d episodes", async (_, episodes, length, cut) => {
    /** Some steps; action 1 pays 1 in each step from then on. */
    function pay(): Environment {
      let [step, pay] = [0, 0];
      return {
        id: "Pay",
        observationSpace: box([2], 0, 9),
        actionSpace: { kind: "discrete", n: 2 },
        reset() {
          [step, pay] = [0, 0];
          return { observation: Float32Array.of(0, 0), info: {} };
        },
        step(action) {
          step++;
          pay += action as number;
          return {
            observation: Float32Array.of(step, pay),
            reward: pay,
            terminated: step === length,
            truncated: false,
            info: {},
          };
        },
        getState: () => [step, pay],
        setState(saved) {
          [step, pay] = saved as [number, number];
        },
      };
    }
    const whole = await problemOf(pay);
    const problem: Problem = {
      ...whole,
      vector: async (count, rng) => withEpisodeLimit(await whole.vector(count, rng), cut),
    };
    const base = new UniformPolicy(problem.observationSpace, problem.actionSpace);
    const always = (choice: number): Policy => ({
      observationSpace: base.observationSpace,
      actionSpace: base.actionSpace,
      logProb: base.logProb.bind(base),
      toData: base.toData.bind(base),
      act: async (observations) => ({ actions: new Int32Array(observations.length / 2).fill(choice) }),
    });
    const { performanceDifference } = await sampledDiagnostics(always(1), always(0), problem, {
      rng: createRng(0),
      episodes,
    });
    expect(performanceDifference).toMatchObject({ value: 3, residual: 0, branches: 2 * episodes });
    if (episodes > 1) expect(performanceDifference).toMatchObject({ low: 3, high: 3 });
  });
});

describe("branches of policies with several action entries and memory of several numbers", () => {
  /** Three steps; each earns its first entry and twice its second. */
  function dials(): Environment {
    let step = 0;
    return {
      id: "Dials",
      observationSpace: box([1], 0, 3),
      actionSpace: { kind: "multi-discrete", sizes: [2, 2] },
      reset() {
        step = 0;
        return { observation: Float32Array.of(0), info: {} };
      },
      step(action) {
        const [first, second] = Array.from(action as Int32Array);
        step++;
        return {
          observation: Float32Array.of(step),
          reward: first + 2 * second,
          terminated: step === 3,
          truncated: false,
          info: {},
        };
      },
      getState: () => step,
      setState(saved) {
        step = saved as number;
      },
    };
  }

  it("are the gap", async () => {
    const problem = await problemOf(dials);
    const base = new UniformPolicy(problem.observationSpace, problem.actionSpace);
    /** Takes the actions of the times for as long as its memory, the time and twice the time, is right. */
    const acting = (...actionsOf: [number, number][]): Policy => ({
      observationSpace: base.observationSpace,
      actionSpace: base.actionSpace,
      logProb: base.logProb.bind(base),
      toData: base.toData.bind(base),
      async act(observations, { state = new Float32Array(2 * observations.length) }) {
        const actions = new Int32Array(2 * observations.length);
        const next = new Float32Array(2 * observations.length);
        for (const [i, time] of observations.entries()) {
          if (time === 0) state.fill(0, 2 * i, 2 * i + 2);
          if (state[2 * i] === time && state[2 * i + 1] === 2 * time) actions.set(actionsOf[time], 2 * i);
          next.set([time + 1, 2 * (time + 1)], 2 * i);
        }
        return { actions, state: next };
      },
    });
    const always = (first: number, second: number) => new Array<[number, number]>(3).fill([first, second]);
    for (const [own, gap, branches] of [
      [always(1, 0), 6, 9],
      [always(0, 1), 3, 9],
      // The same as the expert at time 1: nothing to branch for.
      [always(0, 0).with(1, [1, 1]), 6, 6],
    ] as const) {
      const { performanceDifference } = await sampledDiagnostics(
        acting(...always(1, 1)),
        acting(...own),
        problem,
        { rng: createRng(0), episodes: 3 },
      );
      expect(performanceDifference).toMatchObject({
        value: gap,
        low: gap,
        high: gap,
        residual: 0,
        branches,
      });
    }
  });
});
