/** @file Apprenticeship learning with a reinforcement learner learns the expert's behaviour; with a control. */

import { describe, expect, it } from "vitest";
import { apprenticeship } from "../../algorithms/index.js";
import { lacking, ppo } from "./sampled-irl.js";

describe("apprenticeship on samples", () => {
  it("learns the expert's behaviour as a mixture of networks from episodes, and not from random ones", async () => {
    const options = { optimiser: ppo, optimiserUpdates: 6, iterations: 7, discount: 0.9 };
    const create = (demonstrated: object) => apprenticeship({ ...demonstrated, ...options });
    const { claimed, control } = await lacking(create);
    for (const { gap, metrics, policy } of claimed) {
      expect(gap).toBeLessThan(0.15);
      expect(metrics.at(-1)!.margin).toBeLessThan(0.15 * metrics[0].margin);
      expect(policy.toData().kind).toBe("mixture");
    }
    for (const { gap } of control) expect(gap).toBeGreaterThan(0.5);
  }, 480_000);
});
