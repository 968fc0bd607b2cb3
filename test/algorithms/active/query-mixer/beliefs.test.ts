/** @file What is believed of an expert's policy: what answers change, and the information in questions. */

import { describe, expect, it } from "vitest";
import {
  type Answers,
  actionInformation,
  beliefsOf,
  choiceInformation,
  meanPolicy,
} from "../../../../algorithms/active/query-mixer/beliefs.js";
import { createRng } from "../../../../src/random/rng.js";

const options = { states: 3, actions: 2, members: 20, deviation: 3, beta: 1, fitSteps: 50 };
const beliefs = (own: Partial<typeof options> = {}) => beliefsOf({ ...options, ...own }, createRng(4));
const none: Answers = { pairs: { states: [], actions: [] }, comparisons: [] };
const fitted = (answers: Partial<Answers>, own: Partial<typeof options> = {}) => {
  const these = beliefs(own);
  const members = these.priors();
  these.fit(members, { ...none, ...answers });
  return { members, logs: these.logPolicies(members) };
};

describe("a committee", () => {
  it("has the preferences of the prior without answers", () => {
    expect(fitted({}).members).toEqual(beliefs().priors());
  });

  it("believes actions that were given, and knows nothing of other states", () => {
    const answers = { pairs: { states: [1, 1, 1], actions: [0, 0, 0] } };
    const { logs, members } = fitted(answers);
    expect(meanPolicy(logs)[2]).toBeGreaterThan(0.9);
    const priors = beliefs().priors();
    for (const [m, z] of members.entries()) expect(z.slice(4)).toEqual(priors[m].slice(4));
    const information = actionInformation(logs, 2);
    expect(information[1]).toBeLessThan(0.2);
    expect(information[0]).toBeGreaterThan(information[1]);
  });

  it("has the maximum of its objective: the pull of the prior is that of the answers", () => {
    const { members } = fitted({ pairs: { states: [0], actions: [1] } }, { members: 1, fitSteps: 200 });
    const [z] = members;
    const [prior] = beliefs({ members: 1 }).priors();
    const away = [0, 1].map((a) => (z[a] - prior[a]) / 9);
    // w (1 − p) pulls the action up, and the others down.
    expect(away[1]).toBeGreaterThan(0);
    expect(away[0]).toBeCloseTo(-away[1], 6);
    const p = Math.exp(z[1]) / (Math.exp(z[0]) + Math.exp(z[1]));
    const weight = -Math.log(1 - createRng(4).stream("pair", 0).uniform());
    expect(away[1]).toBeCloseTo(weight * (1 - p), 4);
  });

  it("takes the actions of the path that was better, and is the same after both were swapped", () => {
    const [first, second] = [
      { states: [0, 1], actions: [0, 0] },
      { states: [0, 2], actions: [1, 1] },
    ];
    const better = Array.from({ length: 8 }, () => ({ first, second, target: 1 }));
    const swapped = better.map(() => ({ first: second, second: first, target: 0 }));
    const one = fitted({ comparisons: better });
    expect(meanPolicy(one.logs)[0]).toBeGreaterThan(meanPolicy(beliefs().logPolicies(beliefs().priors()))[0]);
    for (const [m, z] of fitted({ comparisons: swapped }).members.entries()) {
      z.forEach((x, at) => {
        expect(x).toBeCloseTo(one.members[m][at], 6);
      });
    }
  });
});

describe("information", () => {
  const sure = (...ps: number[]) => ps.map((p) => Float64Array.of(Math.log(p), Math.log(1 - p)));

  it("of an action is H[mean] − mean H: ln 2 for two sure opposites, 0 where all agree", () => {
    expect(actionInformation(sure(1 - 1e-12, 1e-12), 2)[0]).toBeCloseTo(Math.LN2, 6);
    expect(actionInformation(sure(0.3, 0.3), 2)[0]).toBeCloseTo(0, 12);
    const h = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    expect(actionInformation(sure(0.2, 0.7), 2)[0]).toBeCloseTo(h(0.45) - (h(0.2) + h(0.7)) / 2, 12);
  });

  it("of a choice depends on how differently the members rank the paths", () => {
    const path = (action: number) => ({ states: [0], actions: [action] });
    const pair = [path(0), path(1)] as const;
    const of = (beta: number, ...ps: number[]) => choiceInformation(sure(...ps), 2, [...pair], beta);
    expect(of(1, 0.4, 0.4)).toBeCloseTo(0, 12);
    expect(of(50, 0.9, 0.1)).toBeCloseTo(Math.LN2, 6);
    // σ(log(p / (1 − p))) = p.
    const h = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    expect(of(1, 0.9, 0.3)).toBeCloseTo(h(0.6) - (h(0.9) + h(0.3)) / 2, 12);
    expect(choiceInformation(sure(0.9, 0.1), 2, [path(0), path(0)], 1)).toBeCloseTo(0, 12);
  });
});
