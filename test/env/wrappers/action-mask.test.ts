/** @file Masks of `info` in observations: their forms, what is refused, and environments that have them. */

import { describe, expect, it } from "vitest";
import { maskedObservation } from "../../../src/env/wrappers/index.js";
import { LegalMoves } from "../../support/legal-moves.js";

/** One step, with these masks in the `info` of the reset and of the step. */
const withMasks = (
  reset: unknown,
  step: unknown,
  { terminated = false, actions = { n: 3 } as object } = {},
) => ({
  id: "Masks",
  observationSpace: { n: 2 },
  actionSpace: actions as { n: number },
  reset: () => ({ observation: 1, info: reset === undefined ? {} : { action_mask: reset } }),
  step: () => ({
    observation: 0,
    reward: 0,
    terminated,
    truncated: false,
    info: step === undefined ? {} : { action_mask: step },
  }),
});

describe("an environment with masks in info", () => {
  it("shows them beside the observation", () => {
    const environment = maskedObservation(withMasks([0, 1, 0], Int8Array.of(1, 1, 0)));
    expect(environment.observationSpace).toEqual({
      kind: "dict",
      spaces: { observation: { kind: "discrete", n: 2 }, actionMask: { kind: "multi-binary", n: 3 } },
    });
    expect(environment.reset().observation).toEqual({ observation: 1, actionMask: [0, 1, 0] });
    expect(environment.step(0).observation).toEqual({ observation: 0, actionMask: [1, 1, 0] });
  });

  it("takes flags, and the masks of several choices one by one", () => {
    const choices = maskedObservation(
      withMasks(
        [
          [true, false],
          [1, 0, 1],
        ],
        undefined,
        { actions: { nvec: [2, 3] } },
      ),
    );
    expect(choices.reset().observation).toEqual({ observation: 1, actionMask: [1, 0, 1, 0, 1] });
  });

  it("adds the mask to the parts of a dict", () => {
    const parts = {
      ...withMasks(undefined, undefined),
      observationSpace: { spaces: { a: { n: 2 }, b: { n: 3 } } },
      reset: () => [{ a: 1, b: 2 }, { actionMask: [1, 1, 1] }],
    };
    expect(maskedObservation(parts).reset().observation).toEqual({ a: 1, b: 2, actionMask: [1, 1, 1] });
  });

  it("may allow nothing, or say nothing, at a terminal state", () => {
    for (const mask of [undefined, [0, 0, 0]]) {
      const environment = maskedObservation(withMasks([1, 0, 0], mask, { terminated: true }));
      environment.reset();
      expect(environment.step(0).observation).toEqual({ observation: 0, actionMask: mask ?? [1, 1, 1] });
    }
  });

  it.each([
    [undefined, "Masks, step 1 of episode 1: info has no actionMask; give one at every reset and step"],
    [[0, 0, 0], "step 1 of episode 1: info.action_mask allows no action: at least one entry must be 1"],
    [
      [1, 1],
      "info.action_mask must have 3 entries of 0 or 1 for actions in Discrete(3), but it has 2 entries",
    ],
    [[1, 2, 0], "but entry 1 is 2"],
    [[1, "1", 0], "but entry 1 is NaN"],
    ["110", "but it has no entries"],
  ])("is told that %j is no mask", (mask, message) => {
    const environment = maskedObservation(withMasks([1, 1, 1], mask));
    environment.reset();
    expect(() => environment.step(0)).toThrow(message);
  });

  it("is refused with continuous actions", () => {
    const actions = { shape: [2], low: -1, high: 1 };
    expect(() => maskedObservation(withMasks([1, 1], [1, 1], { actions }))).toThrow(
      "Masks: info has an action mask, but actions in Box(2) cannot be masked: they must be discrete or multi-discrete",
    );
  });

  it("goes on from a snapshot with the same masks", () => {
    const environment = maskedObservation(new LegalMoves());
    const first = environment.reset({ seed: 3 }).observation as unknown as { actionMask: number[] };
    const action = first.actionMask.indexOf(1);
    const state = environment.getState!();
    const after = environment.step(action);
    environment.reset({ seed: 4 });
    environment.setState!(state);
    expect(environment.step(action)).toEqual(after);
  });
});
