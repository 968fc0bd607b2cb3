/** @file Tests of guided fine-tuning: a claim with a control, its end, and what it refuses. */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, guidedFineTuning } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import { collect, evaluate, loadExpert, train } from "../../../index.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Policy } from "../../../src/policies/contract.js";
import { UniformPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";

const env = "CartPole-v1";
let [teacher, student]: Policy[] = [];
beforeAll(async () => {
  teacher = await loadExpert(env);
  const demonstrations = await collect(teacher, { env, episodes: 1, seed: 3 });
  student = await train(bc({ demonstrations, epochs: 1 }), { env, seed: 3 });
});

const score = async (policy: Policy) =>
  (await evaluate(policy, { env, episodes: 20, seed: 5, deterministic: false })).mean;

describe("guidedFineTuning", () => {
  it.each([
    "dpo",
    "orpo",
    "sft",
  ] as const)("lifts a student with a teacher's answers by %s", async (method) => {
    const algorithm = guidedFineTuning({ teacher, student, method, rounds: 6, learningRate: 1e-3 });
    const lifted = await train(algorithm, { env, seed: 0 });
    expect(await score(lifted)).toBeGreaterThan(2 * (await score(student)));
  });

  it("lifts nothing where the teacher acts at random", async () => {
    const { observationSpace, actionSpace } = await problemOf(env);
    const random = new UniformPolicy(observationSpace, actionSpace);
    const algorithm = guidedFineTuning({ teacher: random, student, rounds: 6, learningRate: 1e-3 });
    expect(await score(await train(algorithm, { env, seed: 0 }))).toBeLessThan(1.5 * (await score(student)));
  });

  it("ends where every answer is the teacher's", async () => {
    const algorithm = guidedFineTuning({ teacher, student: teacher, rounds: 9, answers: 8, answerLength: 1 });
    const state = await algorithm.init(await problemOf(env), createRng(0));
    let metrics = await algorithm.update(state);
    while (!algorithm.done!(state)) metrics = await algorithm.update(state);
    expect(metrics.differing === 0 || metrics.steps === 9).toBe(true);
  });

  it("refuses numbers of answers that environments do not share, and teachers of other spaces", async () => {
    expect(() => guidedFineTuning({ teacher, answers: 10, environments: 4 })).toThrow(
      /answers \(10\) must be a multiple of environments \(4\)/,
    );
    const problem = await problemOf("Pendulum-v1");
    await expect(guidedFineTuning({ teacher }).init(problem, createRng(0))).rejects.toThrow(
      /the teacher has observations/,
    );
  });
});
