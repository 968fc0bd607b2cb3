/** @file Spectral normalisation. */

import { describe, expect, it } from "vitest";
import { spectralNormalisation } from "../../../../algorithms/imitation/adversarial/spectral.js";
import * as nn from "../../../../src/nn/index.js";
import { createRng } from "../../../../src/random/rng.js";
import * as t from "../../../../src/tensor/index.js";

describe("spectral normalisation", () => {
  it("gives a matrix a largest singular value of 1 once the directions have converged", () => {
    const layout = nn.layoutOf({
      weight: nn.dense(2, 2).parameters.weight,
      bias: nn.dense(2, 2).parameters.bias,
    });
    const spectral = spectralNormalisation(layout);
    const program = t.program(
      { parameters: t.float32([layout.size]), directions: t.float32([spectral.size]) },
      (given) => {
        const { parameters, directions } = spectral.apply(
          layout.unflatten(given.parameters),
          given.directions,
        );
        return { all: layout.flatten(parameters as Parameters<typeof layout.flatten>[0]), directions };
      },
    );
    // Of [[3, 0], [4, 5]] the singular values are 3√5 and √5.
    let directions: ArrayLike<number> = spectral.initialise(createRng(0));
    for (let i = 0; i < 20; i++) {
      directions = program.interpret({ parameters: [3, 0, 4, 5, 7, 8], directions }).directions;
    }
    const { all } = program.interpret({ parameters: [3, 0, 4, 5, 7, 8], directions });
    const expected = [3, 0, 4, 5].map((x) => x / (3 * Math.sqrt(5)));
    for (let i = 0; i < 4; i++) expect(all[i]).toBeCloseTo(expected[i], 6);
    expect([all[4], all[5]]).toEqual([7, 8]);
  });
});
