/** @file The density baseline resumes. Its kernels are tested with `shared/kernel-density`. */

import { describe, it } from "vitest";
import { density, ppo } from "../../../algorithms/index.js";
import { expectResumption, randomEpisodes, small } from "../../support/imitation.js";

const ENV = "CartPole-v1";

describe("density resumes from a snapshot with identical results", () => {
  const options = { optimiser: ppo(small), kernels: 40 };

  it("with discrete actions", async () => {
    await expectResumption(ENV, density({ demonstrations: await randomEpisodes(ENV, 6), ...options }));
  });

  it("with continuous actions", async () => {
    const demonstrations = await randomEpisodes("Pendulum-v1", 1);
    await expectResumption("Pendulum-v1", density({ demonstrations, ...options }));
  });
});
