/** @file SQIL: the rewards of the demonstrated transitions, refused options, resumption. */

import { describe, expect, it } from "vitest";
import { sqil } from "../../../algorithms/index.js";
import { train } from "../../../index.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Algorithm } from "../../../src/learning/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { expectResumption, offPolicy, randomEpisodes } from "../../support/imitation.js";

const ENV = "CartPole-v1";

const demonstrations = await randomEpisodes(ENV, 6);
const pendulum = await randomEpisodes("Pendulum-v1", 1);

describe("SQIL", () => {
  it("gives demonstrated transitions reward 1, and terminal ones the value 1 / (1 − γ)", async () => {
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

  it("accepts sac and dqn; refuses learners without a replay buffer, priorities and unequal weights", async () => {
    expect(sqil({ demonstrations, optimiser: "dqn" }).options).toMatchObject({
      optimiser: { algorithm: "dqn" },
    });
    expect(() => sqil({ demonstrations, optimiser: "ppo" })).toThrow(
      /must learn from a replay, and ppo has none/,
    );
    const [first, ...others] = demonstrations.trajectories;
    const uneven = { ...demonstrations, trajectories: [{ ...first, weight: 2 }, ...others] };
    expect(() => sqil({ demonstrations: uneven })).toThrow(/different weights/);
    const byPriority = { algorithm: "dqn", prioritised: true, ...offPolicy } as const;
    await expect(
      train(sqil({ demonstrations, optimiser: byPriority }), { env: ENV, steps: 200 }),
    ).rejects.toThrow("dqn: demonstrations cannot be drawn by priority; set prioritised to false");
  });
});

describe("SQIL resumes from a snapshot with identical results", () => {
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
