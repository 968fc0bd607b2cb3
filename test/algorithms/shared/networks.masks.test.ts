/** @file Algorithms honour action masks: an environment in which a forbidden action is an error is learnt without one. */

import { describe, expect, it } from "vitest";
import { a2c, bc, dagger, dqn, gail, ppo } from "../../../algorithms/index.js";
import { demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import { problemOf } from "../../../src/env/problem.js";
import { collect } from "../../../src/measure/collect.js";
import { evaluate } from "../../../src/measure/evaluate.js";
import { loadPolicy, savePolicy, UniformPolicy } from "../../../src/policies/index.js";
import { train } from "../../../src/runs/index.js";
import { LegalMoves } from "../../support/legal-moves.js";

const env = () => new LegalMoves();
const small = { hidden: [16] };

/** The controller that makes the legal move of the highest number. */
const best = (observation: unknown) => (observation as { actionMask: number[] }).actionMask.lastIndexOf(1);

const demonstrations = await collect(best, { env, episodes: 40 });
const random = await (async () => {
  const { observationSpace, actionSpace } = await problemOf(env);
  return (await evaluate(new UniformPolicy(observationSpace, actionSpace), { env, episodes: 50 })).mean;
})();
const optimum = (await evaluate(best, { env, episodes: 50 })).mean;

describe("an algorithm with masks", () => {
  const onPolicy = { environments: 8, rolloutSteps: 8, minibatchSize: 64, ...small };
  it.each([
    ["ppo", ppo({ ...onPolicy, epochs: 10, learningRate: 1e-2 }), 4000],
    ["ppo with memory", ppo({ ...onPolicy, epochs: 10, learningRate: 1e-2, recurrentUnits: 8 }), 3000],
    ["a2c", a2c({ environments: 8, ...small, learningRate: 1e-2 }), 6000],
    [
      "dqn",
      dqn({
        ...small,
        learningStarts: 200,
        learningRate: 1e-2,
        exploration: { from: 1, to: 0.05, steps: 1500, shape: "linear" },
      }),
      4000,
    ],
    ["bc", bc({ demonstrations, ...small, epochs: 30, learningRate: 1e-2 }), undefined],
  ])("%s learns, and makes legal moves alone", async (_, algorithm, steps) => {
    const policy = await train(algorithm as ReturnType<typeof ppo>, { env, steps, seed: 0 });
    for (const deterministic of [true, false]) {
      const { mean } = await evaluate(loadPolicy(savePolicy(policy)), { env, episodes: 50, deterministic });
      if (deterministic) expect(mean).toBeGreaterThan((random + 3 * optimum) / 4);
    }
  });

  it("dagger and gail make legal moves alone", async () => {
    const expert = await train(bc({ demonstrations, ...small }), { env, steps: 20, seed: 0 });
    await train(dagger({ expert, rounds: 2, roundSteps: 60, epochs: 2, ...small }), { env, seed: 0 });
    await train(gail({ demonstrations, optimiser: ppo(onPolicy) }), { env, steps: 256, seed: 0 });
  });
});

describe("demonstrations with masks", () => {
  it("are refused where the mask of a step forbids its action, with the place", async () => {
    const [one, two] = demonstrations.trajectories;
    const actions = two.actions.slice();
    const forbiddenAt = (step: number) => two.observations.subarray(6 * step + 1, 6 * step + 6).indexOf(0);
    const step = [0, 1, 2, 3, 4, 5].findLast((at) => forbiddenAt(at) >= 0)!;
    actions[step] = forbiddenAt(step);
    const wrong = demonstrationsOf([one, { ...two, actions }], demonstrations);
    await expect(train(bc({ demonstrations: wrong }), { env, seed: 0 })).rejects.toThrow(
      `bc: step ${step} of episode 1 of the data set has the action ${actions[step]}, which its actionMask forbids`,
    );
  });
});
