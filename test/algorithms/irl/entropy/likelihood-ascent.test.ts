/** @file The objective of the likelihood ascents, −L + ½ l2 ‖Φ‖², and its gradient by finite differences. */

import { describe, expect, it } from "vitest";
import { maxCausalEntIrl, maxEntIrl } from "../../../../algorithms/index.js";
import type { LikelihoodAscentState } from "../../../../algorithms/irl/entropy/likelihood-ascent.js";
import type { InverseAlgorithm } from "../../../../algorithms/irl/shared/contract.js";
import { entryRewards } from "../../../../algorithms/irl/shared/features.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import type { State } from "../../../../src/learning/contract.js";
import { createRng } from "../../../../src/random/rng.js";
import { snapshot } from "../../../../src/state/snapshot.js";
import { DISCOUNT, episodesIn, HORIZON, randomWorld } from "../likelihoods.js";

const world = randomWorld("ascent");
const demonstrations = episodesIn(world, createRng("shown"), 6, HORIZON);
const problem = await problemOf(() => tabularEnvironment("Random", world, { maxEpisodeSteps: HORIZON }));
const settings = { demonstrations, discount: DISCOUNT };

const forms: Record<string, (options: object) => InverseAlgorithm<State>> = {
  maxEntIrl: (options) => maxEntIrl({ ...settings, ...options }),
  ...Object.fromEntries(
    (["moments", "actions"] as const).flatMap((objective) =>
      [undefined, HORIZON].map((horizon) => [
        `maxCausalEntIrl, ${objective}, ${horizon ? "with" : "without"} a horizon`,
        (options: object) => maxCausalEntIrl({ ...settings, objective, horizon, ...options }),
      ]),
    ),
  ),
};

describe.each(Object.entries(forms))("the objective of %s", (_, create) => {
  it.each([
    ["linear rewards", [], 1e-6],
    ["a reward network", [3], 2e-3],
  ])("has the gradient of finite differences with an L2 penalty and %s", async (__, hidden, tolerance) => {
    const l2 = 0.7;
    const algorithm = create({ l2, hidden, rewardOf: "state-action" });
    const state = (await algorithm.init(problem, createRng(0))) as LikelihoodAscentState;
    await algorithm.update(state);
    const { point, gradient } = state.optimiser;
    const { model, map, rows, reward, likelihood } = state.live;
    const objective = async (at: Float64Array) => {
      const table = await reward.rewards(at, rows);
      const { logLikelihood } = likelihood.evaluate(entryRewards(model, map.rewardOf, table));
      return (l2 / 2) * at.reduce((sum, x) => sum + x * x, 0) - logLikelihood;
    };
    if ("objective" in state.optimiser)
      expect(state.optimiser.objective).toBeCloseTo(await objective(point), 7);
    expect(Math.hypot(...point)).toBeGreaterThan(0.1);
    // Networks compute in float32.
    const step = hidden.length > 0 ? 1e-2 : 1e-4;
    for (let i = 0; i < point.length; i++) {
      const moved = (by: number) => objective(point.map((x, j) => (i === j ? x + by : x)));
      const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
      expect(Math.abs(gradient[i] - slope)).toBeLessThan(tolerance);
    }
  });
});

it("the value gap is the demonstrations' mean return minus the value of the policy", async () => {
  const algorithm = maxCausalEntIrl({ ...settings, horizon: HORIZON, l2: 0.7 });
  const state = await algorithm.init(problem, createRng(0));
  const { valueGap } = await algorithm.update(state);
  const { model, likelihood, latest } = (state as LikelihoodAscentState).live;
  const own = likelihood.visits(latest!.policy, latest!.warmStart);
  const value = own.reduce((sum, x, e) => sum + x * model.reward[e], 0);
  const returns = demonstrations.trajectories.map(({ rewards }) =>
    rewards.reduce((sum, r, t) => sum + DISCOUNT ** t * r, 0),
  );
  expect(valueGap).toBeCloseTo(returns.reduce((a, b) => a + b) / returns.length - value, 9);
  expect(Math.abs(valueGap)).toBeGreaterThan(0.01);
});

it("a snapshot of an ascent holds its point, and not what is made from the problem", async () => {
  const algorithm = maxCausalEntIrl({ ...settings, l2: 0.7 });
  const state = await algorithm.init(problem, createRng(0));
  const saved = snapshot(state) as Record<string, unknown>;
  expect(saved).toHaveProperty("optimiser.point");
  expect(saved).not.toHaveProperty("live");
});

it.each([
  ["without a horizon is a table", undefined, "TabularPolicy"],
  ["with one depends on the time", HORIZON, "TimeIndexedPolicy"],
])("a policy %s", async (_, horizon, kind) => {
  const algorithm = maxCausalEntIrl({ ...settings, horizon });
  const state = await algorithm.init(problem, createRng(0));
  expect((await algorithm.policy(state)).constructor.name).toBe(kind);
});

it("the discount is that of the model, or 1 with a horizon, where the option is left out", async () => {
  const likelihoodWith = async (options: object) => {
    const algorithm = maxCausalEntIrl({ demonstrations, l2: 0.1, ...options });
    const state = await algorithm.init(problem, createRng(0));
    return (await algorithm.update(state)).logLikelihood;
  };
  expect(await likelihoodWith({})).toBe(await likelihoodWith({ discount: DISCOUNT }));
  expect(await likelihoodWith({ horizon: HORIZON })).toBe(
    await likelihoodWith({ horizon: HORIZON, discount: 1 }),
  );
  expect(await likelihoodWith({ horizon: HORIZON })).not.toBe(
    await likelihoodWith({ horizon: HORIZON, discount: DISCOUNT }),
  );
});

it("reports in each round whether the gradient is within the tolerance, and then ends", async () => {
  const algorithm = maxCausalEntIrl({ ...settings, l2: 0.7, tolerance: 0.01 });
  const state = await algorithm.init(problem, createRng(0));
  const rounds = [];
  while (!algorithm.done!(state)) rounds.push(await algorithm.update(state));
  expect(rounds.length).toBeGreaterThan(1);
  for (const { gradientNorm, converged } of rounds) expect(converged).toBe(Number(gradientNorm <= 0.01));
  expect(rounds.map(({ converged }) => converged)).toEqual([...new Array(rounds.length - 1).fill(0), 1]);
});

describe("the outcome", () => {
  const outcomeAfter = async (rounds: number, options: object) => {
    const algorithm = maxCausalEntIrl({ ...settings, l2: 0.7, iterations: 50, ...options });
    const state = await algorithm.init(problem, createRng(0));
    for (let i = 0; i < rounds && !algorithm.done!(state); i++) await algorithm.update(state);
    return algorithm.outcome!(state);
  };

  it("says whether the gradient is within the tolerance", async () => {
    expect(await outcomeAfter(50, {})).toMatch(
      /^converged in \d+ rounds: the norm of the gradient is [\de.-]+, within the tolerance 0.001$/,
    );
    expect(await outcomeAfter(1, {})).toMatch(
      /^not converged after 1 rounds: the norm of the gradient is 0\.\d{3}, above the tolerance 0.001; more rounds/,
    );
    expect(await outcomeAfter(1, { hidden: [2] })).toMatch(
      /^1 rounds of Adam; the norm of the gradient is [\d.]+$/,
    );
  });
});
