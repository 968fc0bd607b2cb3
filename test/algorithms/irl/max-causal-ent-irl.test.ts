/**
 * @file Maximum causal entropy IRL: the likelihood by hand, its gradient by finite differences and by samples of soft
 * policies.
 */

import { describe, expect, it } from "vitest";
import { maxCausalEntIrl, maxEntIrl } from "../../../algorithms/index.js";
import { causalDiscounted, causalHorizon } from "../../../algorithms/irl/max-causal-ent-irl.js";
import { demonstratedVisits, expectedVisits } from "../../../algorithms/irl/shared/demonstrated-visits.js";
import { entryRewards } from "../../../algorithms/irl/shared/features.js";
import { randomModel, softFiniteHorizon, softValueIteration, uniformTable } from "../../../src/mdp/index.js";
import { TabularPolicy, TimeIndexedPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { randomTable } from "../../mdp/random.js";
import { DISCOUNT, episodesIn, expertVisits, HORIZON, randomWorld, slopeError } from "./likelihoods.js";
import { expert } from "./macro-cells.js";
import { gradientError, sampledGradient, sampledProblem } from "./sampled-gradients.js";

describe.each(["moments", "actions"] as const)("the likelihood of %s", (objective) => {
  it.each([
    "next-state",
    "state-action",
  ] as const)("has the gradient of finite differences in %s rewards", (rewardOf) => {
    const world = randomWorld("gradients");
    const rng = createRng("tables");
    for (const visits of Object.values(expertVisits)) {
      const options = { discount: DISCOUNT, accuracy: 1e-13 };
      const discounted = causalDiscounted(world, visits(world), objective, options);
      expect(slopeError(world, discounted, rewardOf, rng)).toBeLessThan(1e-6);
      const horizon = { horizon: HORIZON, discount: DISCOUNT };
      const timed = causalHorizon(world, visits(world, HORIZON), objective, horizon);
      expect(slopeError(world, timed, rewardOf, rng)).toBeLessThan(1e-6);
    }
  });
});

describe("the likelihood", () => {
  const model = randomWorld("likelihood");
  const table = createRng("table").fillNormal(new Float64Array(5));
  const reward = entryRewards(model, "next-state", table);
  const horizon = { horizon: HORIZON, discount: DISCOUNT };

  it("of actions is the discounted sum of their log-probabilities, with and without a horizon", () => {
    const demonstrations = episodesIn(model, createRng(1), 5, HORIZON);
    const shown = demonstratedVisits(model, demonstrations, horizon);
    for (const [soft, timed] of [
      [causalHorizon(model, shown, "actions", horizon), true],
      [causalDiscounted(model, shown, "actions", horizon), false],
    ] as const) {
      const { logLikelihood, policy } = soft.evaluate(reward);
      let expected = 0;
      for (const { observations, actions } of demonstrations.trajectories) {
        for (const [t, a] of actions.entries()) {
          expected += (DISCOUNT ** t * Math.log(policy[(timed ? t * 10 : 0) + observations[t] * 2 + a])) / 5;
        }
      }
      expect(logLikelihood).toBeCloseTo(expected, 8);
    }
  });

  it("is as accurate as asked", () => {
    const shown = demonstratedVisits(model, episodesIn(model, createRng(1), 5, HORIZON), horizon);
    const at = (accuracy: number) =>
      causalDiscounted(model, shown, "moments", { discount: DISCOUNT, accuracy }).evaluate(reward)
        .logLikelihood;
    const exact = at(1e-14);
    const [rough, fine] = [Math.abs(at(0.5) - exact), Math.abs(at(1e-6) - exact)];
    expect(rough).toBeGreaterThan(1e-4);
    expect(fine).toBeLessThan(1e-4);
  });

  it("of moments is what was earned, plus the discounted value where an episode was cut, less the value of its start", () => {
    const demonstrations = episodesIn(model, createRng(1), 6, HORIZON - 1);
    const { trajectories } = demonstrations;
    expect(new Set(trajectories.map(({ terminated }) => terminated)).size).toBe(2);
    for (const timed of [true, false]) {
      const shown = demonstratedVisits(model, demonstrations, timed ? horizon : { discount: DISCOUNT });
      const { values } = timed
        ? softFiniteHorizon({ ...model, reward }, horizon)
        : softValueIteration({ ...model, reward });
      const valueAt = (state: number, time: number) => values[(timed ? time * model.states : 0) + state];
      let expected = 0;
      for (const { observations, actions, terminated } of trajectories) {
        const length = actions.length;
        for (let t = 0; t < length; t++) expected += DISCOUNT ** t * table[observations[t + 1]];
        if (!terminated) expected += DISCOUNT ** length * valueAt(observations[length], length);
        expected -= valueAt(observations[0], 0);
      }
      const soft = timed
        ? causalHorizon(model, shown, "moments", horizon)
        : causalDiscounted(model, shown, "moments", { discount: DISCOUNT, accuracy: 1e-12 });
      expect(soft.evaluate(reward).logLikelihood).toBeCloseTo(expected / 6, 8);
    }
  });

  it("of moments equals that of actions in expectation over episodes, and always on deterministic models", () => {
    const expert = expectedVisits(model, randomTable(model, createRng(2)), horizon);
    const [moments, actions] = (["moments", "actions"] as const).map(
      (objective) => causalHorizon(model, expert, objective, horizon).evaluate(reward).logLikelihood,
    );
    expect(moments).toBeCloseTo(actions, 10);
    const walk = randomModel(createRng("walk"), {
      states: 6,
      actions: 2,
      branching: 1,
      discount: 0.9,
      terminals: 1,
    });
    const shown = demonstratedVisits(walk, episodesIn(walk, createRng(3), 4, 9), { discount: 0.9 });
    const values = (["moments", "actions"] as const).map((objective) => {
      const rewards = entryRewards(walk, "next-state", createRng(4).fillNormal(new Float64Array(6)));
      return causalDiscounted(walk, shown, objective, { discount: 0.9, accuracy: 1e-12 }).evaluate(rewards);
    });
    expect(values[0].logLikelihood).toBeCloseTo(values[1].logLikelihood, 8);
  });
});

describe("maxCausalEntIrl on samples", () => {
  it("has the exact gradient if the learner's policy is the soft-optimal one, and not otherwise", async () => {
    const { model, horizon, demonstrated, entries } = sampledProblem;
    const exact = causalHorizon(model, demonstrated, "moments", horizon);
    const { policy } = softFiniteHorizon({ ...model, reward: entries }, horizon);
    const soft = new TimeIndexedPolicy(5, HORIZON, policy);
    expect(gradientError(await sampledGradient(maxCausalEntIrl, soft), exact)).toBeLessThan(0.06);
    const uniform = new TabularPolicy(5, uniformTable(model));
    expect(gradientError(await sampledGradient(maxCausalEntIrl, uniform), exact)).toBeGreaterThan(0.2);
  });

  it("adds the gradient of the penalty ½ l2 ‖Φ‖²", async () => {
    const policy = new TabularPolicy(5, uniformTable(sampledProblem.model));
    const [plain, penalised] = [
      await sampledGradient(maxCausalEntIrl, policy, { episodes: 20 }),
      await sampledGradient(maxCausalEntIrl, policy, { episodes: 20, l2: 0.3 }),
    ];
    const { weights } = sampledProblem;
    for (const [k, x] of penalised.entries()) expect(x).toBeCloseTo(plain[k] - 0.3 * weights[k], 9);
  });

  it("refuses learners whose policy is not soft at a temperature of 1", () => {
    for (const optimiser of ["ppo", "a2c", "dqn", "sac", { algorithm: "sac", temperature: 0.2 }]) {
      expect(() => maxCausalEntIrl({ expert, optimiser })).toThrow(/use sac\(\{ temperature: 1 \}\)/);
    }
    expect(maxCausalEntIrl({ expert, optimiser: { algorithm: "sac", temperature: 1 } }).name).toBe(
      "maxCausalEntIrl",
    );
    expect(maxEntIrl({ expert, optimiser: "ppo" }).name).toBe("maxEntIrl");
  });
});
