/** @file Action masks in spaces: where they lie in a row, what they allow, and which parts are none. */

import { describe, expect, it } from "vitest";
import {
  actionMaskOf,
  allowedOptions,
  box,
  discrete,
  isAllowed,
  requireAllowedActions,
  type Space,
  withoutPart,
} from "../../src/spaces/index.js";

const dict = (spaces: Record<string, Space>) => ({ kind: "dict" as const, spaces });
const bits = (n: number): Space => ({ kind: "multi-binary", n });
const actionSpace = discrete(3);

describe("the action mask of observations", () => {
  it.each([
    ["actionMask", bits(3)],
    ["action_mask", box([3], 0, 1)],
    ["actionMask", { kind: "multi-discrete", sizes: [2, 2, 2] } as Space],
  ])("is the part %s in the form %j, after the parts before it", (name, part) => {
    const observationSpace = dict({ seen: box([2], -1, 1), [name]: part, rest: discrete(4) });
    expect(actionMaskOf({ observationSpace, actionSpace })).toEqual({
      name,
      offset: 2,
      width: 3,
      row: 6,
      sizes: [3],
    });
  });

  it("has the options of all choices of multi-discrete actions", () => {
    const observationSpace = dict({ actionMask: bits(5), seen: box([1], 0, 1) });
    const mask = actionMaskOf({ observationSpace, actionSpace: { kind: "multi-discrete", sizes: [2, 3] } });
    expect(mask).toMatchObject({ offset: 0, width: 5, sizes: [2, 3] });
    expect(allowedOptions(mask!.sizes, [0, 1, 1, 0, 1])).toEqual([[1], [0, 2]]);
    const rows = [0, 1, 1, 0, 1, 0.5];
    expect(isAllowed(mask!, rows, 0, [1, 2])).toBe(true);
    expect(isAllowed(mask!, rows, 0, [1, 1])).toBe(false);
  });

  it("is absent from other observations, and from those of continuous actions", () => {
    expect(actionMaskOf({ observationSpace: box([3], 0, 1), actionSpace })).toBeUndefined();
    expect(actionMaskOf({ observationSpace: dict({ mask: bits(3) }), actionSpace })).toBeUndefined();
    const observationSpace = dict({ actionMask: box([7], 0, 9) });
    expect(actionMaskOf({ observationSpace, actionSpace: box([3], -1, 1) })).toBeUndefined();
  });

  it.each([bits(4), box([3], -1, 1), box([3], 0, 2), discrete(3)])("is refused in the form %j", (part) => {
    const observationSpace = dict({ seen: discrete(2), actionMask: part });
    expect(() => actionMaskOf({ observationSpace, actionSpace })).toThrow(
      /part actionMask of the observations is .*, but a mask of the actions Discrete\(3\) has 3 zeros and ones/,
    );
  });
});

describe("rows of observations", () => {
  const observationSpace = dict({ seen: box([1], -1, 1), actionMask: bits(3) });
  const mask = actionMaskOf({ observationSpace, actionSpace })!;

  it("are refused where the mask allows nothing, with the number of the row", () => {
    requireAllowedActions(mask, Float32Array.of(9, 0, 0, 1));
    expect(() => requireAllowedActions(mask, Float32Array.of(9, 0, 0, 1, 9, 0, 0, 0))).toThrow(
      "actionMask of observation 1 allows no action: at least one entry must be 1 wherever an action is taken",
    );
  });

  it("have the other parts without the mask, or the only one of them", () => {
    expect(withoutPart(observationSpace, "actionMask")).toEqual(box([1], -1, 1));
    const more = dict({ ...observationSpace.spaces, rest: discrete(2) });
    expect(withoutPart(more, "actionMask")).toEqual(dict({ seen: box([1], -1, 1), rest: discrete(2) }));
  });
});
