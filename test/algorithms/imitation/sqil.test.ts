/** @file SQIL: the rewards of the demonstrated transitions, what it refuses, resumption. */

import { describe, expect, it } from "vitest";
import { sqil } from "../../../algorithms/index.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Algorithm } from "../../../src/learning/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { expectResumption, offPolicy, randomEpisodes } from "../../support/imitation.js";

const ENV = "CartPole-v1";

const demonstrations = await randomEpisodes(ENV, 6);
const pendulum = await randomEpisodes("Pendulum-v1", 1);

describe("SQIL", () => {
  it("rewards all that the expert did with 1, and for ever once it is done", async () => {
    const algorithm = sqil({ demonstrations, optimiser: { ...offPolicy, gradientSteps: 2 } });
    const state = await algorithm.init(await problemOf(ENV), createRng(0));
    const { rewards, ends } = state.demonstrations!.getState() as unknown as {
      rewards: Float32Array;
      ends: Uint8Array;
    };
    const tail = 1 + 0.99 / (1 - 0.99);
    for (let i = 0; i < rewards.length; i++) expect(rewards[i]).toBeCloseTo(ends[i] === 1 ? tail : 1, 3);
    expect(ends.includes(1)).toBe(true);
  });

  it("takes sac and dqn, and refuses learners without a replay and uneven weights", () => {
    expect(sqil({ demonstrations, optimiser: "dqn" }).options).toMatchObject({
      optimiser: { algorithm: "dqn" },
    });
    expect(() => sqil({ demonstrations, optimiser: "ppo" })).toThrow(
      /must learn from a replay, and ppo has none/,
    );
    const [first, ...others] = demonstrations.trajectories;
    const uneven = { ...demonstrations, trajectories: [{ ...first, weight: 2 }, ...others] };
    expect(() => sqil({ demonstrations: uneven })).toThrow(/different weights/);
  });
});

describe("SQIL, saved and restored, continues as if it had not been", () => {
  it("with discrete actions", async () => {
    const algorithm = sqil({ demonstrations, optimiser: { ...offPolicy, gradientSteps: 2 } });
    await expectResumption(ENV, algorithm as Algorithm);
  });

  it("with continuous actions", async () => {
    await expectResumption(
      "Pendulum-v1",
      sqil({ demonstrations: pendulum, optimiser: offPolicy }) as Algorithm,
    );
  });
});
