/** @file Spaces: widths, membership, and conversion to flat rows and back. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../src/random/rng.js";
import {
  allocateActions,
  box,
  contains,
  describeSpace,
  discrete,
  encodedWidth,
  flattenInto,
  type Space,
  sample,
  spaceProblem,
  spaceWidth,
  unflatten,
  whyOutside,
} from "../../src/spaces/index.js";

const leaf: fc.Arbitrary<Space> = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map(discrete),
  fc
    .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
    .map((sizes) => ({ kind: "multi-discrete" as const, sizes })),
  fc.integer({ min: 1, max: 5 }).map((n) => ({ kind: "multi-binary" as const, n })),
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(-Infinity, -2, 0),
      fc.constantFrom(0.1, 3, Infinity),
    )
    .map(([shape, low, high]) => box(shape, low, high)),
);

const { space: anySpace } = fc.letrec<{ space: Space }>((tie) => ({
  space: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc
      .array(tie("space"), { minLength: 1, maxLength: 3 })
      .map((spaces) => ({ kind: "tuple" as const, spaces })),
    fc
      .dictionary(fc.constantFrom("b", "a", "c"), tie("space"), { minKeys: 1 })
      .map((spaces) => ({ kind: "dict" as const, spaces })),
  ),
}));

const every = { seed: 1, numRuns: 300 };

describe("spaces", () => {
  it("contain their samples, which round-trip through flat rows", () => {
    fc.assert(
      fc.property(anySpace, fc.nat(), (space, seed) => {
        const value = sample(space, createRng(seed));
        expect(whyOutside(space, value)).toBeUndefined();
        const row = new Float64Array(spaceWidth(space) + 2).fill(-9);
        flattenInto(space, value, row, 1);
        expect([row[0], row.at(-1)]).toEqual([-9, -9]);
        expect(unflatten(space, row, 1)).toEqual(value);
      }),
      every,
    );
  });

  it("are valid when built from valid parts", () => {
    fc.assert(
      fc.property(anySpace, (space) => {
        expect(spaceProblem(space)).toBeUndefined();
      }),
      every,
    );
  });

  it("have one number per discrete part in a flat row, and one per value when encoded", () => {
    const parts: Space[] = [discrete(5), box([2, 3], 0, 1), { kind: "multi-discrete", sizes: [2, 3] }];
    const space: Space = { kind: "tuple", spaces: [...parts, { kind: "multi-binary", n: 4 }] };
    expect(spaceWidth(space)).toBe(1 + 6 + 2 + 4);
    expect(encodedWidth(space)).toBe(5 + 6 + 5 + 4);
  });

  it("keep the declared order of named parts in a flat row", () => {
    const space: Space = { kind: "dict", spaces: { b: discrete(3), a: discrete(9) } };
    const row = [0, 0];
    flattenInto(space, { a: 7, b: 2 }, row);
    expect(row).toEqual([2, 7]);
  });

  it.each([
    [discrete(3), 3],
    [discrete(3), -1],
    [discrete(3), 0.5],
    [discrete(3), "1"],
    [discrete(3), Number.NaN],
    [box([2], 0, 1), [0.5]],
    [box([2], 0, 1), [0.5, 1.001]],
    [box([2], 0, 1), [0.5, Number.NaN]],
    [box([2], -Infinity, Infinity), [0, Infinity]],
    [box([2], 0, 1), ["0", 1]],
    [box([2], 0, 1), undefined],
    [{ kind: "multi-discrete", sizes: [2, 3] }, [1, 3]],
    [{ kind: "multi-binary", n: 2 }, [1, 2]],
    [{ kind: "dict", spaces: { a: discrete(2) } }, { b: 1 }],
    [{ kind: "tuple", spaces: [discrete(2)] }, [2]],
  ] as [Space, unknown][])("%j does not contain %j", (space, value) => {
    expect(contains(space, value)).toBe(false);
    expect(whyOutside(space, value)).toMatch(/\w/);
  });

  it("contain a float32 observation on a bound that float32 cannot represent", () => {
    const space = box([2], -0.1, 0.1);
    expect(contains(space, Float32Array.of(-0.1, 0.1))).toBe(true);
    expect(contains(space, Float32Array.of(-0.1001, 0.1))).toBe(false);
  });

  it.each([
    [discrete(0), "positive integer"],
    [box([2], 1, 0), "low[0] = 1 is above high[0] = 0"],
    [{ kind: "box", shape: [3], low: [0], high: [1] }, "3 numbers"],
    [{ kind: "box", shape: [1.5], low: [0], high: [1] }, "positive integers"],
    [{ kind: "multi-discrete", sizes: [] }, "such as [3, 2], not []"],
    [{ kind: "tuple", spaces: [discrete(1), discrete(-1)] }, "part 1"],
    [{ kind: "boxx" }, "must be { kind"],
  ] as [Space, string][])("%j is refused", (space, reason) => {
    expect(spaceProblem(space)).toContain(reason);
  });

  it("have short names", () => {
    expect(describeSpace(box([2, 3], 0, 1))).toBe("Box(2×3)");
    expect(
      describeSpace({ kind: "dict", spaces: { a: discrete(2), b: { kind: "multi-binary", n: 3 } } }),
    ).toBe("Dict(a: Discrete(2), b: MultiBinary(3))");
  });

  it("return integer batches for discrete actions and float batches for boxes", () => {
    expect(allocateActions({ kind: "multi-discrete", sizes: [2, 3] }, 4)).toEqual(new Int32Array(8));
    expect(allocateActions(box([3], 0, 1), 4)).toEqual(new Float32Array(12));
    expect(() => allocateActions({ kind: "tuple", spaces: [discrete(2)] }, 1)).toThrow(/not supported/);
  });

  it("are sampled uniformly where bounded", () => {
    const rng = createRng(0);
    const draws = Array.from({ length: 4000 }, () => (sample(box([1], 2, 6), rng) as Float32Array)[0]);
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    // The standard error is 4 / √12 / √4000 ≈ 0.018.
    expect(Math.abs(mean - 4)).toBeLessThan(0.08);
    expect(Math.min(...draws)).toBeLessThan(2.05);
    expect(Math.max(...draws)).toBeGreaterThan(5.95);
  });
});

describe("encodedWidth", () => {
  it("refuses a space whose one-hot encoding no network holds", () => {
    expect(encodedWidth(discrete(2 ** 22))).toBe(2 ** 22);
    expect(() => encodedWidth(discrete(1e9))).toThrow(
      "a network on Discrete(1000000000) would have 1000000000 inputs or outputs; at most 4194304 fit",
    );
  });
});
