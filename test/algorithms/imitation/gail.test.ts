/** @file GAIL: its reward forms, refused options, resumption. */

import { describe, expect, it } from "vitest";
import { rewardForms } from "../../../algorithms/imitation/gail.js";
import { gail, ppo, sac } from "../../../algorithms/index.js";
import { type Demonstrations, train } from "../../../index.js";
import { subsample } from "../../../src/datasets/demonstration-tools.js";
import { demonstratedTransitions } from "../../../src/datasets/transitions.js";
import type { Algorithm } from "../../../src/learning/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { expectResumption, offPolicy, randomEpisodes, small, tiny } from "../../support/imitation.js";

const ENV = "CartPole-v1";

const demonstrations = await randomEpisodes(ENV, 6);
const pendulum = await randomEpisodes("Pendulum-v1", 1);

describe("the reward of GAIL", () => {
  const logits = [-40, -3, -0.5, 0, 0.5, 3, 40];

  it("increases with the expert's logit in every form", () => {
    for (const [form, reward] of Object.entries(rewardForms)) {
      const rewards = logits.map(reward);
      for (let i = 1; i < rewards.length; i++) expect(rewards[i], form).toBeGreaterThan(rewards[i - 1]);
    }
  });

  it("is log D, −log(1 − D), and their sum", () => {
    for (const logit of [-3, -0.5, 0, 0.5, 3]) {
      const d = 1 / (1 + Math.exp(-logit));
      expect(rewardForms["log-d"](logit)).toBeCloseTo(Math.log(d), 12);
      expect(rewardForms["negative-log-one-minus-d"](logit)).toBeCloseTo(-Math.log(1 - d), 12);
      expect(rewardForms.logit(logit)).toBeCloseTo(Math.log(d) - Math.log(1 - d), 12);
    }
  });

  it("is higher for the expert's transitions than for the learner's, once the discriminator is trained", async () => {
    const sorted = (action: number): Demonstrations => ({
      ...demonstrations,
      trajectories: demonstrations.trajectories.map((trajectory) => ({
        ...trajectory,
        actions: trajectory.actions.map(() => action) as Int32Array,
      })),
    });
    for (const action of [0, 1]) {
      const algorithm = gail({ demonstrations: sorted(action), optimiser: ppo(small) });
      const { state } = await train.run(algorithm, { env: ENV, steps: 640, seed: 0 });
      const rows = demonstratedTransitions(sorted(action));
      const reward = algorithm.reward(state);
      const shown = await reward(rows);
      const other = await reward({ ...rows, actions: rows.actions.map((a) => 1 - a) as Int32Array });
      for (let i = 0; i < rows.count; i++) {
        if (!rows.terminated[i]) expect(shown[i]).toBeGreaterThan(other[i]);
      }
    }
  });
});

describe("windows of trajectories as examples", () => {
  it("are refused with subsampled episodes, and with off-policy optimisers", async () => {
    const some = subsample(demonstrations, { every: 3, rng: createRng(0) });
    expect(() => gail({ demonstrations: some, classify: "trajectories" })).toThrow(
      /needs demonstrations with all steps/,
    );
    const [first, ...others] = demonstrations.trajectories;
    const mixed = { ...demonstrations, trajectories: [some.trajectories[0], ...others] };
    expect(first.steps).toBeUndefined();
    expect(() => gail({ demonstrations: mixed, classify: "trajectories" })).toThrow(
      /needs demonstrations with all steps/,
    );
    const { minibatchSize: _, rolloutSteps: __, epochs: ___, ...rest } = small;
    const algorithm = gail({
      demonstrations,
      classify: "trajectories",
      optimiser: sac({ ...rest, minibatchSize: 16, learningStarts: 16, trainEvery: 16 }),
      discriminator: tiny,
    });
    await expect(train(algorithm, { env: ENV, steps: 64 })).rejects.toThrow(
      /needs whole trajectories, and sac learns from single transitions/,
    );
  });
});

describe("GAIL, restored from a snapshot,", () => {
  const cases: Record<string, () => [string, Algorithm]> = {
    "with ppo, standardised observations and a spectral norm": () => [
      ENV,
      gail({
        demonstrations: subsample(demonstrations, { every: 3, rng: createRng(0) }),
        optimiser: { ...small, normaliseObservations: true, normaliseRewards: true },
        discriminator: { ...tiny, spectralNormalisation: true, entropyCoefficient: 0.01 },
      }),
    ],
    "of trajectories": () => [
      ENV,
      gail({
        demonstrations,
        optimiser: ppo(small),
        classify: "trajectories",
        trajectorySteps: 8,
        discriminator: tiny,
      }),
    ],
    "with sac": () => [
      "Pendulum-v1",
      gail({
        demonstrations: pendulum,
        optimiser: { algorithm: "sac", ...offPolicy },
        discriminator: tiny,
      }),
    ],
    "with dqn": () => [
      ENV,
      gail({ demonstrations, optimiser: { algorithm: "dqn", ...offPolicy }, discriminator: tiny }),
    ],
  };
  it.each(Object.keys(cases))("continues with identical results: %s", async (name) => {
    await expectResumption(...cases[name]());
  });
});
