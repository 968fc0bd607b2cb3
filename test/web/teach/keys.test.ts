/** @file The keys of actions and how they are printed. */

import { describe, expect, it } from "vitest";
import { actionKeys, isUsable, printedKey } from "../../../web/teach/keys.js";

describe("keys of actions", () => {
  it("are arrows and letters for directions, and digits for others, each once", () => {
    expect(actionKeys(["left", "nothing", "right"])).toEqual([
      ["ArrowLeft", "a"],
      ["0", "n"],
      ["ArrowRight", "d"],
    ]);
    const taxi = actionKeys(["down", "up", "right", "left", "pick up", "drop off"], ["s", "z"]);
    expect(taxi.map(([key]) => key)).toEqual(["ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft", "1", "2"]);
    expect(taxi.flat()).not.toContain("s");
    const many = actionKeys(Array.from({ length: 40 }, (_, a) => `action ${a}`)).flat();
    expect(new Set(many).size).toBe(many.length);
  });

  it("are printed as signs", () => {
    expect(["ArrowLeft", " ", "s", "Enter", "Backspace"].map(printedKey)).toEqual([
      "←",
      "Space",
      "S",
      "Enter",
      "⌫",
    ]);
  });

  it("leave the keys of the browser alone", () => {
    expect(["Tab", "Shift", "Escape"].some(isUsable)).toBe(false);
    expect(isUsable("q")).toBe(true);
  });
});
