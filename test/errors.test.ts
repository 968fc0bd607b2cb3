/** @file Messages of errors stay short, whatever the value in them. */

import { describe, expect, it } from "vitest";
import { didYouMean, FormatError, UsageError } from "../src/errors.js";

const long = "x".repeat(20_000_000);

describe("a message", () => {
  it.each([UsageError, FormatError])("of a %o keeps its beginning, its end and its cause", (Kind) => {
    const cause = new Error("first");
    const { message, name, cause: kept } = new Kind(`unknown id "${long}"; known: CartPole-v1`, { cause });
    expect(message).toMatch(/^unknown id "xxx/);
    expect(message).toMatch(/xxx"; known: CartPole-v1$/);
    expect(message).toContain("characters) …");
    expect(message.length).toBeLessThan(1000);
    expect(name).toBe(Kind.name);
    expect(kept).toBe(cause);
  });

  it("loses its middle if it has many words, and nothing if it is short", () => {
    expect(new UsageError("a few ".repeat(1_000_000)).message.length).toBeLessThan(5000);
    const list = Array.from({ length: 300 }, (_, i) => `Environment-v${i}`).join(", ");
    expect(new UsageError(list).message).toBe(list);
  });
});

describe("a suggestion", () => {
  it("takes no time for long names and many candidates", () => {
    const start = performance.now();
    expect(didYouMean(long, ["ppo", "sac"])).toBe("; known: ppo, sac");
    expect(didYouMean("ppq", [long, "ppo"])).toBe('; did you mean "ppo"?');
    const many = Array.from({ length: 200_000 }, (_, i) => String(i));
    expect(didYouMean("199999x", many)).toBe('; did you mean "199999"?');
    expect(didYouMean("x", [])).toBe("");
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
