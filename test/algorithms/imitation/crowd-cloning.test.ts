/** @file Cloning of demonstrators with skills: the likelihood, halves of a grid, a control, resume and refusals. */

import { describe, expect, it } from "vitest";
import { skilledLikelihood } from "../../../algorithms/imitation/crowd-cloning.js";
import { type BcOptions, bc, crowdCloning } from "../../../algorithms/index.js";
import { gridworld } from "../../../envs/gridworld/gridworld.js";
import { type Demonstrations, demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import type { Problem } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { UsageError } from "../../../src/errors.js";
import { evaluatePolicy, policyReturn, uniformTable, valueIteration } from "../../../src/mdp/index.js";
import { collect } from "../../../src/measure/collect.js";
import type { Policy } from "../../../src/policies/contract.js";
import { TabularPolicy, tabulate } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import * as t from "../../../src/tensor/index.js";

const env = () =>
  gridworld({
    layout: ["S.....", "......", ".....G"],
    slip: 0,
    discount: 0.9,
    maxEpisodeSteps: 20,
    goalTerminal: false,
    startAnywhere: true,
  });
const model = env().model!();
const best = valueIteration(model).policy;
const random = uniformTable(model);
const actions = best.length / model.states;
const worth = (table: Float64Array) => policyReturn(model, evaluatePolicy(model, table));
/** The exact value of a policy as it is: 0 for the random policy, 1 for the expert. */
const scoreOf = async (policy: Policy) =>
  (worth((await tabulate(policy, model)) as Float64Array) - worth(random)) / (worth(best) - worth(random));

/** Episodes of demonstrators, each with a probability of the best action that depends on the column. */
async function demonstrations(
  skills: readonly ((column: number) => number)[],
  episodes = 40,
): Promise<Demonstrations> {
  const parts = await Promise.all(
    skills.map(async (skill, l) => {
      const table = best.map((p, at) => {
        const rho = skill(Math.floor(at / actions) % 6);
        return rho * p + (1 - rho) / actions;
      });
      const own = await collect(new TabularPolicy(model.states, table), { env, episodes, seed: l });
      return own.trajectories.map((trajectory) => ({ ...trajectory, expert: `d${l}` }));
    }),
  );
  const { observationSpace, actionSpace } = env();
  return demonstrationsOf(parts.flat(), { env: "grid", observationSpace, actionSpace });
}

const options = { hidden: [32], minibatchSize: 64, learningRate: 1e-2 };
const left = (column: number) => (column < 3 ? 1 : 0);
const right = (column: number) => 1 - left(column);

describe("crowdCloning", () => {
  it("has the likelihood log (ρ π + (1 − ρ) / |A|)", () => {
    const { value } = t
      .program({ odds: t.float32([2]), logProb: t.float32([2]) }, ({ odds, logProb }) => ({
        value: skilledLikelihood(odds, logProb, 4),
      }))
      .interpret({ odds: [0, 2], logProb: [Math.log(0.7), Math.log(0.1)] });
    const rho = 1 / (1 + Math.exp(-2));
    expect(value[0]).toBeCloseTo(Math.log(0.5 * 0.7 + 0.5 / 4), 9);
    expect(value[1]).toBeCloseTo(Math.log(rho * 0.1 + (1 - rho) / 4), 9);
  });

  it("beats the clone of the mixture where each demonstrator knows a half, and finds the halves", async () => {
    const mixed = await demonstrations([left, right]);
    const learner = crowdCloning({ demonstrations: mixed, epochs: 20, ...options });
    const policy = await train(learner, { env, seed: 0 });
    const clone = await train(bc({ demonstrations: mixed, epochs: 20, ...options } as BcOptions), {
      env,
      seed: 0,
    });
    const [own, mixture] = [await scoreOf(policy), await scoreOf(clone)];
    expect(own).toBeGreaterThan(mixture + 0.2);
    expect(own).toBeGreaterThan(0.8);
    const state = await learner.init(await problemOf(env), createRng(0));
    while (!learner.done!(state)) await learner.update(state);
    const rho = await learner.skills(
      state,
      Float32Array.from({ length: 18 }, (_, s) => s),
    );
    const mean = (l: number, of: (column: number) => number) =>
      rho.reduce((sum, p, at) => sum + (at % 2 === l ? of(Math.floor(at / 2) % 6) * p : 0), 0) / 9;
    expect(mean(0, left)).toBeGreaterThan(mean(0, right) + 0.4);
    expect(mean(1, right)).toBeGreaterThan(mean(1, left) + 0.4);
  });

  it("is about as good as the clone of the mixture where all are equally good", async () => {
    const alike = await demonstrations([() => 0.8, () => 0.8]);
    const policy = await train(crowdCloning({ demonstrations: alike, epochs: 20, ...options }), {
      env,
      seed: 0,
    });
    const clone = await train(bc({ demonstrations: alike, epochs: 20, ...options } as BcOptions), {
      env,
      seed: 0,
    });
    expect(await scoreOf(policy)).toBeGreaterThan((await scoreOf(clone)) - 0.05);
  });

  it("standardises observations by the mean and the deviation of those that have an action", async () => {
    const spaces = { observationSpace: box([1], -1000, 1000), actionSpace: discrete(2) };
    const shown = (standard: (x: number) => number) =>
      demonstrationsOf(
        ["d0", "d1"].map((expert) => ({
          observations: Float32Array.of(100, 102, 104, 102, 900).map(standard),
          actions: Int32Array.of(0, 1, 1, 0),
          rewards: new Float64Array(4),
          terminated: true,
          truncated: false,
          expert,
        })),
        { env: "Line", ...spaces },
      );
    const learnt = async (normaliseObservations: boolean, standard: (x: number) => number) => {
      const settings = { ...options, minibatchSize: 4, normaliseObservations };
      const learner = crowdCloning({ demonstrations: shown(standard), ...settings });
      const state = await learner.init({ id: "Line", ...spaces } as Problem, createRng(0));
      await learner.update(state);
      return learner.skills(state, Float32Array.of(101, 103).map(standard));
    };
    const [given, done] = [await learnt(true, (x) => x), await learnt(false, (x) => (x - 102) / Math.SQRT2)];
    for (const [i, skill] of given.entries()) expect(skill).toBeCloseTo(done[i], 3);
    expect(Math.abs(given[0] - (await learnt(false, (x) => x))[0])).toBeGreaterThan(0.01);
  });

  it("resumes bit for bit", async () => {
    const learner = crowdCloning({
      demonstrations: await demonstrations([left, right], 3),
      epochs: 4,
      ...options,
    });
    const problem = await problemOf(env);
    const [whole, first, second] = [1, 2, 3].map(() => learner.init(problem, createRng(1)));
    for (let n = 0; n < 4; n++) await learner.update(await whole);
    for (let n = 0; n < 2; n++) await learner.update(await first);
    restore(await second, snapshot(await first));
    for (let n = 0; n < 2; n++) await learner.update(await second);
    expect(snapshot(await second)).toEqual(snapshot(await whole));
  });

  it("refuses episodes without a name", async () => {
    const mixed = await demonstrations([left], 2);
    const [one, { expert: _, ...two }] = mixed.trajectories;
    const learner = crowdCloning({ demonstrations: { ...mixed, trajectories: [one, two] } });
    const start = learner.init(await problemOf(env), createRng(0));
    await expect(start).rejects.toThrow(/episode 1 does not say whose it is/);
    await expect(start).rejects.toThrow(UsageError);
  });
});
