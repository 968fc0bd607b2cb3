/** @file Options that several imitation algorithms share. */

import { describe, expect, it } from "vitest";
import {
  imitationOptions,
  imitationTask,
  rewardTask,
} from "../../../../algorithms/imitation/shared/options.js";
import { algorithmCatalogue } from "../../../../algorithms/index.js";
import { collect, loadExpert } from "../../../../index.js";
import { problemOf } from "../../../../src/env/problem.js";

describe("the options shared by imitation algorithms", () => {
  it("include demonstrations, which are required except by DAgger", () => {
    for (const name of ["airl", "bc", "density", "distributionMatching", "gail", "sqil"]) {
      expect(algorithmCatalogue[name].needs).toEqual(["demonstrations"]);
      expect(() => algorithmCatalogue[name].create({})).toThrow(/option "demonstrations" is required/);
    }
  });

  it("are in every schema", () => {
    for (const name of ["airl", "bc", "dagger", "density", "distributionMatching", "gail", "sqil"]) {
      expect(Object.keys(algorithmCatalogue[name].schema.shape)).toEqual(
        expect.arrayContaining(Object.keys(imitationOptions)),
      );
    }
  });

  it("refuse an absorbing state whose return would be infinite", async () => {
    const env = "CartPole-v1";
    const demonstrations = await collect(await loadExpert(env), { env, episodes: 1 });
    const given = (horizon: string, discount: number) => ({
      demonstrations,
      horizon,
      optimiser: { algorithm: "ppo", discount },
    });
    for (const name of ["airl", "gail", "density", "distributionMatching"]) {
      const { create } = algorithmCatalogue[name];
      expect(() => create(given("absorbing", 1)), name).toThrow(
        `${name}: the return of the absorbing state is infinite when ppo's discount is 1`,
      );
      expect(() => create(given("absorbing", 0.99)), name).not.toThrow();
      expect(() => create(given("variable", 1)), name).not.toThrow();
    }
  });

  it("refuse a problem of other spaces, and add the absorbing state's return only where it is learnt", async () => {
    const env = "CartPole-v1";
    const demonstrations = await collect(await loadExpert(env), { env, episodes: 1 });
    const other = await problemOf("FrozenLake-v1");
    expect(() => imitationTask("named", { demonstrations }).requireProblem(other)).toThrow(
      /named: the data set of CartPole-v1 has observations/,
    );
    for (const [horizon, expected] of [
      ["absorbing", [1, 1 + 9 * 2]],
      ["variable", [1, 1]],
    ] as const) {
      const optimiser = { algorithm: "ppo", discount: 0.9 };
      const task = rewardTask("named", { demonstrations, horizon, optimiser } as never);
      const rewards = Float64Array.of(1, 1);
      task.addAbsorbing(rewards, [0, 1], 2);
      for (const [i, x] of expected.entries()) expect(rewards[i]).toBeCloseTo(x, 9);
    }
  });

  it("are recorded by every algorithm, the demonstrations by their fingerprint", async () => {
    const env = "CartPole-v1";
    const expert = await loadExpert(env);
    const demonstrations = await collect(expert, { env, episodes: 1 });
    const { record } = imitationTask("bc", { demonstrations });
    expect(Object.keys(record)).toEqual(Object.keys(imitationOptions));
    expect(record.demonstrations).toMatchObject({ env, episodes: 1, checksum: expect.any(String) });
    for (const name of ["airl", "bc", "dagger", "density", "distributionMatching", "gail", "sqil"]) {
      const optimiser = name === "sqil" ? { optimiser: "dqn" } : {};
      const options = { demonstrations, ...optimiser, ...(name === "dagger" && { expert }) };
      expect(algorithmCatalogue[name].create(options).options, name).toMatchObject(record);
    }
  });
});
