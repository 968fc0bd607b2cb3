/** @file Trust in the annotators of a run, by agreement with what others taught: closed forms, and a claim with controls. */

import { describe, expect, it } from "vitest";
import { preferenceLearning } from "../../../../algorithms/index.js";
import { trustByAgreement } from "../../../../algorithms/preferences/preference-learning/agreement.js";
import type { Comparison } from "../../../../algorithms/preferences/preference-learning/fit.js";
import "../../../../envs/index.js";
import { problemOf } from "../../../../src/env/problem.js";
import { annotator } from "../../../../src/people/annotator.js";
import type { Labeller } from "../../../../src/people/labeller.js";
import { createRng } from "../../../../src/random/rng.js";

const state = { sampleRng: createRng("trust") };

describe("trust by agreement", () => {
  const returns = [Float64Array.of(1, 0)];
  const answers = (name: string | undefined, targets: number[]): Comparison[] =>
    targets.map((target, i) => ({ id: i + 1, left: 0, right: 1, target, annotator: name }));

  it("is relative to the annotator who agrees most, with four answers of the usual agreement", () => {
    const comparisons = [
      ...answers("ann", [1, 1, 1, 1]),
      ...answers("ben", [1, 1, 0, 0.5]),
      ...answers(undefined, [0]),
    ];
    const usual = 6 / 7;
    const shares = { ann: (4 + 4 * usual) / 8, ben: (2 + 4 * usual) / 7 };
    const found = trustByAgreement(comparisons, returns, state, { heldOut: 1, ensemble: 1 });
    expect(found.ann).toBe(1);
    expect(found.ben).toBeCloseTo((2 * shares.ben - 1) / (2 * shares.ann - 1), 12);
  });

  it("counts an answer only with members that have not seen it", () => {
    const [first] = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => ({
      id,
      left: 0,
      right: 1,
      target: 1,
      annotator: "ann",
    }));
    const seen = trustByAgreement([first], returns, state, { heldOut: 0, ensemble: 1 });
    // Nothing is known, so nobody is trusted less.
    expect(seen).toEqual({ ann: 1 });
  });

  it("is 1 for all where nobody agrees more than by chance", () => {
    const comparisons = [...answers("ann", [0, 0, 0]), ...answers("ben", [1, 0, 0])];
    const found = trustByAgreement(comparisons, returns, state, { heldOut: 1, ensemble: 1 });
    expect(found).toEqual({ ann: 1, ben: 1 });
  });
});

describe("preference learning with trust", () => {
  /** Five people in turn, of whom some answer at random. */
  const crowd = (careless: readonly number[]): Labeller<"comparison"> => {
    const people = [0, 1, 2, 3, 4].map((who) =>
      annotator({ name: `person ${who}`, seed: who, mistake: careless.includes(who) ? 0.5 : 0 }),
    );
    return {
      ...{ kind: "crowd", asks: "comparison" },
      async *label(request, signal) {
        for (const [who, person] of people.entries()) {
          const queries = request.queries.filter(({ id }) => id % 5 === who);
          yield* person.label({ ...request, queries }, signal);
        }
      },
    };
  };
  const learnt = async (careless: readonly number[], annotatorWeights: "equal" | "agreement") => {
    const algorithm = preferenceLearning({
      ...{
        labeller: crowd(careless),
        annotatorWeights,
        comparisons: 120,
        rounds: 1,
        segmentLength: 20,
        query: "random",
      },
      ...{ epochs: 40, hidden: [16], heldOut: 0.2, roundSteps: 10_000 },
      optimiser: { algorithm: "ppo", environments: 2, rolloutSteps: 16, minibatchSize: 32, hidden: [8] },
    });
    const problem = await problemOf("Pendulum-v1");
    const run = await algorithm.init(problem, createRng(1));
    await algorithm.update(run);
    // How often the reward agrees with the true returns of all segments.
    const returns = run.segments.map(({ rewards }) => rewards.reduce((sum, x) => sum + x, 0));
    const own = await Promise.all(
      run.segments.map(async ({ observations, actions }) => {
        const steps = actions.length;
        const rows = {
          observations: observations.subarray(0, 3 * steps),
          nextObservations: observations.subarray(3),
        };
        const ends = { terminated: new Uint8Array(steps), truncated: new Uint8Array(steps) };
        const rewards = await algorithm.reward(run)({ ...rows, ...ends, actions });
        return Array.from(rewards).reduce((sum, x) => sum + x, 0);
      }),
    );
    let [right, pairs] = [0, 0];
    for (let i = 0; i < own.length; i++) {
      for (let j = 0; j < i; j++) {
        right += Number(own[i] > own[j] === returns[i] > returns[j]);
        pairs++;
      }
    }
    return { accuracy: right / pairs, trust: run.trust };
  };

  it("weighs careless people less, which makes the reward better; and all alike where all are right", async () => {
    const careless = [1, 3];
    const [equal, trusting, control] = await Promise.all([
      learnt(careless, "equal"),
      learnt(careless, "agreement"),
      learnt([], "agreement"),
    ]);
    expect(equal.trust).toEqual({});
    const weights = [0, 1, 2, 3, 4].map((who) => trusting.trust[`person ${who}`]);
    for (const [who, weight] of weights.entries()) {
      if (careless.includes(who)) expect(weight).toBeLessThan(0.5);
      else expect(weight).toBeGreaterThan(0.6);
    }
    expect(trusting.accuracy).toBeGreaterThan(equal.accuracy + 0.02);
    for (const weight of Object.values(control.trust)) expect(weight).toBeGreaterThan(0.7);
    expect(control.accuracy).toBeGreaterThan(trusting.accuracy - 0.02);
  }, 60_000);
});
