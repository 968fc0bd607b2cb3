/** @file Options that several imitation algorithms share. */

import { describe, expect, it } from "vitest";
import { imitationOptions, imitationTask } from "../../../../algorithms/imitation/shared/options.js";
import { algorithmCatalogue } from "../../../../algorithms/index.js";
import { collect, loadExpert } from "../../../../index.js";

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
