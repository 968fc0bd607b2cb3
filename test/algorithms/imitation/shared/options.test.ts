/** @file Options that several algorithms of imitation share. */

import { describe, expect, it } from "vitest";
import { imitationOptions } from "../../../../algorithms/imitation/shared/options.js";
import { algorithmCatalogue } from "../../../../algorithms/index.js";

describe("the options that all imitation shares", () => {
  it("include demonstrations, which all but DAgger need", () => {
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
});
