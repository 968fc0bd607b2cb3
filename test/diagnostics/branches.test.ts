/** @file The gap by branched episodes, by hand. */

import { describe, expect, it } from "vitest";
import { sampledDiagnostics } from "../../src/diagnostics/index.js";
import type { Environment } from "../../src/env/contracts.js";
import { problemOf } from "../../src/env/problem.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box } from "../../src/spaces/index.js";

describe("branches of policies without memory", () => {
  it("are the gap", async () => {
    /** Two steps; action 1 pays 1. */
    function pay(): Environment {
      let step = 0;
      return {
        id: "Pay",
        observationSpace: box([1], 0, 2),
        actionSpace: { kind: "discrete", n: 2 },
        reset() {
          step = 0;
          return { observation: Float32Array.of(0), info: {} };
        },
        step(action) {
          step++;
          return {
            observation: Float32Array.of(step),
            reward: action as number,
            terminated: step === 2,
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
    const problem = await problemOf(pay);
    const base = new UniformPolicy(problem.observationSpace, problem.actionSpace);
    const always = (choice: number): Policy => ({
      observationSpace: base.observationSpace,
      actionSpace: base.actionSpace,
      logProb: base.logProb.bind(base),
      toData: base.toData.bind(base),
      act: async (observations) => ({ actions: new Int32Array(observations.length).fill(choice) }),
    });
    const { performanceDifference } = await sampledDiagnostics(always(1), always(0), problem, {
      rng: createRng(0),
      episodes: 3,
    });
    expect(performanceDifference).toMatchObject({ value: 2, low: 2, high: 2, residual: 0, branches: 6 });
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
