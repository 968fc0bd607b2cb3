/** @file Tests of the ensemble of rewards against its networks one by one, and of its gradient steps. */

import { describe, expect, it } from "vitest";
import { type EnsembleOptions, rewardEnsemble } from "../../../algorithms/preferences/reward-ensemble.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";

const spaces = { observationSpace: box([2], -1, 1), actionSpace: discrete(3) };
const options: EnsembleOptions = {
  ensemble: 2,
  input: "pair",
  hidden: [],
  activation: "tanh",
  learningRate: 0.1,
  l2: 0,
  minibatchSize: 1,
  segmentLength: 2,
  lapse: 0,
};
const unscaled = { mean: new Float32Array(2), scale: Float32Array.of(1, 1) };

/** The weights of member m of a linear reward of [s₀, s₁, absorbing, a = 0, a = 1, a = 2], and its bias. */
function weightsOf(ensemble: ReturnType<typeof rewardEnsemble>, parameters: Float32Array, m: number) {
  const views = ensemble.layout.views(parameters) as Record<string, { data: Float32Array }>;
  return { w: views[`member${m}.output.weight`].data, b: views[`member${m}.output.bias`].data[0] };
}

describe("an ensemble of rewards", () => {
  it("scores states, actions and the absorbing state by each member", async () => {
    const ensemble = rewardEnsemble(spaces, options);
    const parameters = ensemble.layout.initialise(createRng(0));
    const { rewards } = await ensemble.score.run({
      parameters,
      mean: Float32Array.of(0.5, 0),
      scale: Float32Array.of(2, 1),
      observations: Float32Array.of(1, -1, 0, 0),
      actions: Int32Array.of(2, 0),
      absorbing: Float32Array.of(0, 1),
    });
    for (const m of [0, 1]) {
      const { w, b } = weightsOf(ensemble, parameters, m);
      expect(rewards[2 * m]).toBeCloseTo(1 * w[0] - w[1] + w[5] + b, 5);
      expect(rewards[2 * m + 1]).toBeCloseTo(w[2] + b, 5);
    }
    expect(rewards[0]).not.toBeCloseTo(rewards[2], 3);
  });

  it("reads images by convolutions, and by another network where it is given", () => {
    const images = { observationSpace: box([12, 12, 3], 0, 255), actionSpace: discrete(3) };
    const viewsOf = ({ layout }: ReturnType<typeof rewardEnsemble>) =>
      layout.views(layout.initialise(createRng(0)));
    const names = (network?: EnsembleOptions["network"]) =>
      Object.keys(viewsOf(rewardEnsemble(images, { ...options, network }))).filter((name) =>
        name.startsWith("member1.network"),
      );
    expect(names().length).toBeGreaterThan(0);
    expect(names({ kind: "flatten" })).toEqual([]);
  });

  it("reports the cross-entropy of the difference of two returns, and takes a step that lowers it", async () => {
    const ensemble = rewardEnsemble(spaces, options);
    const state = ensemble.trainer.initialise(createRng(1));
    const before = state.parameters.slice();
    const observations = [1, 0, 0, 1, -1, 0, 0.5, 0.5];
    const actions = [0, 1, 2, 2];
    const rows = (steps: number) => ({
      observations: Float32Array.from({ length: steps * 8 }, (_, i) => observations[i % 8]),
      actions: Int32Array.from({ length: steps * 4 }, (_, i) => actions[i % 4]),
      absorbing: Float32Array.from({ length: steps * 4 }, (_, i) => Number(i % 4 === 3)),
      targets: new Float32Array(steps).fill(1),
      weights: new Float32Array(steps * 2).fill(1),
    });
    const feeds = { ...unscaled, ...rows(8) };
    const { means } = await ensemble.trainer.run(state, feeds, 1);
    const expected = [0, 1].map((m) => {
      const { w, b } = weightsOf(ensemble, before, m);
      const reward = (k: number, absorbing = 0) =>
        absorbing
          ? w[2] + b
          : w[0] * observations[2 * k] + w[1] * observations[2 * k + 1] + w[3 + actions[k]] + b;
      const difference = reward(0) + reward(1) - reward(2) - reward(3, 1);
      return Math.log1p(Math.exp(-difference));
    });
    expect(means.rewardLoss).toBeCloseTo((expected[0] + expected[1]) / 2, 4);
    const after = await ensemble.trainer.run(state, feeds, 1);
    expect(after.means.rewardLoss).toBeLessThan(means.rewardLoss);
  });

  it("has members that learn from comparisons with weight alone", async () => {
    const ensemble = rewardEnsemble(spaces, options);
    const state = ensemble.trainer.initialise(createRng(2));
    const before = state.parameters.slice();
    await ensemble.trainer.run(
      state,
      {
        ...unscaled,
        observations: Float32Array.from({ length: 8 * 8 }, (_, i) => (i % 3) - 1),
        actions: new Int32Array(8 * 4),
        absorbing: new Float32Array(8 * 4),
        targets: new Float32Array(8).fill(1),
        weights: Float32Array.from({ length: 8 * 2 }, (_, i) => i % 2),
      },
      1,
    );
    const changed = (m: number) =>
      weightsOf(ensemble, state.parameters, m).w.some((x, i) => x !== weightsOf(ensemble, before, m).w[i]);
    expect([changed(0), changed(1)]).toEqual([false, true]);
  });
});
