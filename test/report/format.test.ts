import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeHtml, formatCell, formatEstimate, formatNumber } from "../../src/report/format.js";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [0.123456, "0.123"],
    [-0.123456, "−0.123"],
    [2.345, "2.35"],
    [499.96, "500"],
    [1234.5678, "1,235"],
    [50_000, "50,000"],
    [-12, "−12"],
    [12_345_678, "1.23e7"],
    [0.0000123, "1.23e−5"],
    [0.00012, "0.000120"],
    [Number.NaN, "n/a"],
    [null, "n/a"],
    [undefined, "n/a"],
    [Number.POSITIVE_INFINITY, "∞"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("writes %s as %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("keeps the requested number of significant digits", () => {
    expect(formatNumber(Math.PI, 2)).toBe("3.1");
    expect(formatNumber(Math.PI, 6)).toBe("3.14159");
  });

  it("is accurate to half a unit of the third digit, and never shows a negative zero", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (value) => {
        const text = formatNumber(value);
        const back = Number(text.replaceAll("−", "-").replaceAll(",", ""));
        expect(Math.abs(back - value)).toBeLessThanOrEqual(0.00501 * Math.abs(value));
        expect(text).not.toMatch(/^−0(\.0*)?$/);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("formatEstimate", () => {
  it.each([
    [{ value: 0.6123, low: 0.55, high: 0.671 }, "0.61 [0.55, 0.67]"],
    [{ value: 489.12, low: 470.2, high: 499.1 }, "489 [470, 499]"],
    [{ value: 0.84231, low: 0.83512, high: 0.85093 }, "0.842 [0.835, 0.851]"],
    [{ value: -0.0004, low: -0.05, high: 0.03 }, "0.00 [−0.05, 0.03]"],
    [{ value: 500, low: 500, high: 500 }, "500 [500, 500]"],
    [{ value: 0.5 }, "0.500"],
    [{ value: 0.5, low: Number.NaN, high: 1 }, "0.500"],
    [{ value: Number.NaN, low: 0, high: 1 }, "n/a"],
    [{ value: 1e9, low: 9e8, high: 2e9 }, "1.00e9 [9.00e8, 2.00e9]"],
  ])("writes %o as %s", (estimate, text) => expect(formatEstimate(estimate)).toBe(text));
});

describe("formatCell", () => {
  it("keeps text and formats numbers", () => {
    expect(formatCell("0.5")).toBe("0.5");
    expect(formatCell(0.5)).toBe("0.500");
    expect(formatCell(null)).toBe("n/a");
  });

  it("shows fractions and their intervals as percentages in columns of percentages", () => {
    expect(formatCell(0.992, { percent: true })).toBe("99.2 %");
    expect(formatCell({ value: 0.9, low: 0.85, high: 0.95 }, { percent: true })).toBe("90 [85, 95] %");
    expect(formatCell(Number.NaN, { percent: true })).toBe("n/a");
  });
});

it("escapeHtml replaces every character with a meaning in markup", () => {
  expect(escapeHtml(`<a href="x" id='y'>&amp;</a>`)).toBe(
    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;",
  );
});
