/** @file Apprenticeship learning with a reinforcement learner learns the expert's behaviour; with a control. */

import { describe, expect, it } from "vitest";
import { apprenticeship } from "../../algorithms/index.js";
import { gaps, ppo, random } from "./sampled-irl.js";

describe("apprenticeship on samples", () => {
  it("learns the expert's behaviour as a mixture of networks from episodes, and not from random ones", async () => {
    const options = { optimiser: ppo, optimiserUpdates: 6, iterations: 7, discount: 0.9 };
    const create = (demonstrated: object) => apprenticeship({ ...demonstrated, ...options });
    const runs = [await gaps(create), await gaps(create, { seed: 1 })];
    for (const { metrics, policy } of runs) {
      expect(metrics.at(-1)!.margin).toBeLessThan(0.15 * metrics[0].margin);
      expect(metrics.at(-1)!.valueGap).toBeLessThan(0.15 * runs[0].first);
      expect(policy.toData().kind).toBe("mixture");
    }
    const control = await gaps(create, { demonstrations: random });
    expect(control.last).toBeGreaterThan(0.5 * runs[0].first);
  }, 120_000);
});
