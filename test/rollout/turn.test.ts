/** @file Long loops return to the event loop, and end at a signal. */

import { describe, expect, it } from "vitest";
import { createTurns } from "../../src/rollout/turn.js";

describe("createTurns", () => {
  it("yields to the event loop about every 50 ms, and not in every iteration", async () => {
    const turn = createTurns();
    let [fired, iterations] = [false, 0];
    setTimeout(() => {
      fired = true;
    });
    for (; !fired && iterations < 1e7; iterations++) await turn();
    expect(fired).toBe(true);
    expect(iterations).toBeGreaterThan(100);
  });

  it("throws the reason of an aborted signal", async () => {
    const controller = new AbortController();
    const turn = createTurns(controller.signal);
    await turn();
    controller.abort(new Error("enough"));
    await expect(turn()).rejects.toThrow("enough");
  });
});
