/**
 * @file Shared properties of the four IRL algorithms: exact resumes, discounts, reward distances, and refused options.
 */

import { describe, expect, it } from "vitest";
import { apprenticeship, gameTheoretic, maxCausalEntIrl, maxEntIrl } from "../../../../algorithms/index.js";
import type { InverseAlgorithm } from "../../../../algorithms/irl/shared/contract.js";
import { epicDistance, modelReward } from "../../../../src/diagnostics/epic.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import type { Algorithm, State } from "../../../../src/learning/contract.js";
import { tabularModel } from "../../../../src/mdp/index.js";
import { collect } from "../../../../src/measure/collect.js";
import { createRng } from "../../../../src/random/rng.js";
import { train } from "../../../../src/runs/train.js";
import { restore, snapshot } from "../../../../src/state/snapshot.js";
import { expert, features, make, model } from "../macro-cells.js";

describe("every algorithm of inverse RL", () => {
  const cases = async (): Promise<Record<string, () => Algorithm<State>>> => {
    const demonstrations = await collect(expert, { env: make, episodes: 20, seed: 0 });
    const shown = { demonstrations, features, iterations: 8 };
    return {
      apprenticeship: () => apprenticeship(shown) as unknown as Algorithm<State>,
      "sampled expectations": () => apprenticeship({ ...shown, episodes: 5 }) as unknown as Algorithm<State>,
      gameTheoretic: () => gameTheoretic(shown) as unknown as Algorithm<State>,
      maxEntIrl: () => maxEntIrl(shown) as unknown as Algorithm<State>,
      maxCausalEntIrl: () => maxCausalEntIrl(shown) as unknown as Algorithm<State>,
      network: () => maxCausalEntIrl({ ...shown, hidden: [8] }) as unknown as Algorithm<State>,
      "a learner": () =>
        maxEntIrl({
          ...shown,
          optimiser: { algorithm: "ppo", hidden: [8], environments: 2, minibatchSize: 64 },
          optimiserUpdates: 1,
          episodes: 4,
        }) as unknown as Algorithm<State>,
      "a soft learner": () =>
        maxCausalEntIrl({
          ...shown,
          optimiser: { algorithm: "sac", temperature: 1, hidden: [8], learningStarts: 32, minibatchSize: 8 },
          optimiserUpdates: 1,
          episodes: 4,
        }) as unknown as Algorithm<State>,
    };
  };

  it("resumes from a snapshot bit for bit", async () => {
    const problem = await problemOf(make);
    for (const [name, create] of Object.entries(await cases())) {
      const whole = create();
      const state = await whole.init(problem, createRng(0));
      for (let i = 0; i < 3; i++) await whole.update(state);
      const saved = snapshot(state);
      const resumed = create();
      const other = await resumed.init(problem, createRng(0));
      restore(other, saved);
      for (let i = 0; i < 2; i++)
        expect([name, await resumed.update(other)]).toEqual([name, await whole.update(state)]);
      expect(resumed.policy(other).toData()).toEqual(whole.policy(state).toData());
    }
  });

  it("refuses a learner whose policies have memory when it is created", () => {
    for (const algorithm of [apprenticeship, gameTheoretic, maxEntIrl, maxCausalEntIrl]) {
      const optimiser = { algorithm: "ppo", recurrentUnits: 4 };
      expect(() => algorithm({ expert, optimiser })).toThrow(
        /so they cannot have memory; leave recurrentUnits out/,
      );
    }
  });

  it("uses the learner's discount, unless the option discount is set", async () => {
    const demonstrations = await collect(expert, { env: make, episodes: 5, seed: 0 });
    const small = { hidden: [8], environments: 2, minibatchSize: 64, rolloutSteps: 32 };
    const problem = await problemOf(make);
    for (const create of [apprenticeship, maxEntIrl]) {
      const first = async (own: number, discount?: number) => {
        const optimiser = { algorithm: "ppo", ...small, discount: own };
        const options = { demonstrations, features, optimiser, optimiserUpdates: 1, episodes: 4, discount };
        const algorithm = create(options) as unknown as Algorithm<State>;
        return (await algorithm.update(await algorithm.init(problem, createRng(0)))).featureGap;
      };
      expect(await first(0.5)).toBe(await first(0.5, 0.5));
      expect(await first(0.5)).not.toBe(await first(0.5, 1));
    }
  });

  it("reports the distance to the true reward, also with a learner, if there is a model", async () => {
    const demonstrations = await collect(expert, { env: make, episodes: 5, seed: 0 });
    const problem = await problemOf(make);
    const optimiser = { algorithm: "ppo", hidden: [8], environments: 2, rolloutSteps: 32, minibatchSize: 64 };
    for (const create of [apprenticeship, gameTheoretic, maxEntIrl]) {
      const shown = { demonstrations, features, discount: 0.8, optimiser, optimiserUpdates: 1, episodes: 4 };
      const algorithm = create(shown) as unknown as InverseAlgorithm<State>;
      const state = await algorithm.init(problem, createRng(0));
      const { epic } = await algorithm.update(state);
      const { parameters } = algorithm.reward(state);
      const next = Float64Array.from(features, (row) =>
        row.reduce((sum, x, k) => sum + x * parameters[k], 0),
      );
      expect(epic).toBeCloseTo(epicDistance(model, { next }, modelReward(model)), 9);
    }
  });

  it("refuses invalid options, and names valid ones", async () => {
    const cartPole = { env: "CartPole-v1" };
    const { demonstrations } = { demonstrations: await collect(expert, { env: make, episodes: 2, seed: 0 }) };
    for (const algorithm of [apprenticeship({}), gameTheoretic({}), maxEntIrl({}), maxCausalEntIrl({})]) {
      await expect(train(algorithm as Algorithm<State>, { env: make })).rejects.toThrow(
        /give demonstrations or an expert, one of them/,
      );
    }
    const both = { states: 2, actions: 1, discount: 0.9, initial: 0 };
    const model = tabularModel({ ...both, transitions: (s) => [{ next: s, probability: 1 }] });
    const two = () => tabularEnvironment("Two", model, { maxEpisodeSteps: 3 });
    for (const create of [apprenticeship, gameTheoretic, maxEntIrl, maxCausalEntIrl]) {
      const algorithm = create({ demonstrations }) as unknown as Algorithm<State>;
      await expect(train(algorithm, { env: two })).rejects.toThrow(/but Two has/);
    }
    await expect(train(maxCausalEntIrl({ demonstrations, expert }), { env: make })).rejects.toThrow(
      /not both/,
    );
    await expect(train(maxEntIrl({ expert }), { env: make })).rejects.toThrow(/needs a horizon/);
    await expect(train(maxCausalEntIrl({ expert, discount: 1 }), { env: make })).rejects.toThrow(
      /must be below 1/,
    );
    await expect(train(apprenticeship({ expert, features: [[1], [2]] }), { env: make })).rejects.toThrow(
      /it has 2 rows, the first of 1 numbers/,
    );
    const nothing = features.map(() => [0]);
    await expect(train(gameTheoretic({ expert, features: nothing }), { env: make })).rejects.toThrow(
      /every feature is 0/,
    );
    const plain = { ...(await problemOf(make)), model: { ...model, features: undefined } };
    await expect(apprenticeship({ expert, features: "task" }).init(plain, createRng(0))).rejects.toThrow(
      /MacroCells-v0 defines no features/,
    );
    await import("../../../../envs/index.js");
    await expect(train(apprenticeship({ demonstrations }), cartPole)).rejects.toThrow(
      /apprenticeship: the data set of MacroCells-v0 has observations .*, but CartPole-v1 has/,
    );
  });
});
