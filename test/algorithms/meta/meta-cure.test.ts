/** @file MetaCURE as a whole: rounds, resumption, refusals, that its help says what training uses, and that it adapts. */

import { describe, expect, it } from "vitest";
import { metaCure } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import type { Problem } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { evaluateTrials } from "../../../src/measure/evaluate-trials.js";
import type { ActOptions, Policy } from "../../../src/policies/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { hiddenNumber } from "../../support/hidden-number.js";

const ENV = "PointGoal-v0";
const short = { maxEpisodeSteps: 4 };
const small = {
  environments: 2,
  tasks: { train: 3, test: 2 },
  hidden: [8],
  encoderHidden: [6],
  encoderUnits: 5,
  decoderHidden: [6],
  latent: 2,
  metaBatch: 2,
  minibatchSize: 8,
  gradientSteps: 3,
};

describe("metaCure", () => {
  it("learns once every task was played, and reports the errors and the intrinsic reward", async () => {
    const learner = metaCure(small);
    const state = await learner.init(await problemOf(ENV, short), createRng(0));
    expect(await learner.update(state)).not.toHaveProperty("kl");
    expect(await learner.update(state)).toMatchObject({
      steps: 32,
      returnEpisode2: expect.any(Number),
      decoderLoss: expect.any(Number),
      informedLoss: expect.any(Number),
      intrinsic: expect.any(Number),
      kl: expect.any(Number),
    });
    for (const { steps } of Object.values(state.networks)) expect(steps).toBe(3);
  });

  it("learns each transition with a belief about its own task after so many steps, and with fresh noise", async () => {
    const learner = metaCure(small);
    const state = await learner.init(await problemOf(ENV, short), createRng(0));
    await learner.update(state);
    const runs: Record<string, ArrayLike<number>>[] = [];
    state.live.trainer = {
      ...state.live.trainer,
      async run(_, feeds, steps) {
        expect(steps).toBe(3);
        runs.push(
          Object.fromEntries(Object.entries(feeds).map(([key, x]) => [key, Array.from(x as Float32Array)])),
        );
        return { means: { kl: 1 } } as never;
      },
    };
    for (let k = 0; k < 8; k++) await learner.update(state);
    const counts = new Array(5).fill(0);
    for (const { beliefs } of runs) {
      // Rows are by gradient step, then task, then transition; a belief is a number of steps and a task.
      expect(beliefs.length).toBe(3 * 2 * 8);
      for (const [k, belief] of Array.from(beliefs).entries()) {
        expect(belief % 2).toBe(Math.floor(k / 8) % 2);
        counts[Math.floor(belief / 2)]++;
      }
    }
    // After 0 to 4 steps, each as often.
    for (const count of counts) expect(count / (runs.length * 48)).toBeCloseTo(0.2, 1);
    const [{ uniforms, latentNoise, explorerUniforms, tasks, ...rest }, other] = runs;
    expect([uniforms, latentNoise, explorerUniforms].map(({ length }) => length)).toEqual([
      2 * 48 * 2,
      48 * 2,
      2 * 3 * 2 * 4 * 2,
    ]);
    for (const noise of [uniforms, explorerUniforms]) {
      expect(Math.min(...Array.from(noise))).toBeGreaterThanOrEqual(0);
      expect(Math.max(...Array.from(noise))).toBeLessThan(1);
    }
    expect(Math.min(...Array.from(latentNoise))).toBeLessThan(0);
    expect(other.latentNoise).not.toEqual(latentNoise);
    expect(tasks.length).toBe(3 * 2);
    expect(rest.contextNextObservations.length).toBe(3 * 2 * 4 * 2);
    expect(rest.contextDiscounts.length).toBe(3 * 2 * 4);
  });

  it("continues from a snapshot bit for bit", async () => {
    const problem = await problemOf(ENV, short);
    const learner = metaCure({ ...small, predictNext: true, temperature: "learned" });
    const whole = await learner.init(problem, createRng(0));
    for (let k = 0; k < 3; k++) await learner.update(whole);
    const resumed = await learner.init(problem, createRng(9));
    restore(resumed, snapshot(whole));
    for (let k = 0; k < 2; k++) expect(await learner.update(resumed)).toEqual(await learner.update(whole));
    expect(snapshot(resumed)).toEqual(snapshot(whole));
  });

  it("refuses what it cannot learn from", async () => {
    const starts = async (problem: Problem) => metaCure(small).init(problem, createRng(0));
    await expect(starts(await problemOf("Pendulum-v1"))).rejects.toThrow("metaCure learns to adapt");
    await expect(starts(await problemOf("GridNavi-v0"))).rejects.toThrow(
      "metaCure needs actions in a bounded box",
    );
    await expect(starts(await problemOf(ENV, { episodesPerTask: 1 }))).rejects.toThrow("has 1");
    expect(() => metaCure({ tasks: { train: 0 } })).toThrow(
      "it must be at least 1: training uses the identities of the training tasks",
    );
    expect(() => metaCure({ contextSize: 3 } as object)).toThrow('unknown option "contextSize"');
  });

  it("refuses episodes that end before the time limit", async () => {
    const problem = await problemOf(ENV, short);
    const early: Problem = {
      ...problem,
      async vector(count, rng) {
        const vector = await problem.vector(count, rng);
        const { step } = vector;
        return Object.assign(vector, {
          step(actions: Float32Array) {
            step.call(vector, actions);
            vector.terminated[0] = 1;
          },
        });
      },
    };
    const learner = metaCure(small);
    const state = await learner.init(early, createRng(0));
    await expect(learner.update(state)).rejects.toThrow(
      "metaCure needs episodes of one length, but one of PointGoal-v0 ended after 1 of 4 steps",
    );
  });

  it("says that training uses the identities of tasks", () => {
    expect(metaCure.definition.summary).toContain("uses the identities of the training tasks");
  });
});

describe("learning", () => {
  it("finds a hidden number in the second episode with what it saw in the first, and not without memory", async () => {
    const learner = metaCure({
      environments: 32,
      tasks: { train: 32, test: 64 },
      hidden: [32, 32],
      encoderHidden: [32],
      encoderUnits: 32,
      decoderHidden: [32],
      metaBatch: 8,
      minibatchSize: 16,
      gradientSteps: 50,
      learningRate: 2e-3,
      discount: 0.9,
      klWeight: 0.01,
    });
    const problem = await problemOf(hiddenNumber);
    const state = await learner.init(problem, createRng(0));
    for (let k = 0; k < 20; k++) await learner.update(state);
    const tasks = learner.testTasks!(problem.family!.tasks);
    const policy = learner.policy(state);
    const second = async (played: Policy) =>
      (await evaluateTrials(played, { env: hiddenNumber, tasks, seed: 1 })).mean[1];
    /** The same policy, to which every step is the first of a trial. */
    const forgetful = Object.create(policy, {
      act: {
        value(rows: Float32Array, options: ActOptions) {
          const width = rows.length / tasks.length;
          return policy.act(
            rows.map((x, k) => (k % width === width - 1 ? 1 : x)),
            options,
          );
        },
      },
    });
    // Without the number −2 is the best; seeds 0, 1 and 2 gave −0.9, −1.2 and −0.6.
    expect(await second(policy)).toBeGreaterThan(-1.4);
    expect(await second(forgetful)).toBeLessThan(-1.6);
  });
});
