/** @file Fusion of the policies of the rounds. */

import { describe, expect, it } from "vitest";
import { fuse } from "../../../../algorithms/imitation/dagger/fusion.js";
import { actorCritic, NetworkPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";

describe("fusion", () => {
  const parametersOf = (shape: Parameters<typeof actorCritic>[0], seed: number) => {
    const vector = actorCritic(shape).layout.initialise(createRng(seed));
    return createRng(`noise ${seed}`).fillNormal(vector);
  };

  const rows = createRng("rows").fillNormal(new Float32Array(15));

  it.each([
    [[]],
    [[5]],
    [[4, 6]],
  ])("averages the logits of discrete policies by weight, hidden %j", async (hidden) => {
    const shape = {
      observationSpace: box([3], -9, 9),
      actionSpace: discrete(4),
      hidden,
      activation: "tanh" as const,
      critic: false,
    };
    const members = [1, 2, 3].map((seed) => ({ parameters: parametersOf(shape, seed), weight: seed }));
    const single = await Promise.all(
      members.map(({ parameters }) => new NetworkPolicy(shape, parameters).probabilities!(rows)),
    );
    const pooled = await fuse(shape, members).probabilities!(rows);
    for (let row = 0; row < 5; row++) {
      // π ∝ Π π_m^w_m with w = 1/6, 2/6, 3/6.
      const product = [0, 1, 2, 3].map((a) =>
        Math.exp(single.reduce((sum, p, m) => sum + ((m + 1) / 6) * Math.log(p[row * 4 + a]), 0)),
      );
      const total = product.reduce((a, b) => a + b);
      for (let a = 0; a < 4; a++) expect(pooled[row * 4 + a]).toBeCloseTo(product[a] / total, 4);
    }
  });

  it("averages the means of Gaussian policies by weight", async () => {
    const shape = {
      observationSpace: box([3], -9, 9),
      actionSpace: box([2], -100, 100),
      hidden: [5],
      activation: "relu" as const,
      critic: false,
    };
    const members = [1, 2].map((seed) => ({ parameters: parametersOf(shape, seed), weight: seed }));
    const options = { rng: createRng(0), deterministic: true };
    const [a, b] = await Promise.all(
      members.map(async (m) => (await new NetworkPolicy(shape, m.parameters).act(rows, options)).actions),
    );
    const pooled = (await fuse(shape, members).act(rows, options)).actions;
    for (let i = 0; i < 10; i++) expect(pooled[i]).toBeCloseTo((a[i] + 2 * b[i]) / 3, 4);
  });
});
