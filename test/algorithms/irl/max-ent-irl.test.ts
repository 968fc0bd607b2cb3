/**
 * @file Maximum entropy IRL: the likelihood of trajectories by enumeration, its gradient by finite differences and by
 * samples.
 */

import { describe, expect, it } from "vitest";
import { maxEntIrl } from "../../../algorithms/index.js";
import { trajectoryLikelihood } from "../../../algorithms/irl/max-ent-irl.js";
import { demonstratedVisits } from "../../../algorithms/irl/shared/demonstrated-visits.js";
import { entryRewards } from "../../../algorithms/irl/shared/features.js";
import { uniformTable } from "../../../src/mdp/index.js";
import { TabularPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { DISCOUNT, episodesIn, expertVisits, HORIZON, randomWorld, slopeError } from "./likelihoods.js";
import { gradientError, sampledGradient, sampledProblem, sampledRound } from "./sampled-gradients.js";

describe("trajectoryLikelihood", () => {
  const model = randomWorld("likelihood");
  const table = createRng("table").fillNormal(new Float64Array(5));
  const reward = entryRewards(model, "next-state", table);
  const horizon = { horizon: HORIZON, discount: DISCOUNT };

  it.each([
    "next-state",
    "state-action",
  ] as const)("has the gradient of finite differences in %s rewards", (rewardOf) => {
    const world = randomWorld("gradients");
    for (const visits of Object.values(expertVisits)) {
      const likelihood = trajectoryLikelihood(world, visits(world, HORIZON), horizon);
      expect(slopeError(world, likelihood, rewardOf, createRng("tables"))).toBeLessThan(1e-6);
    }
  });

  it("is the demonstrated trajectories' share of the total weight of all trajectories", () => {
    const demonstrations = episodesIn(model, createRng(5), 3, HORIZON);
    const shown = demonstratedVisits(model, demonstrations, horizon);
    const { logLikelihood } = trajectoryLikelihood(model, shown, horizon).evaluate(reward);
    let expected = 0;
    for (const { observations, actions } of demonstrations.trajectories) {
      let score = 0;
      for (let t = 0; t < actions.length; t++) score += DISCOUNT ** t * table[observations[t + 1]];
      const rest = partition(observations[actions.length], actions.length);
      expected += (score + Math.log(rest) - Math.log(partition(observations[0], 0))) / 3;
    }
    expect(logLikelihood).toBeCloseTo(expected, 10);
  });

  /** Σ over all ways to go on of Π p · exp Σ γᵗ r, counted one by one. */
  function partition(state: number, time: number): number {
    if (time === HORIZON || model.terminal[state]) return 1;
    let sum = 0;
    for (let pair = state * 2; pair < state * 2 + 2; pair++) {
      for (let e = model.rowStart[pair]; e < model.rowStart[pair + 1]; e++) {
        const weight = model.probability[e] * Math.exp(DISCOUNT ** time * table[model.next[e]]);
        sum += weight * partition(model.next[e], time + 1);
      }
    }
    return sum;
  }
});

describe("maxEntIrl on samples", () => {
  it("has the exact gradient for every policy of the learner", async () => {
    const { model, horizon, demonstrated } = sampledProblem;
    const exact = trajectoryLikelihood(model, demonstrated, horizon);
    const uniform = new TabularPolicy(5, uniformTable(model));
    const other = new TabularPolicy(
      5,
      Float64Array.from({ length: 10 }, (_, i) => (i % 2 ? 0.7 : 0.3)),
    );
    for (const policy of [uniform, other]) {
      expect(gradientError(await sampledGradient(maxEntIrl, policy), exact)).toBeLessThan(0.06);
    }
  });

  it("reports how many equal episodes the weighted ones are worth: more than one, and not all", async () => {
    const uniform = new TabularPolicy(5, uniformTable(sampledProblem.model));
    const { metrics } = await sampledRound(maxEntIrl, uniform, { episodes: 40 });
    expect(metrics.effectiveEpisodes).toBeGreaterThan(2);
    expect(metrics.effectiveEpisodes).toBeLessThan(39);
  });
});
